/** The order book on this side of the wire: snapshots, diffs between them, and what an order would meet. */

import type { BookSnapshot, Level } from "../../api/types";

export interface Row {
  px: string;
  price: number;
  size: number;
  /** Size up to and including this row. */
  total: number;
}

export interface Book {
  bids: Row[];
  asks: Row[];
  time: number;
}

/** Changed levels since `prevSeq`; size "0" takes a level out. */
export interface BookDiff {
  coin: string;
  seq: number;
  prevSeq: number;
  bids: [string, string][];
  asks: [string, string][];
}

export function bookOf(snapshot: BookSnapshot): Book {
  const [bids, asks] = snapshot.levels;
  return { bids: rows(bids), asks: rows(asks), time: snapshot.time };
}

function rows(levels: Level[]): Row[] {
  let total = 0;
  return levels.map(({ px, sz }) => {
    total += Number(sz);
    return { px, price: Number(px), size: Number(sz), total };
  });
}

/** Keeps levels by price; a gap in the sequence means: ask for a snapshot again. */
export class BookKeeper {
  private bids = new Map<string, string>();
  private asks = new Map<string, string>();
  seq = 0;

  reset(seq: number, bids: Iterable<[string, string]>, asks: Iterable<[string, string]>): void {
    this.bids = new Map(bids);
    this.asks = new Map(asks);
    this.seq = seq;
  }

  /** Returns false where something was missed; the book is then unchanged. */
  apply(diff: BookDiff): boolean {
    if (diff.seq <= this.seq) return true;
    if (diff.prevSeq > this.seq) return false;
    merge(this.bids, diff.bids);
    merge(this.asks, diff.asks);
    this.seq = diff.seq;
    return true;
  }

  snapshot(coin: string, time: number, depth: number): BookSnapshot {
    return { coin, time, levels: [sorted(this.bids, -1, depth), sorted(this.asks, 1, depth)] };
  }
}

function merge(side: Map<string, string>, changes: [string, string][]): void {
  for (const [px, sz] of changes) {
    if (Number(sz)) side.set(px, sz);
    else side.delete(px);
  }
}

function sorted(side: Map<string, string>, direction: 1 | -1, depth: number): Level[] {
  const all = [...side].sort(([a], [b]) => direction * (Number(a) - Number(b)));
  return all.slice(0, depth).map(([px, sz]) => ({ px, sz }));
}

export interface Walk {
  filled: number;
  average: number;
  worst: number;
}

/** What an order of `size` would take from one side now, up to `limit` if it has one. */
export function walk(levels: Row[], size: number, limit: number | undefined, isBuy: boolean): Walk | undefined {
  let left = size;
  let paid = 0;
  let worst = 0;
  for (const { price, size: offered } of levels) {
    const isWorse = limit !== undefined && (isBuy ? price > limit : price < limit);
    if (left <= 0 || isWorse) break;
    const taken = Math.min(left, offered);
    left -= taken;
    paid += taken * price;
    worst = price;
  }
  const filled = size - left;
  return filled > 0 ? { filled, average: paid / filled, worst } : undefined;
}

/** [best ask - best bid, as a share of their middle] */
export function spread(book: Book): [number, number] | undefined {
  const [bid, ask] = [book.bids[0]?.price, book.asks[0]?.price];
  if (bid === undefined || ask === undefined) return undefined;
  return [ask - bid, (2 * (ask - bid)) / (ask + bid)];
}
