/**
 * Hyperliquid's two schemes, testnet only: source "b", chain "Testnet".
 *
 *     connection id = keccak(msgpack(action) | nonce, 8 B | 00, or 01 and the vault's 20 B | nothing, or 00 and expiry, 8 B)
 *
 * That domain names no server: an order signed with source "a" would be good on another exchange's mainnet too.
 */

import { keccak_256 } from "@noble/hashes/sha3.js";
import { concatBytes } from "@noble/hashes/utils.js";
import { type TypedData, bytesOf, hexOf, typedDataHash } from "./eip712";
import { type Packable, bigEndian, pack } from "./msgpack";

const NO_CONTRACT = `0x${"0".repeat(40)}`;
const AGENT = [
  { name: "source", type: "string" },
  { name: "connectionId", type: "bytes32" },
];
const APPROVE_AGENT = [
  { name: "hyperliquidChain", type: "string" },
  { name: "agentAddress", type: "address" },
  { name: "agentName", type: "string" },
  { name: "nonce", type: "uint64" },
];

export interface L1Request {
  action: Packable;
  nonce: number;
  vaultAddress: string | null;
  expiresAfter: number | null;
}

export function l1Digest(request: L1Request): Uint8Array {
  return typedDataHash({
    domain: { name: "Exchange", version: "1", chainId: 1337, verifyingContract: NO_CONTRACT },
    types: { Agent: AGENT },
    primaryType: "Agent",
    message: { source: "b", connectionId: hexOf(connectionId(request)) },
  });
}

export function connectionId({ action, nonce, vaultAddress, expiresAfter }: L1Request): Uint8Array {
  const vault = vaultAddress ? concatBytes(Uint8Array.of(1), bytesOf(vaultAddress)) : Uint8Array.of(0);
  const expiry = expiresAfter === null ? [] : [0, ...bigEndian(expiresAfter, 8)];
  return keccak_256(
    concatBytes(pack(action), Uint8Array.from(bigEndian(nonce, 8)), vault, Uint8Array.from(expiry)),
  );
}

/** What a wallet signs once so that this page may trade: the wallet's own chain, so that it agrees to sign. */
export function approveAgentData(agentAddress: string, agentName: string, nonce: number, chainId: number): TypedData {
  return {
    domain: { name: "HyperliquidSignTransaction", version: "1", chainId, verifyingContract: NO_CONTRACT },
    types: { "HyperliquidTransaction:ApproveAgent": APPROVE_AGENT },
    primaryType: "HyperliquidTransaction:ApproveAgent",
    message: { hyperliquidChain: "Testnet", agentAddress, agentName, nonce },
  };
}
