import { describe, expect, it } from "vitest";
import { breakerOf, isSolvent, medianOf, opinions, rungs, stageOf } from "../../src/views/risk/model";

describe("solvency", () => {
  it("follows the surplus", () => {
    expect(["0", "1.5", "-0.000000001", ""].map((surplus) => isSolvent({ surplus }))).toEqual([true, true, false, false]);
  });
});

describe("the stage of a market", () => {
  it("says who pays next", () => {
    expect(stageOf("insurance").tone).toBe("up");
    expect(stageOf("deleveraging").tone).toBe("warn");
    expect(stageOf("new").word).toBe("new");
  });
});

describe("the ladder", () => {
  it("keeps the order, and small amounts visible", () => {
    const steps = [{ step: "account", text: "own", amount: null }, { step: "insurance", text: "fund", amount: "100" }, { step: "haircut", text: "rest", amount: "1" }];
    const drawn = rungs(steps);
    expect(drawn.map(({ step }) => step.text)).toEqual(["own", "fund", "rest"]);
    expect(drawn.map(({ width }) => width)).toEqual([0, 1, 0.1]);
    expect(rungs([{ step: "account", text: "own", amount: null }])[0]?.width).toBe(0);
  });
});

describe("reports", () => {
  const say = (reporter: string, value: string) => ({ collection: "PUNKS", reporter, value, at: 0, counted: true });

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
});

describe("breakers", () => {
  const state = (breaker: string) => ({ collection: "", breaker, goodSince: null, value: null, isUncertain: false, age: null });

  it("say what they allow", () => {
    expect(["normal", "NO_BORROW", "close only", "Frozen"].map((breaker) => breakerOf(state(breaker)).tone)).toEqual(
      ["up", "warn", "warn", "down"],
    );
    expect(breakerOf(state("other")).word).toBe("other");
  });
});
