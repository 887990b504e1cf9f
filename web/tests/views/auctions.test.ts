import { describe, expect, it } from "vitest";
import { ticks } from "../../src/art/plot";
import { HOUR, RUN, fallsTo, plotCurve, priceAt } from "../../src/views/auctions/curve";
import { bidProblem, bidSentence, discountOf, endingWord, isPaid, nameOf } from "../../src/views/auctions/model";
import type { Ended, Sale } from "../../src/views/auctions/types";

// A token appraised at 100 whose liquidation value is 100: start 120, par 100, end 70 (docs/spec/auctions.md §2).
const TERMS = { start: 120, par: 100, end: 70 };
const BOX = { width: 100, height: 100, left: 0, right: 0, top: 0, bottom: 0 };

describe("the falling price", () => {
  it.each([
    [0, 120], [HOUR, Math.sqrt(120 * 100)], [2 * HOUR, 100], [4 * HOUR, 85], [6 * HOUR, 70], [9 * HOUR, 70],
  ])("after %d ms is %d", (elapsed, price) => {
    expect(priceAt(TERMS, elapsed)).toBeCloseTo(price, 9);
  });

  it("never rises", () => {
    const prices = Array.from({ length: 400 }, (_, at) => priceAt(TERMS, (at * RUN) / 399));
    expect(prices.every((price, at) => !at || price <= (prices[at - 1] ?? 0))).toBe(true);
  });

  it("falls to a bid when its inverse says so", () => {
    for (const price of [119, 110, 100, 99, 85, 70]) {
      expect(priceAt(TERMS, fallsTo(TERMS, price) ?? NaN)).toBeCloseTo(price, 9);
    }
    expect(fallsTo(TERMS, 130)).toBe(0);
    expect(fallsTo(TERMS, 69.99)).toBeNull();
  });

  it("of a sale that ends at nothing is drawn all the same", () => {
    const plot = plotCurve({ start: 1, par: 1, end: 0 }, 3 * HOUR, 0, BOX);
    expect(plot.line).not.toMatch(/NaN|Infinity/);
    expect(priceAt({ start: 0, par: 0, end: 0 }, HOUR)).toBe(0);
  });
});

describe("the drawing", () => {
  it("puts now, the bid and their crossing where they belong", () => {
    const plot = plotCurve(TERMS, 3 * HOUR, 85, BOX);
    expect(plot.now[0]).toBeCloseTo(50);
    expect(plot.bid?.crossing).toBeCloseTo(100 * (4 / 6));
    expect(plot.now[1]).toBeLessThan(plot.bid?.y ?? 0);
    expect(plot.xTicks.map(({ hours }) => hours)).toEqual([0, 2, 4, 6]);
  });

  it("shows a bid below the end without a crossing", () => {
    const plot = plotCurve(TERMS, 0, 10, BOX);
    expect(plot.bid?.crossing).toBeUndefined();
    expect(plot.bid?.y).toBeLessThanOrEqual(100);
  });

  it("has round ticks", () => {
    expect(ticks(0, 1, 4)).toEqual([0, 0.5, 1]);
    expect(ticks(17.2, 31.4, 4)).toEqual([20, 25, 30]);
    expect(ticks(5, 5, 4)).toEqual([5]);
  });
});

describe("a sale in words", () => {
  const sale: Sale = {
    auction: 1, collection: "PUNKS", token: 9, instrument: -1, amount: "1", debtor: "0x01", price: "100", priceInAMinute: "99.9",
    bestBid: "85", bidWinsIn: 2 * HOUR, left: 4 * HOUR, elapsed: 2 * HOUR, isOpen: true, resets: 0, start: "120", par: "100", end: "70",
  };

  it("says when the best bid wins", () => {
    expect(bidSentence(sale)).toContain("Wins in 2 h");
    expect(bidSentence({ ...sale, bidWinsIn: 0 })).toBe("Wins now.");
    expect(bidSentence({ ...sale, bidWinsIn: -1 })).toContain("Too low for this run");
    expect(bidSentence({ ...sale, bestBid: "0" })).toContain("Nobody bids yet");
    expect(bidSentence({ ...sale, price: "0", isOpen: false })).toContain("waits for the clock");
  });

  it("compares the price with the appraisal", () => {
    expect(discountOf({ ...sale, price: "85" })).toBeCloseTo(-0.15);
    expect(discountOf({ ...sale, price: "0" })).toBeUndefined();
  });

  it("names tokens and units", () => {
    expect(nameOf(sale)).toBe("PUNKS 9");
    expect(nameOf({ ...sale, token: -1, instrument: 4 })).toBe("Instrument 4");
  });
});

describe("an ended sale", () => {
  const ended = (ending: string): Ended => ({
    auction: 1, collection: "PUNKS", token: 9, instrument: -1, debtor: "0x01", startedAt: 0, endedAt: 1, ending, winner: null,
    price: "1", toDebt: "1", toOwner: "0", toInsurance: "0",
  });

  it("has a price if somebody paid one, and a word for each ending", () => {
    expect(["sold", "backstop", "redeemed", "recovered"].map((ending) => isPaid(ended(ending)))).toEqual([true, true, false, false]);
    for (const ending of ["sold", "backstop", "redeemed", "recovered"]) expect(endingWord(ended(ending))).not.toBe("");
    expect(endingWord(ended("vanished"))).toBe("Vanished");
  });
});

describe("a bid", () => {
  it("is refused below 0.01 ETH, for no token, or beyond what is free", () => {
    expect(bidProblem("0.01", "", 10_000, 5)).toBe("");
    expect(bidProblem("0.009", "", 10_000, 5)).toContain("0.01 ETH");
    expect(bidProblem("1", "10000", 10_000, 5)).toContain("0 to 9999");
    expect(bidProblem("1", "-1", 10_000, 5)).toContain("0 to 9999");
    expect(bidProblem("6", "", 10_000, 5)).toContain("free");
  });
});
