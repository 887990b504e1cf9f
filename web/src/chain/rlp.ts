/** RLP, and a transaction of type 2 (EIP-1559) signed by a key of the page. */

import { keccak_256 } from "@noble/hashes/sha3.js";
import { concatBytes } from "@noble/hashes/utils.js";
import { bytesOf, hexOf } from "../wallet/eip712";
import type { Key } from "../wallet/key";

export type Item = Uint8Array | Item[];

export interface Transaction {
  chainId: number;
  nonce: number;
  maxPriorityFeePerGas: bigint; // [wei]
  maxFeePerGas: bigint; // [wei]
  gas: bigint;
  to: string;
  value: bigint; // [wei]
  data: string;
}

const TYPE = Uint8Array.of(2);

/** Returns what `eth_sendRawTransaction` takes. */
export function signTransaction(transaction: Transaction, key: Key): string {
  const unsigned = fieldsOf(transaction);
  const { r, s, v } = key.sign(keccak_256(concatBytes(TYPE, rlp(unsigned))));
  return hexOf(concatBytes(TYPE, rlp([...unsigned, whole(v - 27), whole(r), whole(s)])));
}

/** Without an access list. */
function fieldsOf(tx: Transaction): Item[] {
  const numbers = [tx.chainId, tx.nonce, tx.maxPriorityFeePerGas, tx.maxFeePerGas, tx.gas].map(whole);
  return [...numbers, bytesOf(tx.to), whole(tx.value), bytesOf(tx.data), []];
}

export function rlp(item: Item): Uint8Array {
  if (Array.isArray(item)) {
    const inside = concatBytes(...item.map(rlp));
    return concatBytes(head(inside.length, 0xc0), inside);
  }
  if (item.length === 1 && (item[0] ?? 0) < 0x80) return item;
  return concatBytes(head(item.length, 0x80), item);
}

/** Up to 55 bytes the length stands in the first byte, beyond it the length of the length. */
function head(length: number, from: number): Uint8Array {
  if (length < 56) return Uint8Array.of(from + length);
  const size = whole(length);
  return concatBytes(Uint8Array.of(from + 55 + size.length), size);
}

/** An integer without leading zeros; nothing for 0. */
export function whole(value: number | bigint | string): Uint8Array {
  const digits = BigInt(value).toString(16);
  return digits === "0" ? new Uint8Array() : bytesOf(digits.padStart(digits.length + (digits.length % 2), "0"));
}
