import { describe, expect, it } from "vitest";
import { afterDepositing, partOf, provisionShare, someShares } from "../../src/views/earn/model";
import { borrowRate, exitPhase, plotRates, supplyRate } from "../../src/views/earn/rates";
import type { Vault } from "../../src/views/earn/types";

const vault: Vault = {
  vault: "insurance", cash: "90", shares: "100", price: "1", priceExit: "0.9", provision: "9", locked: "9", available: "81",
  utilisation: "0", income: "0", losses: "0", yieldYear: "0", isClosed: false, members: 3, mine: { shares: "10", value: "9", exit: null },
};

describe("rates", () => {
  // docs/spec/credit.md §5: 3 % + 8 % up to 65 %, 100 % more up to all; four fifths of it the lenders'.
  it.each([[0, 0.03], [0.325, 0.07], [0.65, 0.11], [0.825, 0.61], [1, 1.11], [2, 1.11]])("at %d borrowers pay %d", (used, rate) => {
    expect(borrowRate(used)).toBeCloseTo(rate, 12);
  });

  it("give lenders their share of what is lent", () => {
    expect(supplyRate(0)).toBe(0);
    expect(supplyRate(0.65)).toBeCloseTo(0.11 * 0.65 * 0.8, 12);
    expect(supplyRate(1)).toBeCloseTo(0.888, 12);
  });

  it("are drawn over the whole range, with the pool on the curve", () => {
    const plot = plotRates(0.65, { width: 100, height: 100, left: 0, right: 0, top: 0, bottom: 0 });
    expect(plot.now.x).toBeCloseTo(65);
    expect(plot.kink).toBeCloseTo(65);
    expect(plot.now.borrow).toBeCloseTo(100 - (100 * 0.11) / 1.11);
    expect(plot.borrow).not.toContain("NaN");
  });
});

describe("a part of a vault", () => {
  it("is never more than all", () => {
    expect(partOf(9, 90)).toBe(0.1);
    expect(partOf(1, 0)).toBe(0);
    expect(partOf(5, 1)).toBe(1);
  });

  it("of shares is exact and rounded down, in units of 1e-9", () => {
    expect(someShares("0.00000001", 25)).toBe(2);
    expect(someShares("9007199.254740991", 100)).toBe(Number.MAX_SAFE_INTEGER);
    expect(someShares("1000000", 50)).toBe(5e14);
    expect(someShares("x", 50)).toBe(0);
  });

  it.each(["9007199.254740993", "12345678.901234567", "100000000.000000001", "9223372036.854775807"])(
    "of %s shares goes through JSON and typed data alike", (text) => {
      const shares = someShares(text, 100);
      const units = BigInt(text.replace(".", ""));
      expect(JSON.stringify(shares)).toBe(BigInt(shares).toString());
      expect(BigInt(shares) <= units).toBe(true);
      expect(units - BigInt(shares) < 10n ** 10n).toBe(true); // 10^-5 ETH
    },
  );

  it("bears the provision from the first minute", () => {
    expect(provisionShare(vault)).toBeCloseTo(0.1);
    const after = afterDepositing(vault, 10, 20);
    expect(after.exitValue).toBeCloseTo(9);
    expect(after.part).toBeCloseTo(0.18);
    expect(after.problem).toBe("");
  });

  it("says why it cannot be had", () => {
    expect(afterDepositing({ ...vault, isClosed: true }, 1, 20).problem).toContain("Closed");
    expect(afterDepositing(vault, 0.0005, 20).problem).toContain("0.001");
    expect(afterDepositing(vault, 30, 20).problem).toContain("free to leave");
  });
});

describe("an exit", () => {
  it("waits 48 h, is open 48 h, and is forgotten", () => {
    const exit = { opens: 1000, closes: 2000 };
    expect([999, 1000, 1999, 2000].map((now) => exitPhase(exit, now))).toEqual(["waiting", "open", "open", "over"]);
  });
});
