/** `/info` `vaults`: amounts in ETH as decimals, prices and rates as fractions, times in ms. */

import type { Text } from "../../api/types";

export interface Exit {
  shares: Text;
  value: Text;
  opens: number;
  closes: number;
}

export interface Vault {
  vault: "lending" | "insurance";
  cash: Text;
  shares: Text;
  price: Text; // what newcomers pay, of the first share's
  priceExit: Text; // what leavers get
  provision: Text;
  locked: Text;
  available: Text;
  utilisation: Text;
  income: Text;
  losses: Text;
  yieldYear: Text;
  isClosed: boolean;
  members: number;
  mine: { shares: Text; value: Text; exit: Exit | null } | null;
}

export interface Pool {
  claims: Text;
  debts: Text;
  reserved: Text;
  mayPromise: Text;
  utilisation: Text;
  rateYear: Text;
  supplyYear: Text;
}

export interface Vaults {
  vaults: Vault[];
  pool: Pool | null; // null before the first collection
}
