/** What the auctions view says of a sale, from what the exchange answers. */

import { asNumber } from "../../format/numbers";
import { span } from "../../format/time";
import type { Terms } from "./curve";
import type { Bid, Ended, Sale } from "./types";

export function termsOf(sale: Sale): Terms {
  return { start: asNumber(sale.start) ?? 0, par: asNumber(sale.par) ?? 0, end: asNumber(sale.end) ?? 0 };
}

export function nameOf(sale: { collection: string | null; token: number; instrument?: number }): string {
  return sale.token >= 0 && sale.collection ? `${sale.collection} ${sale.token}` : `Instrument ${sale.instrument ?? ""}`.trim();
}

/** Return when the best bid wins, in words. */
export function bidSentence(sale: Sale): string {
  if ((asNumber(sale.bestBid) ?? 0) <= 0) return "Nobody bids yet. At the end of the third run the insurance vault buys.";
  if (!sale.isOpen) return "The bid waits for the clock.";
  if (sale.bidWinsIn === null || sale.bidWinsIn < 0) return "Too low for this run; it may win at the end of the third.";
  return sale.bidWinsIn === 0 ? "Wins now." : `Wins in ${span(sale.bidWinsIn)}, when the price has fallen to it, unless somebody buys first.`;
}

/** Return how much of the appraisal the price is, as a fraction; undefined without one. */
export function discountOf(sale: Sale): number | undefined {
  const par = asNumber(sale.par) ?? 0;
  const price = asNumber(sale.price) ?? 0;
  return par > 0 && price > 0 ? price / par - 1 : undefined;
}

export function runWord(resets: number): string {
  return ["First run", "Second run", "Last run"][resets] ?? `Run ${resets + 1}`;
}

const ENDINGS: Readonly<Record<string, string>> = {
  sold: "Sold", backstop: "Bought by the insurance vault", redeemed: "Taken back by its owner", recovered: "Stopped: its owner was healthy for an hour",
};

export function endingWord(ended: Ended): string {
  return ENDINGS[ended.ending] ?? ended.ending.charAt(0).toUpperCase() + ended.ending.slice(1);
}

/** Return whether somebody paid a price. */
export function isPaid({ ending }: Ended): boolean {
  return ending === "sold" || ending === "backstop";
}

/** Return what a bid is for, in words. */
export function bidTarget(bid: Bid): string {
  return bid.token < 0 ? `Any ${bid.collection}` : `${bid.collection} ${bid.token}`;
}

/** Return what is wrong with a standing bid, "" if nothing is: at least 0.01 ETH, a token that exists. */
export function bidProblem(price: string, token: string, supply: number, free: number | undefined): string {
  const value = asNumber(price) ?? 0;
  if (price && value < 0.01) return "A bid is at least 0.01 ETH.";
  if (token && !(/^\d+$/.test(token) && Number(token) < supply)) return `Tokens go from 0 to ${supply - 1}.`;
  return free !== undefined && value > free ? "More than you can set aside: the money must be free to leave the account." : "";
}
