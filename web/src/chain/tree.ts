/**
 * What a batch commits to, hashed as the contracts hash it: the accounts' tree with its sums, the payouts'.
 *
 *     leaf    keccak(00 | number u64 | owner | status u8 | lanes 6 x u128 | locked 2 x u128 | positions' hash
 *             | tokens' hash)
 *     node    keccak(01 | left record | right record)       record = hash | lanes; a node's lanes are sums
 *     payout  keccak(02 | number u64 | owner | kind u8 | id u32 | value u128)       keccak(03 | left | right)
 *
 * Spec: docs/spec/settlement.md
 */

import { keccak_256 } from "@noble/hashes/sha3.js";
import { concatBytes } from "@noble/hashes/utils.js";
import { type Domain, type Types, bytesOf, hexOf, typedDataHash } from "../wallet/eip712";
import { bigEndian } from "../wallet/msgpack";
import type { Batch, Integer, Leaf, Position, Token } from "./types";

export const LANES = 6;
const ASSETS = 2;
const NOTHING = new Uint8Array(32);
const U128 = 1n << 128n;

/** A leaf or node: its hash and the sums of what is below it. */
export interface Sum {
  hash: Uint8Array;
  lanes: bigint[];
}

export function leafSum(leaf: Leaf): Sum {
  const hash = keccak_256(
    concatBytes(
      uint(0, 1), uint(leaf.number, 8), bytesOf(leaf.owner), uint(leaf.status, 1), lanesOf(leaf.lanes),
      lockedOf(leaf.locked), positionsHash(leaf.positions), tokensHash(leaf.tokens),
    ),
  );
  return { hash, lanes: leaf.lanes.map(BigInt) };
}

export function positionsHash(positions: readonly Position[]): Uint8Array {
  return listHash(positions, ({ market, asset, size, upnl }) =>
    concatBytes(uint(market, 4), uint(asset, 1), uint(size, 16), uint(upnl, 16)),
  );
}

export function tokensHash(tokens: readonly Token[]): Uint8Array {
  return listHash(tokens, ({ collection, token }) => concatBytes(uint(collection, 4), uint(token, 8)));
}

function listHash<T>(items: readonly T[], write: (item: T) => Uint8Array): Uint8Array {
  return items.length ? keccak_256(concatBytes(...items.map(write))) : NOTHING;
}

/** Throws if a sum does not fit 128 bits: nobody may hide a claim behind an overflow. */
export function nodeSum(left: Sum, right: Sum): Sum {
  const lanes = left.lanes.map((lane, at) => lane + (right.lanes[at] ?? 0n));
  if (lanes.some((lane) => lane >= U128)) throw new Error("A sum does not fit 128 bits.");
  return { hash: keccak_256(concatBytes(uint(1, 1), recordOf(left), recordOf(right))), lanes };
}

/** Climbs from the account's place to the root; `siblings` are records, bottom up. */
export function rootOf(leaf: Sum, number: number, siblings: readonly string[]): Sum {
  return siblings.map(sumOf).reduce((own, sibling, level) => {
    const isRight = Math.floor(number / 2 ** level) % 2 === 1;
    return isRight ? nodeSum(sibling, own) : nodeSum(own, sibling);
  }, leaf);
}

export function recordOf({ hash, lanes }: Sum): Uint8Array {
  return concatBytes(hash, lanesOf(lanes));
}

export function sumOf(record: string): Sum {
  const bytes = bytesOf(record);
  const lanes = Array.from({ length: LANES }, (_, at) => BigInt(hexOf(bytes.slice(32 + 16 * at, 48 + 16 * at))));
  return { hash: bytes.slice(0, 32), lanes };
}

/** Levels of the smallest tree with a place for every account. */
export function depthOf(accounts: Integer): number {
  const count = BigInt(accounts);
  let depth = 0;
  while (1n << BigInt(depth) < count) depth++;
  return depth;
}

export interface PayoutLeaf {
  number: Integer;
  owner: string;
  kind: Integer;
  id: Integer;
  value: Integer;
}

export function payoutHash({ number, owner, kind, id, value }: PayoutLeaf): Uint8Array {
  return keccak_256(concatBytes(uint(2, 1), uint(number, 8), bytesOf(owner), uint(kind, 1), uint(id, 4), uint(value, 16)));
}

export function payoutsRootOf(leaf: Uint8Array, index: number, siblings: readonly string[]): Uint8Array {
  return siblings.map(bytesOf).reduce((own, sibling, level) => {
    const isRight = Math.floor(index / 2 ** level) % 2 === 1;
    return keccak_256(concatBytes(uint(3, 1), isRight ? sibling : own, isRight ? own : sibling));
  }, leaf);
}

const BATCH: Types = {
  Batch: [
    "uint64 number", "uint64 journalSeq", "uint64 time", "bytes32 journalHead", "uint64 accounts", "bytes32 accountsRoot",
    "uint128[6] sums", "uint64 payouts", "bytes32 payoutsRoot", "uint64 payoutNumber", "uint64 depositSequence",
    "uint128[2] withdrawn", "bytes32 marksHash",
  ].map((member) => {
    const [type = "", name = ""] = member.split(" ");
    return { type, name };
  }),
};

/** The batch as a tuple of the contracts' ABI, and its members in that order. */
export const BATCH_TUPLE = `(${BATCH["Batch"]?.map(({ type }) => type).join(",")})`;
export const batchValues = (batch: Batch) =>
  (BATCH["Batch"] ?? []).map(({ name }) => batch[name as keyof Batch] as string | number | (string | number)[]);

/** What the operators sign. */
export function batchDigest(batch: Batch, chainId: number, settlement: string): Uint8Array {
  const domain: Domain = { name: "Floorbook", version: "1", chainId, verifyingContract: settlement };
  return typedDataHash({ domain, types: BATCH, primaryType: "Batch", message: { ...batch } });
}

function lanesOf(lanes: readonly Integer[] | readonly bigint[]): Uint8Array {
  if (lanes.length !== LANES) throw new Error(`There are ${LANES} sums, not ${lanes.length}.`);
  return concatBytes(...lanes.map((lane) => uint(lane, 16)));
}

/** What of each claim no forced exit gets: hashed, but never summed. */
function lockedOf(locked: readonly Integer[]): Uint8Array {
  if (locked.length !== ASSETS) throw new Error(`There are ${ASSETS} assets, not ${locked.length}.`);
  return concatBytes(...locked.map((amount) => uint(amount, 16)));
}

/** Big-endian; a negative number as its two's complement.  Throws where it does not fit. */
function uint(value: Integer | bigint, bytes: number): Uint8Array {
  const whole = BigInt(value);
  const bits = BigInt(8 * bytes);
  if (whole >= 1n << bits || whole < -(1n << (bits - 1n))) throw new Error(`${whole} does not fit ${bytes} bytes.`);
  return Uint8Array.from(bigEndian(BigInt.asUintN(8 * bytes, whole), bytes));
}
