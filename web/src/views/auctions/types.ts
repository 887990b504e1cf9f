/** `/info` `auctions`, `bids` and `auctionHistory`: prices in ETH as decimals, times in ms. */

import type { Text } from "../../api/types";

export interface Sale {
  auction: number;
  collection: string | null;
  token: number; // -1: units of an instrument
  instrument: number;
  amount: Text;
  debtor: string | null; // null: the vault's own sale
  price: Text; // 0: nobody can buy now
  priceInAMinute: Text;
  bestBid: Text | null;
  bidWinsIn: number | null; // null: not in this run
  left: number;
  elapsed: number; // running time of this run
  isOpen: boolean;
  resets: number;
  start: Text;
  par: Text;
  end: Text;
  traits?: Record<string, unknown> | null;
}

export interface Bid {
  bid: number;
  account: number;
  address: string;
  collection: string;
  token: number; // -1: any
  price: Text;
}

export interface Ended {
  auction: number;
  collection: string | null;
  token: number;
  instrument: number;
  debtor: string;
  startedAt: number;
  endedAt: number;
  ending: string; // sold, backstop, redeemed, recovered
  winner: string | null;
  price: Text;
  toDebt: Text;
  toOwner: Text;
  toInsurance: Text;
  traits?: Record<string, unknown> | null;
}
