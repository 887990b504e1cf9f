/**
 * What the collateral view says, computed from what the exchange answers; floats, for reading only.
 *
 *     health = backing / debt,  a sale begins below 1         backing = sum of V * LT
 *
 * Spec: docs/spec/credit.md §2, §6
 */

import { asNumber } from "../../format/numbers";
import type { Collateral, Credit, Fall, TokenLine } from "./types";

export type Tone = "good" | "warn" | "bad";

export const HEALTH_GOOD = 1.3;
export const HEALTH_WARN = 1.1;

export function number(value: string | number | null | undefined): number {
  return asNumber(value) ?? 0;
}

/** Return backing / debt, Infinity without debt. */
export function healthOf(backing: number, debt: number): number {
  return debt > 0 ? backing / debt : Infinity;
}

export function toneOf(health: number): Tone {
  return health >= HEALTH_GOOD ? "good" : health >= HEALTH_WARN ? "warn" : "bad";
}

/** Return how much of the backing is not owed yet, 0 to 1: what a health meter shows. */
export function roomOf(backing: number, debt: number): number {
  if (debt <= 0) return 1;
  return backing > 0 ? Math.min(1, Math.max(0, 1 - debt / backing)) : 0;
}

// ---- before something is sent ------------------------------------------------------------------

export interface After {
  debt: number;
  available: number;
  health: number;
  saleBelow: number; // share of today's values
  interestYear: number;
  problem: string; // why the exchange would refuse it, "" if it should pass
}

/**
 * Return what the credit looks like after `amount` [ETH] has left, negative if it came in.
 *
 * `spare` is the account's own ETH: it leaves first, and only what goes beyond it is borrowed.
 */
export function afterBorrowing({ credit, totals }: Collateral, amount: number, spare = 0): After {
  const debt = Math.max(0, number(credit.debt) + amount - spare);
  const backing = number(totals.backing);
  return {
    debt,
    available: Math.max(0, number(credit.limit) - debt),
    health: healthOf(backing, debt),
    saleBelow: debt > 0 && backing > 0 ? Math.min(1, debt / backing) : 0,
    interestYear: debt * number(credit.rateYear),
    problem: amount > 0 ? borrowProblem(credit, amount - spare) : "",
  };
}

function borrowProblem(credit: Credit, amount: number): string {
  if (amount <= 0) return "";
  if (!credit.hasLine) return "Open a credit line first: it reserves the money with the lenders.";
  if (!credit.mayBorrow) return "No new credit now: the reports on your collection are old or uncertain.";
  if (amount <= number(credit.available)) return "";
  const isCommitment = number(credit.commitment) - number(credit.debt) < amount;
  return isCommitment
    ? "More than your credit line: raise the line first."
    : "More than your tokens may carry: pledge another one, or borrow less.";
}

export interface LineAfter {
  limit: number;
  feeYear: number; // on what is reserved and not drawn
  problem: string;
}

export const UNDRAWN_FEE = 0.01;
const OWNER_SHARE = 0.1;
const OWNER_MIN = 5;

export interface Pool {
  claims: string;
  mayPromise: string;
}

/** Return what a line of `commitment` [ETH] would mean, and why it would be refused. */
export function afterOpening(answer: Collateral, pool: Pool | undefined, commitment: number): LineAfter {
  const { credit, totals } = answer;
  return {
    limit: Math.min(commitment, number(totals.loan)),
    feeYear: Math.max(0, commitment - number(credit.debt)) * UNDRAWN_FEE,
    problem: lineProblem(answer, pool, commitment),
  };
}

function lineProblem({ credit, totals }: Collateral, pool: Pool | undefined, commitment: number): string {
  const raised = commitment - number(credit.commitment);
  if (commitment < number(credit.debt)) return "Below what you owe: repay first.";
  if (raised <= 0) return "";
  if (commitment > number(totals.backing)) return `Your tokens back ${trim(number(totals.backing))} ETH: a line cannot be larger.`;
  if (pool && raised > number(pool.mayPromise)) return `The lenders can promise ${trim(number(pool.mayPromise))} ETH more, not this much.`;
  const most = Math.max(OWNER_MIN, OWNER_SHARE * number(pool?.claims));
  return pool && commitment > most ? `One owner may reserve a tenth of the pool: ${trim(most)} ETH.` : "";
}

/** Return what may leave [ETH], a little less than all of it: values move while somebody signs. */
export function borrowMax({ credit }: Collateral, spare: number): number {
  return spare + number(credit.available) * 0.995;
}

/** Return the largest line that would be granted [ETH]. */
export function lineMax({ credit, totals }: Collateral, pool: Pool | undefined): number {
  const owner = pool ? Math.max(OWNER_MIN, OWNER_SHARE * number(pool.claims)) : Infinity;
  const lent = pool ? number(credit.commitment) + number(pool.mayPromise) : Infinity;
  return Math.max(0, Math.min(number(totals.backing), owner, lent));
}

/** Return a number of ETH as a person would write it, never more than there is: rounded down to 1e-4. */
export function trim(value: number): string {
  return String(Math.floor(value * 10_000 + 1e-6) / 10_000);
}

// ---- in words ----------------------------------------------------------------------------------

/** Return when the tokens are sold: a price where there is one, else a fall. */
export function saleSentence({ credit, tokens }: Collateral, money: (value: number) => string): string {
  if (number(credit.debt) <= 0) return "You owe nothing, so nothing of yours can be sold.";
  const onSale = tokens.filter((token) => token.custody === "sale").length;
  if (onSale) {
    const [are, them] = onSale > 1 ? [`${onSale} of your tokens are`, "them"] : ["One of your tokens is", "it"];
    return `${are} on sale. Repay until your debt is within your limit, and you may take ${them} back as long as nobody has bought.`;
  }
  const share = number(credit.saleBelow);
  if (share >= 1) return "Your tokens no longer back what you owe: the sale begins a minute after that happened.";
  const fall = `${Math.round((1 - share) * 100)} %`;
  const floor = number(credit.floorOfSale);
  const names = [...new Set(tokens.filter((token) => token.custody === "pledged").map((token) => token.collection))];
  if (floor > 0 && names.length === 1) {
    return `Your tokens go on sale if the ${names[0]} floor stays below ${money(floor)} for a minute: ${fall} below what they count now.`;
  }
  return `Your tokens go on sale if their value falls by ${fall} and stays there for a minute.`;
}

/** Return what a fall of everything would do to the account. */
export function fallSentence(fall: Fall, credit: Credit): { text: string; tone: Tone } {
  const debt = number(fall.debt);
  const health = healthOf(number(fall.backing), debt);
  const grows = debt > number(credit.debt) * 1.0001; // positions lose as well
  if (number(fall.equity) < 0 && grows) return { text: "Under water: positions are closed, then tokens sold.", tone: "bad" };
  if (debt <= 0) return { text: "Nothing is owed, nothing is sold.", tone: "good" };
  if (health < 1) return { text: "The sale begins: backing no longer covers the debt.", tone: "bad" };
  if (health < HEALTH_WARN) return { text: "Just above the sale. Repay or pledge more.", tone: "warn" };
  return { text: grows ? "Positions add to the debt; the tokens still carry it." : "Still backed.", tone: toneOf(health) };
}

const NOTES: readonly [RegExp, string][] = [
  [/^not pledged/, "Counts nothing yet. Pledge it to borrow or trade against it."],
  [/^changed/, "What the token holds has changed since it came, so it counts nothing until that is undone."],
  [/^flagged/, "A marketplace has flagged this token as stolen, so it counts nothing until the flag is gone."],
  [/^carries a claim/, "It was sold below its debt and carries that claim: it counts nothing until the claim is paid or 180 days are over."],
  [/^no price/, "The reporters have not agreed on a price of this collection yet."],
  [/^old prices/, "The last prices are over an hour old: no new credit, and the value decays by 5 % an hour."],
  [/^uncertain/, "The reporters disagree by more than a quarter: no new credit until they agree."],
  [/^counts nothing for credit/, "It would lend you nothing now: there is no borrowing value of this collection at the moment."],
  [/^breaker/, "New credit on this collection is stopped; it comes back after an hour of good reports."],
];

/** Return why a token counts nothing, or nothing for new credit, in a sentence; "" if it counts. */
export function noteSentence(note: string): string {
  if (!note) return "";
  return NOTES.find(([like]) => like.test(note))?.[1] ?? note.charAt(0).toUpperCase() + note.slice(1);
}

const CUSTODY: Readonly<Record<string, string>> = {
  account: "Free", pledged: "Pledged", sale: "On sale", fractions: "Fractionalised", fund: "In the index fund",
};

export function custodyWord(custody: string): string {
  return CUSTODY[custody] ?? custody;
}

// ---- the band ----------------------------------------------------------------------------------

export interface Band {
  p10: number;
  p90: number;
  p50: number;
  floor: number | null;
  counts: number | null; // where the liquidation value lies
}

/** Return places from 0 to 1 of a token's appraisal, floor and liquidation value; null without an appraisal. */
export function bandOf(token: TokenLine): Band | null {
  const values = [token.p10, token.p50, token.p90].map(asNumber);
  const [p10, p50, p90] = values;
  if (p10 === undefined || p50 === undefined || p90 === undefined) return null;
  const floor = asNumber(token.floor ?? token.spot);
  const counts = number(token.liquidation) > 0 ? number(token.liquidation) : undefined;
  const shown = [p10, p50, p90, floor, counts].filter((value) => value !== undefined && value > 0) as number[];
  const low = Math.min(...shown);
  const pad = (Math.max(...shown) - low) * 0.08 || low * 0.1;
  const span = Math.max(...shown) - low + 2 * pad;
  const place = (value: number | undefined) => (value === undefined || value <= 0 ? null : (value - low + pad) / span);
  return { p10: place(p10) ?? 0, p50: place(p50) ?? 0, p90: place(p90) ?? 1, floor: place(floor), counts: place(counts) };
}
