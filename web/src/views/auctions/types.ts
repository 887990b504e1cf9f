/** `/info` `auctions`, `bids` and `auctionHistory`: prices in ETH as decimals, times in ms. */

import type { Text } from "../../api/types";

export interface Sale {
  auction: number;
  collection: string | null;
  token: number; // -1: units of an instrument
  instrument: number;
  amount: Text | number;
  debtor: string | number | null; // null: the vault's own sale
  price: Text | null; // null: nobody can buy now
  priceInAMinute: Text | null;
  bestBid: Text | null;
  bidWinsIn: number | null; // null: not in this run
  left: number;
  resets: number;
  start: Text;
  par: Text;
  end: Text;
  traits?: Record<string, unknown> | null;
}

export interface Bid {
  bid: number;
  address?: string;
  account?: number;
  collection: string;
  token: number | null; // null or -1: any
  price: Text;
}

export interface Ended {
  auction: number;
  collection: string | null;
  token: number;
  startedAt?: number;
  endedAt: number;
  ending: string; // sold, redeemed, recovered, ...
  winner?: string | number | null;
  price?: Text | null;
  toDebt?: Text | null;
  toOwner?: Text | null;
  toInsurance?: Text | null;
  traits?: Record<string, unknown> | null;
}
