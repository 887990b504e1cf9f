/** `/info` `collateral` and `tokenPreview`: amounts in ETH as decimals, shares and rates as fractions. */

import type { Text } from "../../api/types";

export interface TokenLine {
  collection: string;
  token: number;
  custody: string; // account, pledged, sale, fractions, fund
  p10: Text | null;
  p50: Text | null;
  p90: Text | null;
  floor: Text | null;
  spot: Text;
  factor: Text;
  borrow: Text;
  liquidation: Text;
  loan: Text;
  backing: Text;
  note: string;
  traits: Record<string, unknown>;
  rarityRank: number | null;
}

export interface UnitLine {
  instrument: number;
  name: string;
  kind: string;
  amount: Text;
  pledged: Text;
  borrow: Text;
  liquidation: Text;
  loan: Text;
  backing: Text;
}

export interface TokenPreview {
  collection: string;
  token: number;
  loan: Text;
  backing: Text;
  note: string;
  rejection: string | null; // why it may not be pledged now
  totals: Collateral["totals"];
}

export interface Fall {
  fall: Text;
  debt: Text;
  backing: Text;
  health: Text | null;
  equity: Text;
}

export interface Credit {
  hasLine: boolean;
  commitment: Text;
  debt: Text;
  limit: Text;
  available: Text;
  health: Text | null;
  saleBelow: Text | null; // the share of their value now at which the tokens are sold
  floorOfSale: Text | null; // [ETH] the same as a floor, where all tokens are of one collection
  rateYear: Text;
  interestYear: Text;
  feeYear: Text;
  mayBorrow: boolean;
  falls: Fall[];
}

export interface Collateral {
  tokens: TokenLine[];
  units: UnitLine[];
  totals: { borrow: Text; liquidation: Text; loan: Text; backing: Text; recovery: Text };
  credit: Credit;
}
