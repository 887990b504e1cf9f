/**
 * What lending earns at which utilisation, for drawing.  Rates and shares are fractions.
 *
 *     rate(U) = 3 % + 8 % * min(U, 65 %) / 65 % + 100 % * max(0, U - 65 %) / 35 %
 *     lenders = rate(U) * U * 80 %
 *
 * Spec: docs/spec/credit.md §5
 */

import { type Box, type Point, linePath, scales, steps } from "../../art/plot";

export const BASE = 0.03;
export const SLOPE = 0.08;
export const STEEP = 1;
export const OPTIMUM = 0.65;
export const LENDERS_SHARE = 0.8;
export const PROMISE_SHARE = 0.85;

/** Return what borrowers pay a year at a utilisation. */
export function borrowRate(used: number): number {
  const share = Math.min(Math.max(used, 0), 1);
  return BASE + (SLOPE * Math.min(share, OPTIMUM)) / OPTIMUM + (STEEP * Math.max(0, share - OPTIMUM)) / (1 - OPTIMUM);
}

/** Return what lenders earn a year on all they have put in, fees for undrawn promises aside. */
export function supplyRate(used: number): number {
  const share = Math.min(Math.max(used, 0), 1);
  return borrowRate(share) * share * LENDERS_SHARE;
}

export interface RatePlot {
  borrow: string;
  supply: string;
  now: { x: number; borrow: number; supply: number };
  kink: number;
  yTicks: { y: number; value: number }[];
  xTicks: { x: number; value: number }[];
}

/** Return both curves over the whole range, and where the pool stands. */
export function plotRates(used: number, box: Box): RatePlot {
  const [x, y] = scales(box, [0, 1], [0, borrowRate(1)]);
  const curve = (rate: (share: number) => number) =>
    linePath([...steps(0, OPTIMUM, 26), ...steps(OPTIMUM, 1, 14).slice(1)].map((share): Point => [x(share), y(rate(share))]));
  return {
    borrow: curve(borrowRate),
    supply: curve(supplyRate),
    now: { x: x(used), borrow: y(borrowRate(used)), supply: y(supplyRate(used)) },
    kink: x(OPTIMUM),
    yTicks: [0, 0.25, 0.5, 0.75, 1].map((value) => ({ y: y(value), value })),
    xTicks: [0, 0.25, 0.5, 0.75, 1].map((value) => ({ x: x(value), value })),
  };
}

// ---- exits ------------------------------------------------------------------------------------

export type ExitPhase = "waiting" | "open" | "over";

/** Return where an announced exit stands: 48 h of waiting, then 48 h in which it can be taken. */
export function exitPhase(exit: { opens: number; closes: number }, now: number): ExitPhase {
  return now < exit.opens ? "waiting" : now < exit.closes ? "open" : "over";
}
