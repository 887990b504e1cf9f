/** What the exchange answers, as far as the page reads it.  Decimals are strings, times milliseconds. */

export type Text = string;

export interface MarketTerms {
  coin: string;
  name: string;
  dex: string;
  assetId: number;
  asset: string;
  sizeDecimals: number;
  priceDecimals: number;
  tick: Text;
  lot: Text;
  status: string;
  template: string;
  takerFee: Text;
  makerFee: Text;
  maxLeverage: number | Text;
  tiers: { notional: Text; initial: Text; maintenance: Text }[];
}

export interface Venue {
  name: string;
  version: string;
  network: string;
  chainId: number;
  verifyingContract: string;
  isReadOnly: boolean;
  hasFaucet: boolean;
  hasChain: boolean;
  feed: { text: string; speed: number | Text | null; recordedTime: number | null } | null;
  seq: number;
  time: number;
  assets: { name: string; decimals: number; price: Text }[];
  markets: MarketTerms[];
  collections: { name: string; number: number; coin: string | null; supply: number }[];
}

export interface MarketState {
  coin: string;
  mark: Text;
  index: Text | null;
  indexRaw: Text | null;
  isStale: boolean;
  sources: { venue: string; floor: Text; topBid: Text; observed: number; age: number; counted: boolean; note: string }[];
  funding: { rateHour: Text; premium: Text; nextAt: number; lastRate: Text };
  openInterest: Text;
  insurance: Text;
  status: string;
  halted: boolean | string | null;
  band: [Text, Text] | null;
  oraclePx: Text | null;
}

export interface AssetContext {
  funding: Text;
  openInterest: Text;
  prevDayPx: Text;
  dayNtlVlm: Text;
  premium: Text | null;
  oraclePx: Text;
  markPx: Text;
  midPx: Text | null;
}

export interface Position {
  coin: string;
  size: Text;
  entryPrice: Text;
  mark: Text;
  value: Text;
  unrealisedPnl: Text;
  initialMargin: Text;
  maintenanceMargin: Text;
  liquidationPrice: Text | null;
  leverageMax: number | Text | null;
  adlRank: number;
  adlScore: Text;
  fundingHour: Text;
}

export interface CashLine {
  asset: string;
  cash: Text;
  withdrawable: Text;
  held: Text;
  shortfall: Text;
}

export interface Account {
  account: number;
  address: string;
  owner: string;
  subAccounts: string[];
  /** Approved keys, and until when. */
  agents: Record<string, number>;
  equity: Text;
  initialMargin: Text;
  freeMargin: Text;
  maintenanceMargin: Text;
  effectiveLeverage: Text;
  isFrozen: boolean;
  feeTier: number;
  cash: CashLine[];
  positions: Position[];
  orders: OpenOrder[];
  triggers: OpenOrder[];
  twaps: Twap[];
}

export interface Twap {
  twap: number;
  coin: string;
  side: "A" | "B";
  size: Text;
  filled: Text;
  reduceOnly: boolean;
  start: number;
  duration: number;
  slices: number;
  slicesDone: number;
}

export interface Preview {
  worstPrice: Text | null;
  averagePrice: Text | null;
  fillable: Text;
  resting: Text;
  fee: Text;
  initialMarginAfter: Text;
  freeMarginAfter: Text;
  liquidationPriceAfter: Text | null;
  marginNeeded: Text;
  rejection: string | null;
  /** Why the rest of a taken order would be cancelled. */
  remainder: string | null;
  slippage: Text | null;
}

export interface OpenOrder {
  coin: string;
  side: "A" | "B";
  limitPx: Text;
  sz: Text;
  oid: number;
  timestamp: number;
  origSz: Text;
  reduceOnly?: boolean;
  orderType?: string;
  tif?: string | null;
  isTrigger?: boolean;
  triggerPx?: Text;
  triggerCondition?: string;
  isPositionTpsl?: boolean;
}

export interface Fill {
  coin: string;
  px: Text;
  sz: Text;
  side: "A" | "B";
  time: number;
  dir: string;
  closedPnl: Text;
  oid: number;
  crossed: boolean;
  fee: Text;
  feeToken?: string;
  tid: number;
  liquidation?: unknown;
}

export interface FundingPayment {
  time: number;
  delta: { coin: string; usdc: Text; szi: Text; fundingRate: Text };
}

export interface Trade {
  coin: string;
  side: "A" | "B";
  px: Text;
  sz: Text;
  time: number;
  tid: number;
}

/** Mark and index at the end of an interval. */
export interface MarkPoint {
  t: number;
  mark: Text;
  index: Text;
}

export interface Candle {
  t: number;
  T: number;
  o: Text;
  h: Text;
  l: Text;
  c: Text;
  v: Text;
}
