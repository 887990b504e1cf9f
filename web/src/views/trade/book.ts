/** The order book on this side of the wire: snapshots, diffs between them, and what an order would meet. */

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

/** [price, size, orders]; without orders the level is gone. */
export type Change = [string, string, number];

/** The levels that are different at `seq` than at `prevSeq`; of a snapshot all of them. */
export interface BookDiff {
  coin: string;
  time: number;
  seq: number;
  prevSeq: number | null;
  isSnapshot: boolean;
  bids: Change[];
  asks: Change[];
}

/** Keeps levels by price; a gap in the sequence means: ask for a snapshot again. */
export class BookKeeper {
  private readonly bids = new Map<string, string>();
  private readonly asks = new Map<string, string>();
  private seq = -1;
  private time = 0;

  /** Returns false where something was missed; the book is then unchanged. */
  take(diff: BookDiff): boolean {
    if (!diff.isSnapshot && (this.seq < 0 || (diff.prevSeq ?? 0) > this.seq)) return false;
    if (!diff.isSnapshot && diff.seq <= this.seq) return true;
    if (diff.isSnapshot) {
      this.bids.clear();
      this.asks.clear();
    }
    merge(this.bids, diff.bids);
    merge(this.asks, diff.asks);
    this.seq = diff.seq;
    this.time = diff.time;
    return true;
  }

  book(): Book {
    return { bids: rows(this.bids, -1), asks: rows(this.asks, 1), time: this.time };
  }
}

function merge(side: Map<string, string>, changes: Change[]): void {
  for (const [px, sz, orders] of changes) {
    if (orders) side.set(px, sz);
    else side.delete(px);
  }
}

function rows(side: Map<string, string>, direction: 1 | -1): Row[] {
  let total = 0;
  const levels = [...side].map(([px, sz]) => ({ px, price: Number(px), size: Number(sz), total: 0 }));
  levels.sort((a, b) => direction * (a.price - b.price));
  for (const level of levels) level.total = total += level.size;
  return levels;
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
