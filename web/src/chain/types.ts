/** `/info` `chain`, `accountProof` and `payouts`.  Times are ms, amounts decimals, integers of the chain text or numbers. */

import type { Text } from "../api/types";

export type Integer = string | number;

export interface ChainAsset {
  name: string;
  number: number;
  token: string; // zero: the chain's own coin
  unit: Text; // [wei] of one atom of the exchange
  decimals: number; // of a whole coin in wei
}

export interface ChainCollection {
  name: string;
  number: number;
  token: string;
}

export interface Terms {
  chainId: number;
  name: string;
  contracts: Record<string, string>;
  assets: ChainAsset[];
  collections: ChainCollection[];
  firstBlock: number;
  confirmations: number;
  isTest: boolean;
}

/** The members of the struct that the operators sign. */
export interface Batch {
  number: Integer;
  journalSeq: Integer;
  time: Integer; // [s]
  journalHead: string;
  accounts: Integer;
  accountsRoot: string;
  sums: Integer[]; // [atoms] claims and debts in ETH, in USDC, lent, unsecured
  payouts: Integer;
  payoutsRoot: string;
  payoutNumber: Integer;
  depositSequence: Integer;
  withdrawn: Integer[]; // [atoms] per asset
  marksHash: string;
}

export interface Posted {
  number: number;
  payoutNumber: number;
  hash: string;
  postedAt: number;
  finalAt: number;
  isVetoed: boolean;
  transaction: string;
  batch: Batch;
}

export interface Chain {
  terms: Terms;
  adapter: { state: string; text: string; block: number; depositSequence: number };
  latest: Posted | null;
  final: Posted | null;
}

export interface Position {
  market: Integer;
  asset: Integer;
  size: Integer;
  upnl: Integer;
}

export interface Token {
  collection: Integer;
  token: Integer;
}

export interface Leaf {
  number: Integer;
  owner: string;
  status: Integer;
  lanes: Integer[];
  /** Of each claim, what no forced exit gets [atoms]. */
  locked: Integer[];
  positions: Position[];
  tokens: Token[];
}

/** One outstanding withdrawal and how far it is. */
export interface Payout {
  number: number;
  kind: "money" | "token";
  asset: string | null;
  amount: Text | null;
  collection: string | null;
  token: number | null;
  at: number;
  stage: "debited" | "posted" | "final" | "delayed" | "paid";
  batch: number | null;
  finalAt: number | null;
  readyAt: number | null;
  transaction: string | null;
  /** Why the chain does not take it now, "" if it does. */
  note: string;
}
