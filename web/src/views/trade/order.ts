/**
 * From what stands in the ticket to the action that is signed, exact decimals all the way.
 *
 * Key order matters: the signature covers the bytes of the action as they are packed.
 */

import type { MarketTerms } from "../../api/types";
import { isMultiple, parseDecimal, plain, toMultiple, wire } from "../../format/numbers";

export type Kind = "limit" | "market" | "trigger" | "twap";
export type Tif = "Gtc" | "Alo" | "Ioc";

export interface Ticket {
  kind: Kind;
  isBuy: boolean;
  size: string;
  price: string;
  tif: Tif;
  isReduceOnly: boolean;
  /** Of a trigger order. */
  triggerPrice: string;
  tpsl: "tp" | "sl";
  isTriggerMarket: boolean;
  /** Attached to the order, "" = none. */
  takeProfit: string;
  stopLoss: string;
  minutes: string;
}

export interface Faults {
  size?: string;
  price?: string;
  triggerPrice?: string;
  takeProfit?: string;
  stopLoss?: string;
  minutes?: string;
}

export interface WireOrder {
  a: number;
  b: boolean;
  p: string;
  s: string;
  r: boolean;
  t: { limit: { tif: Tif } } | { trigger: { isMarket: boolean; triggerPx: string; tpsl: "tp" | "sl" } };
}

/** How far from the mark a market order may fill; the exchange has its own band besides. */
export const SLIPPAGE = 0.05;
const TWAP_MINUTES = [5, 1440] as const;

export interface Market {
  terms: MarketTerms;
  mark: number;
  band?: [number, number];
}

export function faultsOf(ticket: Ticket, { terms }: Market): Faults {
  const faults: Faults = {};
  faults.size = sizeFault(ticket.size, terms);
  if (ticket.kind === "limit" || (ticket.kind === "trigger" && !ticket.isTriggerMarket)) {
    faults.price = priceFault(ticket.price, terms);
  }
  if (ticket.kind === "trigger") faults.triggerPrice = priceFault(ticket.triggerPrice, terms);
  if (ticket.kind !== "trigger" && ticket.kind !== "twap") {
    if (ticket.takeProfit) faults.takeProfit = priceFault(ticket.takeProfit, terms);
    if (ticket.stopLoss) faults.stopLoss = priceFault(ticket.stopLoss, terms);
  }
  if (ticket.kind === "twap") {
    const minutes = Number(ticket.minutes);
    const isFine = Number.isInteger(minutes) && minutes >= TWAP_MINUTES[0] && minutes <= TWAP_MINUTES[1];
    if (!isFine) faults.minutes = `${TWAP_MINUTES[0]} to ${TWAP_MINUTES[1]} minutes.`;
    else if (!ticket.isReduceOnly) faults.size ??= sliceFault(ticket.size, minutes, terms);
  }
  return faults;
}

/** A slice every 30 s (docs/spec/triggers.md §3), none smaller than a lot. */
function sliceFault(size: string, minutes: number, terms: MarketTerms): string | undefined {
  const slices = 2 * minutes;
  const least = plain(slices * Number(terms.lot), terms.sizeDecimals);
  return Number(size) < Number(least) ? `At least ${least}: ${slices} slices of a lot.` : undefined;
}

export function sizeFault(size: string, terms: MarketTerms): string | undefined {
  if (!size) return "How much?";
  const value = parseDecimal(size);
  if (!value || value.digits <= 0n) return "A number above zero.";
  return isMultiple(size, terms.lot) ? undefined : `A multiple of ${terms.lot}.`;
}

export function priceFault(price: string, terms: MarketTerms): string | undefined {
  if (!price) return "At which price?";
  const value = parseDecimal(price);
  if (!value || value.digits <= 0n) return "A number above zero.";
  if (isMultiple(price, terms.tick)) return undefined;
  const below = toMultiple(price, terms.tick) ?? "";
  const above = toMultiple(plain(Number(below) + Number(terms.tick), terms.priceDecimals), terms.tick) ?? "";
  return `Not on the tick: ${below} or ${above}.`;
}

export const isFaulty = (faults: Faults): boolean => Object.values(faults).some(Boolean);

/** How much of the way to the band's edge is used: the band moves with the mark while the order is on its way. */
const BAND_SHARE = 0.8;

/** The worst price a market order takes: mark with slippage, well inside the exchange's band, on the tick. */
export function marketLimit(isBuy: boolean, { terms, mark, band }: Market): string {
  const slipped = mark * (isBuy ? 1 + SLIPPAGE : 1 - SLIPPAGE);
  const edge = band?.[isBuy ? 1 : 0] ?? slipped;
  const furthest = band ? mark + BAND_SHARE * (edge - mark) : slipped;
  const limit = isBuy ? Math.min(slipped, furthest) : Math.max(slipped, furthest);
  return toMultiple(plain(limit, terms.priceDecimals + 4), terms.tick, true) ?? "";
}

export function orderAction(ticket: Ticket, market: Market): { type: string; [field: string]: unknown } {
  const { terms } = market;
  const size = exact(ticket.size);
  if (ticket.kind === "twap") {
    return {
      type: "twapOrder",
      twap: { a: terms.assetId, b: ticket.isBuy, s: size, r: ticket.isReduceOnly, m: Number(ticket.minutes), t: false },
    };
  }
  const parent = parentOrder(ticket, market, size);
  const children = ticket.kind === "trigger" ? [] : childOrders(ticket, market, size);
  return { type: "order", orders: [parent, ...children], grouping: children.length ? "normalTpsl" : "na" };
}

function parentOrder(ticket: Ticket, market: Market, size: string): WireOrder {
  const { isBuy: b, isReduceOnly: r } = ticket;
  const a = market.terms.assetId;
  if (ticket.kind === "market") {
    return { a, b, p: marketLimit(b, market), s: size, r, t: { limit: { tif: "Ioc" } } };
  }
  if (ticket.kind === "limit") return { a, b, p: exact(ticket.price), s: size, r, t: { limit: { tif: ticket.tif } } };
  const limit = ticket.isTriggerMarket ? ticket.triggerPrice : ticket.price;
  return { ...triggerOrder(market, b, ticket.triggerPrice, ticket.tpsl, size, ticket.isTriggerMarket, limit), r };
}

function childOrders(ticket: Ticket, market: Market, size: string): WireOrder[] {
  const orders: WireOrder[] = [];
  if (ticket.takeProfit) orders.push(triggerOrder(market, !ticket.isBuy, ticket.takeProfit, "tp", size));
  if (ticket.stopLoss) orders.push(triggerOrder(market, !ticket.isBuy, ticket.stopLoss, "sl", size));
  return orders;
}

/** Reduce-only, at the market, once the mark reaches the trigger. */
export function triggerOrder(
  { terms }: Market, isBuy: boolean, triggerPrice: string, tpsl: "tp" | "sl", size: string, isMarket = true, limit = triggerPrice,
): WireOrder {
  const trigger = { isMarket, triggerPx: exact(triggerPrice), tpsl };
  return { a: terms.assetId, b: isBuy, p: exact(limit), s: size, r: true, t: { trigger } };
}

/** Everything or a part of a position, at the market or at a limit. */
export function closeAction(market: Market, position: string, size: string, limit: string | undefined) {
  const isBuy = position.startsWith("-");
  const order: WireOrder = {
    a: market.terms.assetId, b: isBuy, p: limit ? exact(limit) : marketLimit(isBuy, market), s: exact(size), r: true,
    t: { limit: { tif: limit ? "Gtc" : "Ioc" } },
  };
  return { type: "order", orders: [order], grouping: "na" };
}

export function exact(text: string): string {
  const value = parseDecimal(text);
  return value ? wire(value) : text;
}

/** What the exchange said of each order, in words; throws the first error. */
export function outcome(response: { data?: any }, unit: string, priceDecimals = 4, isTrigger = false): string {
  const statuses: any[] = response.data?.statuses ?? [response.data?.status];
  const failed = statuses.find((status) => status?.error);
  if (failed) throw new Error(failed.error);
  const [first] = statuses;
  if (first?.filled) return `Filled ${Number(first.filled.totalSz)} ${unit} at ${Number(first.filled.avgPx).toFixed(priceDecimals)}.`;
  if (first?.resting) return isTrigger ? "Waiting for its trigger." : "Your order is in the book.";
  if (first?.running) return "The TWAP is running.";
  if (first === "waitingForTrigger" || first?.waitingForTrigger) return "Waiting for its trigger.";
  return "Done.";
}
