import { describe, expect, it } from "vitest";
import { type Value, encodeCall, words } from "../../src/chain/abi";
import { rlp, signTransaction, whole } from "../../src/chain/rlp";
import { hexOf } from "../../src/wallet/eip712";
import { keyOf } from "../../src/wallet/key";
import vectors from "../vectors/chain.json";

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

describe("the ABI", () => {
  it.each(vectors.calls)("encodes $signature", ({ signature, values, data }) => {
    expect(encodeCall(signature, values as Value[])).toBe(data);
  });
  it("refuses a tuple with a member missing", () => {
    expect(() => encodeCall("f(uint8,uint8)", [1])).toThrow("2 members, not 1");
  });
  it("reads words", () => expect(words(`0x${"0".repeat(63)}1${"f".repeat(64)}`)).toEqual([1n, 2n ** 256n - 1n]));
});

describe("RLP", () => {
  // The examples of the yellow paper's appendix.
  it.each([
    ["dog", text("dog"), "0x83646f67"],
    ["a list", [text("cat"), text("dog")], "0xc88363617483646f67"],
    ["nothing", new Uint8Array(), "0x80"],
    ["an empty list", [], "0xc0"],
    ["0", whole(0), "0x80"],
    ["15", whole(15), "0x0f"],
    ["1024", whole(1024), "0x820400"],
    ["sets", [[], [[]], [[], [[]]]], "0xc7c0c1c0c3c0c1c0"],
  ])("writes %s", (_name, item, bytes) => expect(hexOf(rlp(item))).toBe(bytes));
});

describe("transactions", () => {
  const key = keyOf(vectors.secret);
  it.each(vectors.transactions)("signs number $nonce on chain $chainId", ({ raw, ...told }) => {
    const wei = (value: string) => BigInt(value);
    const transaction = {
      ...told, gas: wei(told.gas), value: wei(told.value),
      maxFeePerGas: wei(told.maxFeePerGas), maxPriorityFeePerGas: wei(told.maxPriorityFeePerGas),
    };
    expect(signTransaction(transaction, key)).toBe(raw);
  });
});
