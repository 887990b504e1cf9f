import { describe, expect, it } from "vitest";
import { type BookDiff, BookKeeper, type Change, spread, walk } from "../src/views/trade/book";

const diff = (seq: number, prevSeq: number | null, bids: Change[], asks: Change[], isSnapshot = false): BookDiff => ({
  coin: "nft:PUNKS", time: seq, seq, prevSeq, isSnapshot, bids, asks,
});
const START = diff(10, null, [["62", "1", 1], ["61.5", "2", 1]], [["63", "4", 2], ["62.5", "3", 1]], true);

function started(): BookKeeper {
  const keeper = new BookKeeper();
  expect(keeper.take(START)).toBe(true);
  return keeper;
}

describe("a kept book", () => {
  it("stands best first on both sides, with running totals", () => {
    const { bids, asks } = started().book();
    expect(bids.map(({ px, total }) => [px, total])).toEqual([["62", 1], ["61.5", 3]]);
    expect(asks.map(({ px, total }) => [px, total])).toEqual([["62.5", 3], ["63", 7]]);
  });
  it("changes, adds and takes out levels", () => {
    const keeper = started();
    expect(keeper.take(diff(12, 10, [["62", "0", 0], ["61.8", "5", 1]], [["63", "1", 1]]))).toBe(true);
    const { bids, asks } = keeper.book();
    expect(bids.map(({ px, size }) => [px, size])).toEqual([["61.8", 5], ["61.5", 2]]);
    expect(asks.map(({ px, size }) => [px, size])).toEqual([["62.5", 3], ["63", 1]]);
  });
  it("notices a gap and stays as it was", () => {
    const keeper = started();
    expect(keeper.take(diff(14, 12, [["70", "1", 1]], []))).toBe(false);
    expect(keeper.book().bids[0]?.px).toBe("62");
  });
  it("passes over what it knows already", () => {
    const keeper = started();
    expect(keeper.take(diff(9, 8, [["70", "1", 1]], []))).toBe(true);
    expect(keeper.book().bids[0]?.px).toBe("62");
  });
  it("takes nothing before a snapshot, and a snapshot replaces everything", () => {
    expect(new BookKeeper().take(diff(11, 10, [], []))).toBe(false);
    const keeper = started();
    keeper.take(diff(3, null, [["50", "1", 1]], [], true));
    expect(keeper.book().bids.map(({ px }) => px)).toEqual(["50"]);
    expect(keeper.book().asks).toEqual([]);
  });
});

describe("what an order would meet", () => {
  const { bids, asks } = started().book();
  it("walks up the asks", () => expect(walk(asks, 4, undefined, true)).toEqual({ filled: 4, average: (3 * 62.5 + 63) / 4, worst: 63 }));
  it("stops at its limit", () => expect(walk(asks, 4, 62.5, true)).toEqual({ filled: 3, average: 62.5, worst: 62.5 }));
  it("walks down the bids", () => expect(walk(bids, 10, undefined, false)).toMatchObject({ filled: 3, worst: 61.5 }));
  it("meets nothing beyond its limit", () => expect(walk(asks, 1, 62, true)).toBeUndefined());
  it("knows the spread, if there are two sides", () => {
    expect(spread({ bids, asks, time: 0 })?.[0]).toBeCloseTo(0.5);
    expect(spread({ bids, asks: [], time: 0 })).toBeUndefined();
  });
});
