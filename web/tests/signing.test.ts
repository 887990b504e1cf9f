import { describe, expect, it } from "vitest";
import { hexOf, typedDataHash } from "../src/wallet/eip712";
import { approveAgentData, l1Digest } from "../src/wallet/hyperliquid";
import { keyOf, newKey, splitSignature } from "../src/wallet/key";
import { type Packable, pack } from "../src/wallet/msgpack";
import vectors from "./vectors/signing.json";

const key = keyOf(vectors.secret);
const NO_ADDRESS = `0x${"0".repeat(40)}`;
const DOMAIN = { name: "Floorbook", version: "1", chainId: 31337, verifyingContract: NO_ADDRESS };

describe("msgpack", () => {
  it.each(vectors.msgpack.map(({ value, bytes }) => [JSON.stringify(value).slice(0, 40), value, bytes]))(
    "packs %s", (_name, value, bytes) => expect(hexOf(pack(value as Packable))).toBe(bytes),
  );
  it("packs long texts and lists behind 32 bits of length", () => {
    expect(hexOf(pack("x".repeat(70_000)).slice(0, 6))).toBe("0xdb0001117078");
    expect(hexOf(pack(new Array(70_000).fill(null)).slice(0, 6))).toBe("0xdd00011170c0");
  });
  it("refuses what cannot be signed exactly", () => {
    expect(() => pack(0.5)).toThrow("decimals are strings");
    expect(() => pack(2 ** 53)).toThrow();
    expect(() => pack(2n ** 64n)).toThrow("64 bits");
  });
});

describe("keys", () => {
  it("knows its address", () => expect(key.address).toBe(vectors.address));
  it("makes keys that differ", () => expect(newKey().address).not.toBe(newKey().address));
  it("takes a wallet's 65 bytes, with v from 0 or from 27", () => {
    const [r, s] = ["11".repeat(32), "22".repeat(32)];
    expect(splitSignature(`0x${r}${s}01`)).toEqual({ r: `0x${r}`, s: `0x${s}`, v: 28 });
    expect(splitSignature(`0x${r}${s}1b`).v).toBe(27);
  });
});

describe("Hyperliquid's L1 scheme", () => {
  it.each(vectors.l1)("signs $action.type, vault $vaultAddress", ({ action, vaultAddress, expiresAfter, digest, signature }) => {
    const found = l1Digest({ action: action as unknown as Packable, nonce: vectors.nonce, vaultAddress, expiresAfter });
    expect(hexOf(found)).toBe(digest);
    expect(key.sign(found)).toEqual(signature);
  });
});

describe("typed data", () => {
  it.each(vectors.agents)("asks a wallet to approve the agent '$agentName'", ({ agentAddress, agentName, chainId, digest }) => {
    expect(hexOf(typedDataHash(approveAgentData(agentAddress, agentName, vectors.nonce, chainId)))).toBe(digest);
  });
  it.each(vectors.native)("signs $primaryType", ({ action, primaryType, members, digest, signature }) => {
    const { type: _, ...fields } = action;
    const message = { ...fields, account: NO_ADDRESS, nonce: vectors.nonce, expiresAfter: 0 };
    const found = typedDataHash({ domain: DOMAIN, types: { [primaryType]: members }, primaryType, message });
    expect(hexOf(found)).toBe(digest);
    expect(key.sign(found)).toEqual(signature);
  });
  it("refuses a missing member", () => {
    const data = { domain: DOMAIN, types: { A: [{ name: "x", type: "uint64" }] }, primaryType: "A", message: {} };
    expect(() => typedDataHash(data)).toThrow("missing");
  });
});
