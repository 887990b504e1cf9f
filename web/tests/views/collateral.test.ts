import { describe, expect, it } from "vitest";
import { amountError, exact } from "../../src/views/collateral/amounts";
import { afterBorrowing, afterOpening, bandOf, borrowMax, fallSentence, healthOf, lineMax, noteSentence, roomOf, saleSentence, trim } from "../../src/views/collateral/model";
import type { Collateral, TokenLine } from "../../src/views/collateral/types";

const token: TokenLine = {
  collection: "PUNKS", token: 7, custody: "pledged", p10: "20", p50: "30", p90: "45", floor: "25", spot: "25", factor: "0.8",
  borrow: "20", liquidation: "20", loan: "10", backing: "13", note: "", traits: {}, rarityRank: null,
};

// A blue chip that counts 20: LTV 50 % lends 10, LT 65 % backs 13 (docs/spec/collateral.md §1).
const answer: Collateral = {
  tokens: [token], units: [],
  totals: { borrow: "20", liquidation: "20", loan: "10", backing: "13", recovery: "12" },
  credit: {
    hasLine: true, commitment: "9", debt: "6.5", limit: "9", available: "2.5", health: "2", saleBelow: "0.5", floorOfSale: "12.5",
    rateYear: "0.1", interestYear: "0.65", feeYear: "0.025", mayBorrow: true,
    falls: [{ fall: "0.5", debt: "6.5", backing: "6.5", health: "1", equity: "0" }],
  },
};
const money = (value: number) => `${value} ETH`;

describe("health", () => {
  it("is backing over debt, and the meter shows what is left", () => {
    expect(healthOf(13, 6.5)).toBe(2);
    expect(healthOf(13, 0)).toBe(Infinity);
    expect(roomOf(13, 6.5)).toBe(0.5);
    expect(roomOf(13, 0)).toBe(1);
    expect(roomOf(13, 20)).toBe(0);
    expect(roomOf(0, 1)).toBe(0);
  });
});

describe("before borrowing", () => {
  it("shows debt, health, the fall that sells, and interest", () => {
    const after = afterBorrowing(answer, 2.5);
    expect(after).toMatchObject({ debt: 9, available: 0, problem: "" });
    expect(after.health).toBeCloseTo(13 / 9);
    expect(after.saleBelow).toBeCloseTo(9 / 13);
    expect(after.interestYear).toBeCloseTo(0.9);
  });

  it("says why the exchange would refuse", () => {
    expect(afterBorrowing(answer, 2.6).problem).toContain("raise the line");
    const wide = { ...answer, credit: { ...answer.credit, commitment: "13", limit: "10", available: "3.5" } };
    expect(afterBorrowing(wide, 3.6).problem).toContain("pledge another");
    expect(afterBorrowing({ ...answer, credit: { ...answer.credit, hasLine: false } }, 1).problem).toContain("Open a credit line");
    expect(afterBorrowing({ ...answer, credit: { ...answer.credit, mayBorrow: false } }, 1).problem).toContain("No new credit");
  });

  it("lets own money leave first", () => {
    const free = { ...answer, credit: { ...answer.credit, debt: "0", available: "9" } };
    expect(afterBorrowing(free, 18, 20)).toMatchObject({ debt: 0, problem: "" });
    expect(afterBorrowing(free, 25, 20)).toMatchObject({ debt: 5, problem: "" });
    expect(afterBorrowing(free, 29.5, 20).problem).toContain("raise the line");
    expect(afterBorrowing({ ...free, credit: { ...free.credit, hasLine: false } }, 5, 20).problem).toBe("");
    expect(borrowMax(free, 20)).toBeCloseTo(28.955);
  });

  it("repays down to nothing, never below", () => {
    expect(afterBorrowing(answer, -10)).toMatchObject({ debt: 0, health: Infinity, saleBelow: 0, problem: "" });
  });
});

describe("before opening a line", () => {
  const pool = { claims: "200", mayPromise: "40" };

  it("is bound by backing, pool and owner", () => {
    expect(lineMax(answer, pool)).toBe(13); // sum V * LT
    expect(lineMax(answer, { claims: "200", mayPromise: "1" })).toBe(10); // 9 promised already and 1 more
    expect(lineMax(answer, { claims: "20", mayPromise: "40" })).toBe(5); // a small pool lends an owner 5 all the same
    expect(afterOpening(answer, pool, 14).problem).toContain("13 ETH");
    expect(afterOpening(answer, pool, 6).problem).toContain("repay first");
    expect(afterOpening(answer, { claims: "200", mayPromise: "1" }, 12).problem).toContain("can promise 1 ETH");
    expect(afterOpening(answer, { claims: "20", mayPromise: "40" }, 12).problem).toContain("a tenth");
  });

  it("costs 1 % a year of what is not drawn, and lends no more than LTV", () => {
    const after = afterOpening(answer, pool, 12.5);
    expect(after.problem).toBe("");
    expect(after.feeYear).toBeCloseTo(0.06);
    expect(after.limit).toBe(10);
  });

  it("rounds what it offers down", () => {
    expect(trim(1.23456)).toBe("1.2345");
    expect(trim(0.3)).toBe("0.3");
  });
});

describe("in words", () => {
  it("says at which floor the tokens are sold", () => {
    expect(saleSentence(answer, money)).toBe(
      "Your tokens go on sale if the PUNKS floor stays below 12.5 ETH for a minute: 50 % below what they count now.",
    );
    const two = { ...answer, tokens: [token, { ...token, collection: "BAYC" }], credit: { ...answer.credit, floorOfSale: "0" } };
    expect(saleSentence(two, money)).toContain("if their value falls by 50 %");
    expect(saleSentence({ ...answer, credit: { ...answer.credit, debt: "0" } }, money)).toContain("owe nothing");
    expect(saleSentence({ ...answer, credit: { ...answer.credit, saleBelow: "1" } }, money)).toContain("no longer back");
    const sold = { ...answer, tokens: answer.tokens.map((each) => ({ ...each, custody: "sale" })) };
    expect(saleSentence(sold, money)).toMatch(/^One of your tokens is on sale\. .*take it back/);
  });

  it("says what a fall does", () => {
    const fall = { fall: "0.3", debt: "6.5", backing: "9.1", health: "1.4", equity: "2.6" };
    expect(fallSentence(fall, answer.credit).tone).toBe("good");
    expect(fallSentence({ ...fall, backing: "7" }, answer.credit).tone).toBe("warn");
    expect(fallSentence({ ...fall, backing: "6" }, answer.credit).text).toContain("sale begins");
    expect(fallSentence({ ...fall, backing: "6", equity: "-0.5" }, answer.credit).text).toContain("sale begins");
    expect(fallSentence({ ...fall, debt: "12", equity: "-1" }, answer.credit).text).toContain("positions are closed");
    expect(fallSentence({ ...fall, debt: "0" }, answer.credit).tone).toBe("good");
    expect(fallSentence({ ...fall, debt: "8", backing: "13" }, answer.credit).text).toContain("add to the debt");
  });

  it("has a sentence for each reason to count nothing, and shows what it does not know", () => {
    const notes = [
      "changed since it came", "flagged by a marketplace", "carries a claim", "not pledged", "no price",
      "old prices: no new credit, and it decays", "uncertain prices: no new credit", "breaker: no new credit",
    ];
    for (const note of notes) expect(noteSentence(note)).not.toBe(note.charAt(0).toUpperCase() + note.slice(1));
    expect(noteSentence("something new")).toBe("Something new");
    expect(noteSentence("")).toBe("");
  });
});

describe("the band", () => {
  it("puts P10, floor, P50, P90 in their order inside the drawing", () => {
    const band = bandOf(token);
    expect(band).not.toBeNull();
    const places = [band?.p10, band?.floor, band?.p50, band?.p90].map(Number);
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(Math.min(...places)).toBeGreaterThan(0);
    expect(Math.max(...places)).toBeLessThan(1);
    expect(band?.counts).toBeCloseTo(band?.p10 ?? 0);
  });

  it("is none without an appraisal, and narrow where all agree", () => {
    expect(bandOf({ ...token, p10: null })).toBeNull();
    const flat = bandOf({ ...token, p10: "25", p50: "25", p90: "25", liquidation: "0" });
    expect(flat?.p50).toBeCloseTo(0.5);
    expect(flat?.counts).toBeNull();
  });
});

describe("typed amounts", () => {
  it("are plain decimals above zero", () => {
    expect(["1", "0.5", ".5", "1."].map((text) => amountError(text))).toEqual(["", "", "", ""]);
    for (const text of ["", "x", "1e3", "1,5", "-1", "0", "0.0000000001"]) expect(amountError(text), text).not.toBe("");
    expect(amountError("0", true)).toBe("");
    expect(amountError("1.1234567", false, "USDC")).not.toBe("");
  });

  it("go out without trailing zeros", () => {
    expect(exact("01.500")).toBe("1.5");
    expect(() => exact("1e3")).toThrow("plain number");
  });
});
