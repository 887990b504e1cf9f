import { describe, expect, it } from "vitest";
import { amount, compact, grouped, isMultiple, parseDecimal, percent, plain, rescale, shortAddress, signed, toMultiple, wire } from "../src/format/numbers";
import { ago, countdown, span, until } from "../src/format/time";

const GAP = "\u202f";

describe("exact decimals", () => {
  it.each([["1.50", "1.5"], ["0.0", "0"], ["-0.25", "-0.25"], [".5", "0.5"], ["007", "7"], ["-0", "0"], ["100", "100"], ["1.", "1"]])(
    "%s is %s on the wire", (text, expected) => expect(wire(parseDecimal(text)!)).toBe(expected),
  );
  it.each(["", ".", "1e5", "1,5", "abc", "--1", "1 2"])("refuses %j", (text) => expect(parseDecimal(text)).toBeUndefined());
  it("keeps what a float would lose", () => {
    expect(wire(parseDecimal("9007199254740993.000000000000000001")!)).toBe("9007199254740993.000000000000000001");
    expect(toMultiple("0.3", "0.1")).toBe("0.3");
    expect(isMultiple("1.1", "0.1")).toBe(true);
  });
  it.each([["62.41567", "0.0001", "62.4156"], ["-1.29", "0.5", "-1"], ["7", "2", "6"]])(
    "%s in steps of %s is %s", (text, step, expected) => expect(toMultiple(text, step)).toBe(expected),
  );
  it("rounds to the nearest where asked", () => {
    expect(toMultiple("1.26", "0.1", true)).toBe("1.3");
    expect(toMultiple("-1.26", "0.1", true)).toBe("-1.3");
  });
  it("moves the point toward zero", () => expect(wire(rescale(parseDecimal("-1.99")!, 1))).toBe("-1.9"));
  it("writes floats plainly", () => {
    expect(plain(1e-7, 8)).toBe("0.0000001");
    expect(plain(Number.NaN, 2)).toBe("");
  });
});

describe("what people read", () => {
  it("groups thousands and has a real minus", () => {
    expect(grouped("1234567.891", 2)).toBe(`1${GAP}234${GAP}567.89`);
    expect(grouped(-5, 1)).toBe("\u22125.0");
    expect(grouped(-0.0001, 2)).toBe("0.00");
    expect(grouped(undefined, 2)).toBe("–");
    expect(grouped("", 2)).toBe("–");
  });
  it("has the asset's decimals", () => {
    expect(amount("19822.414", "USDC")).toBe(`19${GAP}822.41${GAP}USDC`);
    expect(amount("0.0007604", "ETH")).toBe(`0.000760${GAP}ETH`);
    expect(amount("2.5", "ETH")).toBe(`2.5000${GAP}ETH`);
  });
  it("signs, shares, shortens", () => {
    expect(signed("0.42", 2)).toBe("+0.42");
    expect(signed("-0.42", 2)).toBe("\u22120.42");
    expect(signed(0, 2)).toBe("0.00");
    expect(percent("0.05")).toBe(`5.00${GAP}%`);
    expect(compact(1_230_000)).toBe(`1.23${GAP}M`);
    expect(compact(12_300)).toBe(`12.30${GAP}k`);
    expect(compact(612.4)).toBe("612");
    expect(shortAddress(`0x${"ab".repeat(20)}`)).toBe("0xabab…abab");
  });
});

describe("times", () => {
  const now = 1_700_000_000_000;
  it("says how long ago and until when", () => {
    expect(ago(now - 500, now)).toBe("just now");
    expect(ago(now - 180_000, now)).toBe("3 min ago");
    expect(until(now + 7_200_000, now)).toBe("in 2 h");
    expect(until(now - 1, now)).toBe("now");
    expect(span(3 * 86_400_000)).toBe("3 days");
  });
  it("counts down", () => {
    expect(countdown(now + 3_661_000, now)).toBe("01:01:01");
    expect(countdown(now - 5, now)).toBe("00:00:00");
  });
});
