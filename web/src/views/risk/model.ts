/** What the Risk view says, from what the exchange answers. */

import { asNumber } from "../../format/numbers";
import type { Breaker, Said, Step } from "./types";

export type Tone = "up" | "warn" | "down" | "plain";

const BREAKERS: Readonly<Record<string, { word: string; tone: Tone; allows: string }>> = {
  normal: { word: "Normal", tone: "up", allows: "Everything is open." },
  no_borrow: { word: "No new credit", tone: "warn", allows: "No new credit and no new pledge; everything else goes on." },
  close_only: { word: "Close only", tone: "warn", allows: "Repaying, releasing and selling; auctions may stand still." },
  frozen: { word: "Frozen", tone: "down", allows: "Only what needs no price: repaying, and bids." },
};

export function breakerOf({ breaker }: Breaker): { word: string; tone: Tone; allows: string } {
  const key = String(breaker).toLowerCase().replace(/[^a-z]+/g, "_");
  return BREAKERS[key] ?? { word: String(breaker), tone: "plain", allows: "" };
}

/** Return whether what is held and owed to the exchange covers all claims: surplus = held + debts - claims. */
export function isSolvent({ surplus }: { surplus: string }): boolean {
  return (asNumber(surplus) ?? -1) >= 0;
}

const STAGES: Readonly<Record<string, { word: string; tone: Tone }>> = {
  insurance: { word: "fund pays next", tone: "up" },
  deleveraging: { word: "winners pay next", tone: "warn" },
};

/** Return who would bear the next loss in a market. */
export function stageOf(stage: string): { word: string; tone: Tone } {
  return STAGES[stage] ?? { word: stage, tone: "plain" };
}

export interface Rung {
  step: Step;
  width: number; // 0 to 1 of the widest, 0 without an amount
}

/** Return the ladder of who pays in which order; widths are square roots, so that small ones can be seen. */
export function rungs(steps: readonly Step[]): Rung[] {
  const amounts = steps.map((step) => Math.max(0, asNumber(step.amount) ?? 0));
  const most = Math.max(...amounts, 0);
  return steps.map((step, at) => ({ step, width: most > 0 ? Math.sqrt((amounts[at] ?? 0) / most) : 0 }));
}

export interface Opinion {
  said: Said;
  place: number; // 0 to 1 between the least and the most that was said
  off: number; // from the median, as a fraction
}

/** Return what the reporters say of one collection, with each one's distance from the median. */
export function opinions(said: readonly Said[], collection: string): { median: number; all: Opinion[] } {
  const about = said.filter((each) => each.collection === collection && asNumber(each.value) !== undefined);
  const values = about.map((each) => Number(each.value)).sort((a, b) => a - b);
  const median = medianOf(values);
  const [least, most] = [values[0] ?? 0, values.at(-1) ?? 0];
  return {
    median,
    all: about.map((each) => ({
      said: each,
      place: most > least ? (Number(each.value) - least) / (most - least) : 0.5,
      off: median ? Number(each.value) / median - 1 : 0,
    })),
  };
}

/** Return the middle of sorted values, the mean of both middle ones if they are even in number. */
export function medianOf(sorted: readonly number[]): number {
  const half = sorted.length >> 1;
  if (!sorted.length) return 0;
  return sorted.length % 2 ? (sorted[half] ?? 0) : ((sorted[half - 1] ?? 0) + (sorted[half] ?? 0)) / 2;
}
