import { describe, expect, it } from "vitest";
import {
  batchDigest, depthOf, leafSum, nodeSum, payoutHash, payoutsRootOf, positionsHash, recordOf, rootOf, sumOf, tokensHash,
} from "../../src/chain/tree";
import type { Batch } from "../../src/chain/types";
import { hexOf } from "../../src/wallet/eip712";
import { signerOf } from "../../src/wallet/key";
import batches from "../../../contracts/test/vectors/batch.json";
import accounts from "../../../contracts/test/vectors/merkle_sum.json";
import payouts from "../../../contracts/test/vectors/payouts.json";

describe("the accounts' tree", () => {
  it.each(accounts.leaves)("hashes the leaf of account $number", (leaf) => {
    expect(hexOf(positionsHash(leaf.positions))).toBe(leaf.positionsHash);
    expect(hexOf(tokensHash(leaf.tokens))).toBe(leaf.tokensHash);
    expect(hexOf(leafSum(leaf).hash)).toBe(leaf.hash);
    expect(hexOf(recordOf(leafSum(leaf)))).toBe(leaf.record);
  });
  it.each(accounts.trees)("climbs a tree of $count to its root and its sums", (tree) => {
    expect(depthOf(tree.count)).toBe(Number(tree.depth));
    tree.proofs.forEach((siblings, number) => {
      const root = rootOf(sumOf(tree.records[number] ?? ""), number, siblings);
      expect(hexOf(root.hash)).toBe(tree.root);
      expect(root.lanes.map(String)).toEqual(tree.sums);
    });
  });
  it("refuses sums beyond 128 bits", () => {
    const [left = "", right = ""] = accounts.overflow.records;
    expect(() => nodeSum(sumOf(left), sumOf(right))).toThrow("128 bits");
  });
  it("refuses numbers that do not fit, instead of cutting them", () => {
    expect(() => tokensHash([{ collection: 0, token: (1n << 64n).toString() }])).toThrow("does not fit");
  });
});

describe("the payouts' tree", () => {
  it.each(payouts.trees)("has the root of $count payouts", (tree) => {
    tree.payouts.forEach((payout, index) => {
      expect(hexOf(payoutHash(payout))).toBe(payout.leaf);
      expect(hexOf(payoutsRootOf(payoutHash(payout), index, tree.proofs[index] ?? []))).toBe(tree.root);
    });
  });
});

describe("a batch", () => {
  it.each(batches.batches)("is signed by its operators", ({ batch, digest, signers, signatures }) => {
    const found = batchDigest(batch as Batch, Number(batches.chainId), batches.verifyingContract);
    expect(hexOf(found)).toBe(digest);
    expect(signatures.map((signature) => signerOf(found, signature))).toEqual(signers);
  });
  it("has no signer for what is no signature", () => {
    expect(signerOf(new Uint8Array(32).fill(1), `0x${"00".repeat(65)}`)).toBeUndefined();
  });
});
