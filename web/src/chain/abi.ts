/** The contracts' ABI: calls written from a function's signature, answers read word by word. */

import { keccak_256 } from "@noble/hashes/sha3.js";
import { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { bytesOf, hexOf } from "../wallet/eip712";
import { bigEndian } from "../wallet/msgpack";

export type Value = bigint | number | string | boolean | readonly Value[];

const WORD = 32;

/** `encodeCall("approve(address,uint256)", [spender, 5n])`: selector and arguments as hex. */
export function encodeCall(signature: string, values: readonly Value[]): string {
  const types = signature.slice(signature.indexOf("("));
  return hexOf(concatBytes(selector(signature), encode(types, values)));
}

export function selector(signature: string): Uint8Array {
  return keccak_256(utf8ToBytes(signature)).slice(0, 4);
}

/** The first topic of an event. */
export function topic(signature: string): string {
  return hexOf(keccak_256(utf8ToBytes(signature)));
}

/** `type` may be any of the contracts': uintN, intN, address, bool, bytesN, bytes, string, T[], T[N], (T,T). */
export function encode(type: string, value: Value): Uint8Array {
  const parts = partsOf(type, value);
  if (parts) return type.endsWith("[]") ? concatBytes(word(parts.length), together(parts)) : together(parts);
  if (type === "bytes" || type === "string") {
    const bytes = type === "bytes" ? bytesOf(String(value)) : utf8ToBytes(String(value));
    return concatBytes(word(bytes.length), bytes, new Uint8Array(-bytes.length & (WORD - 1)));
  }
  if (/^bytes\d/.test(type)) return concatBytes(bytesOf(String(value)), new Uint8Array(WORD)).slice(0, WORD);
  return word(value as bigint);
}

/** What stays in place comes first; of what has no fixed length there the offset, behind all heads the rest. */
function together(parts: readonly (readonly [string, Value])[]): Uint8Array {
  const encoded = parts.map(([type, value]) => ({ isDynamic: isDynamic(type), bytes: encode(type, value) }));
  let at = encoded.reduce((sum, part) => sum + (part.isDynamic ? WORD : part.bytes.length), 0);
  const heads = encoded.map((part) => {
    if (!part.isDynamic) return part.bytes;
    at += part.bytes.length;
    return word(at - part.bytes.length);
  });
  return concatBytes(...heads, ...encoded.filter((part) => part.isDynamic).map((part) => part.bytes));
}

function partsOf(type: string, value: Value): [string, Value][] | undefined {
  const items = value as readonly Value[];
  if (type.endsWith("]")) return items.map((item) => [type.slice(0, type.lastIndexOf("[")), item]);
  if (!type.startsWith("(")) return undefined;
  const types = membersOf(type);
  if (types.length !== items.length) throw new Error(`${type} has ${types.length} members, not ${items.length}`);
  return types.map((member, at) => [member, items[at] ?? 0]);
}

function isDynamic(type: string): boolean {
  if (type.endsWith("[]") || type === "bytes" || type === "string") return true;
  if (type.endsWith("]")) return isDynamic(type.slice(0, type.lastIndexOf("[")));
  return type.startsWith("(") && membersOf(type).some(isDynamic);
}

/** The types between the outer brackets, those inside inner ones kept whole. */
function membersOf(type: string): string[] {
  const members: string[] = [];
  let depth = 0;
  let from = 1;
  for (let at = 1; at < type.length; at++) {
    const sign = type[at];
    if (depth === 0 && (sign === "," || sign === ")")) {
      if (at > from) members.push(type.slice(from, at));
      from = at + 1;
    } else if (sign === "(") depth++;
    else if (sign === ")") depth--;
  }
  return members;
}

const word = (value: bigint | number | string | boolean): Uint8Array =>
  Uint8Array.from(bigEndian(BigInt.asUintN(256, BigInt(value)), WORD));

/** The words of an answer whose members all have a fixed length. */
export function words(hex: string): bigint[] {
  return (hex.replace(/^0x/, "").match(/.{64}/g) ?? []).map((digits) => BigInt(`0x${digits}`));
}

export function addressOf(value: bigint): string {
  return `0x${value.toString(16).padStart(40, "0").slice(-40)}`;
}
