import { describe, expect, it } from "vitest";
import { breakerOf, isSolvent, medianOf, opinions, reasonSentence, rungs } from "../../src/views/risk/model";

describe("solvency", () => {
  it("follows the surplus, or held + debts against claims", () => {
    const asset = { held: "60", claims: "100", debts: "40", surplus: "0" };
    expect(isSolvent(asset)).toBe(true);
    expect(isSolvent({ ...asset, surplus: "-0.000000001" })).toBe(false);
    expect(isSolvent({ ...asset, surplus: "" })).toBe(true);
    expect(isSolvent({ ...asset, surplus: "", claims: "101" })).toBe(false);
  });
});

describe("the ladder", () => {
  it("keeps the order, and small amounts visible", () => {
    const steps = [{ step: 1, text: "own", amount: null }, { step: 2, text: "fund", amount: "100" }, { step: 3, text: "rest", amount: "1" }];
    const drawn = rungs(steps);
    expect(drawn.map(({ step }) => step.text)).toEqual(["own", "fund", "rest"]);
    expect(drawn.map(({ width }) => width)).toEqual([0, 1, 0.1]);
    expect(rungs([{ step: 1, text: "own", amount: null }])[0]?.width).toBe(0);
  });
});

describe("reports", () => {
  const say = (reporter: string, value: string) => ({ collection: "PUNKS", reporter, value, at: 0 });

  it("have the median, the mean of both middle ones if even", () => {
    expect(medianOf([1, 2, 9])).toBe(2);
    expect(medianOf([1, 2, 4, 9])).toBe(3);
    expect(medianOf([])).toBe(0);
  });

  it("show two liars of five beside it", () => {
    const said = [say("a", "25"), say("b", "25"), say("c", "25"), say("d", "27.5"), say("e", "27.5")];
    const { median, all } = opinions([...said, { ...say("f", "1"), collection: "BAYC" }], "PUNKS");
    expect(median).toBe(25);
    expect(all.map(({ off }) => Math.round(off * 1000) / 1000)).toEqual([0, 0, 0, 0.1, 0.1]);
    expect(all.map(({ place }) => place)).toEqual([0, 0, 0, 1, 1]);
  });

  it("are refused for reasons in words", () => {
    expect(reasonSentence("STALE_REPORT")).toContain("older than an hour");
    expect(reasonSentence("Another reason.")).toBe("Another reason.");
    expect(reasonSentence(null)).toBe("");
  });
});

describe("breakers", () => {
  it("say what they allow", () => {
    expect(["normal", "NO_BORROW", "close only", "Frozen"].map((breaker) => breakerOf({ collection: "", breaker, goodSince: null }).tone)).toEqual(
      ["up", "warn", "warn", "down"],
    );
    expect(breakerOf({ collection: "", breaker: "other", goodSince: null }).word).toBe("other");
  });
});
