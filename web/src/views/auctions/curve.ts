/**
 * The falling price of a sale, for drawing.  The exchange computes what is paid; this is its picture.
 *
 *     t in [0, 2 h):    start * (par / start) ** (t / 2 h)
 *     t in [2 h, 6 h]:  par - (par - end) * (t - 2 h) / 4 h
 *
 * Spec: docs/spec/auctions.md §2
 */

import { type Box, type Point, areaPath, linePath, scales, steps, ticks } from "../../art/plot";

export const HOUR = 3_600_000;
export const STEEP = 2 * HOUR;
export const RUN = 6 * HOUR;
const POINTS = 72;

export interface Terms {
  start: number; // [ETH]
  par: number;
  end: number;
}

/** Return the price after `elapsed` ms of running time [ETH]. */
export function priceAt({ start, par, end }: Terms, elapsed: number): number {
  if (elapsed >= RUN) return end;
  if (elapsed >= STEEP) return par - ((par - end) * (elapsed - STEEP)) / (RUN - STEEP);
  return start > 0 ? start * (par / start) ** (Math.max(0, elapsed) / STEEP) : 0;
}

/** Return after how many ms of running time the price has fallen to `price`, null if this run never does. */
export function fallsTo(terms: Terms, price: number): number | null {
  if (price < terms.end) return null;
  if (price >= terms.start) return 0;
  if (price >= terms.par) return (STEEP * Math.log(price / terms.start)) / Math.log(terms.par / terms.start);
  return STEEP + ((terms.par - price) / (terms.par - terms.end)) * (RUN - STEEP);
}

export interface CurvePlot {
  line: string;
  area: string;
  now: Point;
  bid?: { y: number; crossing?: number }; // where the best bid's line lies, and where the price meets it
  yTicks: { y: number; value: number }[];
  xTicks: { x: number; hours: number }[];
}

/** Return the drawing of a sale at `elapsed` ms of its run; `bestBid` 0 = none. */
export function plotCurve(terms: Terms, elapsed: number, bestBid: number, box: Box): CurvePlot {
  const lowest = bestBid > 0 ? Math.min(terms.end, bestBid) : terms.end;
  const margin = (terms.start - lowest) * 0.08 || terms.start * 0.05 || 1;
  const [x, y] = scales(box, [0, RUN], [Math.max(0, lowest - margin), terms.start + margin]);
  const points = steps(0, RUN, POINTS).map((at): Point => [x(at), y(priceAt(terms, at))]);
  const meets = bestBid > 0 ? fallsTo(terms, bestBid) : null;
  const at = Math.min(Math.max(0, elapsed), RUN);
  return {
    line: linePath(points),
    area: areaPath(points, box.height - box.bottom),
    now: [x(at), y(priceAt(terms, at))],
    ...(bestBid > 0 ? { bid: { y: y(bestBid), ...(meets === null ? {} : { crossing: x(meets) }) } } : {}),
    yTicks: ticks(y.from, y.to, 5).map((value) => ({ y: y(value), value })),
    xTicks: steps(0, 6, 3).map((hours) => ({ x: x(hours * HOUR), hours })),
  };
}
