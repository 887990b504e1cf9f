/** EIP-712 typed data, hashed.  A wallet shows and hashes it by itself; the demo key has only this. */

import { keccak_256 } from "@noble/hashes/sha3.js";
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { bigEndian } from "./msgpack";

export interface Member {
  name: string;
  type: string;
}
export type Types = Record<string, Member[]>;
export interface Domain {
  name: string;
  version: string;
  chainId: number;
  verifyingContract: string;
}
export interface TypedData {
  domain: Domain;
  types: Types;
  primaryType: string;
  message: Record<string, unknown>;
}

export const DOMAIN_MEMBERS: Member[] = [
  { name: "name", type: "string" },
  { name: "version", type: "string" },
  { name: "chainId", type: "uint256" },
  { name: "verifyingContract", type: "address" },
];

/** keccak256(0x19 0x01 | domain separator | struct hash) */
export function typedDataHash({ domain, types, primaryType, message }: TypedData): Uint8Array {
  const separator = hashStruct({ EIP712Domain: DOMAIN_MEMBERS }, "EIP712Domain", { ...domain });
  return keccak_256(concatBytes(Uint8Array.of(0x19, 0x01), separator, hashStruct(types, primaryType, message)));
}

export function hashStruct(types: Types, name: string, value: Record<string, unknown>): Uint8Array {
  const members = membersOf(types, name).map((member) => encode(types, member.type, value[member.name]));
  return keccak_256(concatBytes(typeHash(types, name), ...members));
}

function typeHash(types: Types, name: string): Uint8Array {
  const others = [...referenced(types, name)].filter((other) => other !== name).sort();
  return keccak_256(utf8ToBytes([name, ...others].map((each) => signatureOf(types, each)).join("")));
}

function signatureOf(types: Types, name: string): string {
  return `${name}(${membersOf(types, name).map((member) => `${member.type} ${member.name}`).join(",")})`;
}

function referenced(types: Types, name: string, found = new Set([name])): Set<string> {
  for (const { type } of membersOf(types, name)) {
    const base = type.split("[")[0] ?? "";
    if (!(base in types) || found.has(base)) continue;
    found.add(base);
    referenced(types, base, found);
  }
  return found;
}

function membersOf(types: Types, name: string): Member[] {
  const members = types[name];
  if (!members) throw new Error(`no type ${name}`);
  return members;
}

function encode(types: Types, type: string, value: unknown): Uint8Array {
  if (value === undefined || value === null) throw new Error(`a ${type} is missing`);
  if (type.endsWith("]")) {
    const member = type.slice(0, type.lastIndexOf("["));
    return keccak_256(concatBytes(...(value as unknown[]).map((item) => encode(types, member, item))));
  }
  if (type in types) return hashStruct(types, type, value as Record<string, unknown>);
  if (type === "string") return keccak_256(utf8ToBytes(String(value)));
  if (type === "bytes") return keccak_256(bytesOf(String(value)));
  if (type === "bool") return word(value ? 1n : 0n);
  if (type === "address") return padded(bytesOf(String(value)), "left");
  if (/^bytes\d+$/.test(type)) return padded(bytesOf(String(value)), "right");
  if (/^u?int\d+$/.test(type)) return word(BigInt(value as string | number | bigint));
  throw new Error(`no encoding for ${type}`);
}

const word = (value: bigint): Uint8Array => Uint8Array.from(bigEndian(BigInt.asUintN(256, value), 32));

function padded(bytes: Uint8Array, side: "left" | "right"): Uint8Array {
  const out = new Uint8Array(32);
  out.set(bytes, side === "left" ? 32 - bytes.length : 0);
  return out;
}

export function bytesOf(hex: string): Uint8Array {
  return hexToBytes(hex.replace(/^0x/, ""));
}

export function hexOf(bytes: Uint8Array): string {
  return `0x${bytesToHex(bytes)}`;
}
