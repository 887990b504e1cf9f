import { beforeEach, describe, expect, it, vi } from "vitest";
import { encodeCall, selector } from "../../src/chain/abi";
import { fromAtoms, toAtoms } from "../../src/chain/contracts";
import { wordsOfRevert } from "../../src/chain/errors";
import { batchDigest, recordOf, sumOf } from "../../src/chain/tree";
import type { Batch, Leaf, Terms } from "../../src/chain/types";
import { type ProofFile, verify } from "../../src/chain/verify";
import { hexOf } from "../../src/wallet/eip712";
import { keyOf } from "../../src/wallet/key";
import batches from "../../../contracts/test/vectors/batch.json";
import accounts from "../../../contracts/test/vectors/merkle_sum.json";

const SETTLEMENT = batches.verifyingContract;
const TERMS: Terms = {
  chainId: Number(batches.chainId), name: "test", firstBlock: 0, confirmations: 1, isTest: true, collections: [],
  contracts: { Vault: `0x${"22".repeat(20)}`, Settlement: SETTLEMENT },
  assets: [
    { name: "ETH", number: 0, token: `0x${"0".repeat(40)}`, unit: "1000000000", decimals: 18 },
    { name: "USDC", number: 1, token: `0x${"33".repeat(20)}`, unit: "1", decimals: 6 },
  ],
};
const [ETH, USDC] = TERMS.assets as [Terms["assets"][0], Terms["assets"][0]];
const word = (value: bigint | number) => `0x${BigInt(value).toString(16).padStart(64, "0")}`;
const called = (signature: string) => hexOf(selector(signature));

/** What the contracts answer, by the selector of the question. */
let chain: Record<string, (data: string) => string>;

beforeEach(() => {
  chain = {
    [called("quorum()")]: () => `${word(0)}${word(1).slice(2)}`,
    [called("received(uint32)")]: () => word((1n << 128n) - 1n),
    [encodeCall("isFinal((uint64,uint64,uint64,bytes32,uint64,bytes32,uint128[6],uint64,bytes32,uint64,uint64,uint128[2],bytes32))", [
      ["0", "0", "0", ROOT, "0", ROOT, ["0", "0", "0", "0", "0", "0"], "0", ROOT, "0", "0", ["0", "0"], ROOT],
    ]).slice(0, 10)]: () => word(1),
  };
  vi.stubGlobal("document", { baseURI: "http://page/" });
  vi.stubGlobal("fetch", async (_url: string, { body }: { body: string }) => ({
    json: async () => JSON.parse(body).map(({ id, params }: { id: number; params: [{ data: string }] }) => {
      const { data } = params[0];
      return { id, result: (chain[data.slice(0, 10)] ?? (() => "0x"))(data) };
    }),
  }));
});

const ROOT = `0x${"00".repeat(32)}`;
const tree = accounts.trees.find(({ count }) => Number(count) > 2 && Number(count) <= accounts.leaves.length);
const leaf = accounts.leaves[1] as Leaf;

function proofOf(): ProofFile {
  if (!tree) throw new Error("the vectors have no such tree");
  expect(tree.records[1]).toBe(accounts.leaves[1]?.record);
  const batch: Batch = {
    ...(batches.batches[0]?.batch as Batch), accounts: tree.count, accountsRoot: tree.root, sums: tree.sums,
  };
  return { leaf: structuredClone(leaf), siblings: [...(tree.proofs[1] ?? [])], batch, signatures: [] };
}

async function found(proof: ProofFile, owner = leaf.owner): Promise<[string, boolean][]> {
  const all: [string, boolean][] = [];
  for await (const { title, isGood } of verify(TERMS, owner, proof)) all.push([title, isGood]);
  return all;
}

describe("verify my balance", () => {
  it("goes through all steps", async () => {
    const all = await found(proofOf());
    expect(all.map(([, isGood]) => isGood)).toEqual([true, true, true, true, true]);
  });
  it("does not take another's account", async () => {
    expect(await found(proofOf(), `0x${"ab".repeat(20)}`)).toEqual([["Your account", false]]);
  });
  it.each<[string, (proof: ProofFile) => void]>([
    ["a larger claim", (proof) => { proof.leaf.lanes[0] = String(BigInt(proof.leaf.lanes[0] ?? 0) + 1n); }],
    ["another number", (proof) => { proof.leaf.number = "2"; }],
    ["a hidden token", (proof) => { proof.leaf.tokens = []; }],
    ["smaller sums", (proof) => { proof.batch.sums = proof.batch.sums.map((sum, at) => (at ? sum : String(BigInt(sum) - 1n))); }],
    ["a sibling with other sums", (proof) => {
      const sibling = sumOf(proof.siblings[0] ?? "");
      proof.siblings[0] = hexOf(recordOf({ ...sibling, lanes: sibling.lanes.map(() => 0n) }));
    }],
    ["a path too long", (proof) => { proof.siblings.push(hexOf(new Uint8Array(128))); }],
    ["a place beyond the tree", (proof) => { proof.batch.accounts = "1"; }],
  ])("finds %s", async (_name, change) => {
    const proof = proofOf();
    change(proof);
    expect(await found(proof)).toEqual([["Your account", true], ["The path to the root", false]]);
  });
  it("wants enough operators", async () => {
    chain[called("quorum()")] = () => `${word(2)}${word(3).slice(2)}`;
    expect((await found(proofOf())).at(-1)).toEqual(["The operators' signatures", false]);
  });
  it("counts nobody twice, and nobody who is no operator", async () => {
    const proof = proofOf();
    const digest = batchDigest(proof.batch, TERMS.chainId, SETTLEMENT);
    const keys = [1, 2].map((digit) => keyOf(`0x${String(digit).repeat(64)}`));
    const signed = keys.map((key) => key.sign(digest)).map(({ r, s, v }) => `${r}${s.slice(2)}${v.toString(16)}`);
    const operators = new Set(keys.slice(0, 1).map(({ address }) => address.slice(2)));
    proof.signatures = [signed[0] ?? "", signed[0] ?? "", signed[1] ?? "", `0x${"00".repeat(65)}`];
    chain[called("quorum()")] = () => `${word(2)}${word(3).slice(2)}`;
    chain[called("isOperator(address)")] = (data) => word(operators.has(data.slice(-40)) ? 1 : 0);
    expect((await found(proof)).at(-1)).toEqual(["The operators' signatures", false]);
    operators.add(keys[1]?.address.slice(2) ?? "");
    expect((await found(proof)).length).toBe(5);
  });
  it("asks the contract", async () => {
    const isFinal = Object.keys(chain).at(-1) ?? "";
    chain[isFinal] = () => word(0);
    expect((await found(proofOf())).at(-1)).toEqual(["The chain", false]);
  });
  it("adds up the reserves", async () => {
    chain[called("received(uint32)")] = () => word(0);
    expect((await found(proofOf())).at(-1)).toEqual(["The reserves", false]);
  });
  it("says so where nobody answers", async () => {
    vi.stubGlobal("fetch", async () => Promise.reject(new Error("offline")));
    expect((await found(proofOf())).at(-1)).toEqual(["This step could not be computed", false]);
  });
});

describe("amounts", () => {
  it("are whole atoms, or none", () => {
    expect(toAtoms("1.5", ETH)).toBe(1_500_000_000n);
    expect(toAtoms("0.000000001", ETH)).toBe(1n);
    expect(toAtoms("0.0000000001", ETH)).toBeUndefined();
    expect(toAtoms("0.000001", USDC)).toBe(1n);
    expect(toAtoms("0.0000001", USDC)).toBeUndefined();
    expect(toAtoms("1.50000000000000000000", ETH)).toBe(1_500_000_000n);
    expect(toAtoms("1e3", ETH)).toBeUndefined();
    expect(toAtoms("", ETH)).toBeUndefined();
  });
  it("come back as they were", () => {
    expect(fromAtoms(1_500_000_001n, ETH)).toBe("1.500000001");
    expect(fromAtoms(-2_500_000n, USDC)).toBe("-2.5");
  });
});

describe("refusals of contracts", () => {
  it("are told in words where they are known", () => {
    expect(wordsOfRevert(hexOf(selector("DepositsStopped()")))).toBe("The vault takes no deposits now.");
    expect(wordsOfRevert("0x12345678")).toBe("");
    expect(wordsOfRevert("")).toBe("");
  });
});
