/** `/info` `risk` and `proof`: amounts as decimals of the asset named, times in ms. */

import type { Text } from "../../api/types";

export interface Step {
  step: string; // account, insurance, deleveraging, haircut
  text: string;
  amount: Text | null; // what it could bear now
}

export interface MarketRisk {
  coin: string;
  asset: string;
  openInterest: Text;
  insurance: Text;
  insuranceAvailable: Text;
  insurancePaidToday: Text;
  stage: string; // insurance, deleveraging: who would pay next
  funding: Text;
  longsAtRisk: Text; // notional that a move of 5 % would make liquidatable
  shortsAtRisk: Text;
  waterfall: Step[];
}

export interface Reporter {
  address: string;
  lastRound: number | null;
  lastAt: number | null;
  accepted: number;
  rejected: number;
  lastReason: string | null;
}

export interface RejectedReport {
  reporter: string;
  collection: string;
  token: number | null;
  kind: string; // index, appraisal, share
  at: number;
  reason: string;
  value: Text | null;
}

export interface Said {
  collection: string;
  reporter: string;
  value: Text;
  at: number;
  counted: boolean;
}

export interface Breaker {
  collection: string;
  breaker: string;
  goodSince: number | null;
  value: Text | null;
  isUncertain: boolean;
  age: number | null;
}

export interface Liquidation {
  address: string;
  startedAt: number;
  endedAt: number | null; // null: it goes on
  equity: Text;
  maintenance: Text;
}

export interface Risk {
  markets: MarketRisk[];
  waterfall: Step[]; // in ETH, all markets
  reporters: Reporter[];
  rejectedReports: RejectedReport[];
  breakers: Breaker[];
  said: Said[];
  liquidations: Liquidation[];
  inLiquidation: number;
  quorum: number;
}

export interface AssetProof {
  asset: string;
  deposits: Text;
  withdrawals: Text;
  held: Text;
  claims: Text;
  own: Text; // the exchange's own accounts' part of the claims
  debts: Text;
  surplus: Text;
}

export interface Proof {
  seq: number;
  time: number;
  stateHash: string;
  hashSeq: number;
  journalHead: string;
  journalSeq: number;
  accounts: number;
  assets: AssetProof[];
  leaf: { account: number; address: string; values: Record<string, Text> } | null;
}
