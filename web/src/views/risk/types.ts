/** `/info` `risk` and `proof`: amounts as decimals of the asset named, times in ms. */

import type { Text } from "../../api/types";

export interface MarketRisk {
  coin: string;
  asset?: string;
  openInterest: Text;
  insurance: Text;
  insuranceAvailable?: Text;
  insurancePaidToday: Text;
  stage?: string | null;
  funding?: Text | null;
  longsAtRisk?: Text | number | null;
  shortsAtRisk?: Text | number | null;
}

export interface Step {
  step: string | number;
  text: string;
  amount: Text | null;
  asset?: string;
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
  reporter?: string;
  address?: string;
  collection: string;
  token?: number | null;
  at: number;
  reason: string;
  value?: Text | null;
}

export interface Said {
  collection: string;
  reporter: string;
  value: Text | null;
  at: number;
  counted?: boolean;
}

export interface Breaker {
  collection: string;
  breaker: string;
  goodSince: number | null;
  value?: Text | null;
  isUncertain?: boolean;
  age?: number | null;
}

export interface Risk {
  markets: MarketRisk[];
  waterfall: Step[];
  reporters: Reporter[];
  rejectedReports: RejectedReport[];
  breakers: Breaker[];
  said?: Said[];
}

export interface Proof {
  seq: number;
  time: number;
  stateHash: string;
  journalHead: string;
  assets: {
    name?: string;
    asset: string;
    deposits: Text;
    withdrawals: Text;
    held: Text;
    claims: Text;
    debts: Text;
    surplus: Text;
  }[];
}
