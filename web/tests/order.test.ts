import { describe, expect, it } from "vitest";
import type { MarketTerms } from "../src/api/types";
import { type Market, type Ticket, closeAction, faultsOf, isFaulty, marketLimit, orderAction, outcome, priceFault } from "../src/views/trade/order";

const terms = { coin: "nft:PUNKS", assetId: 110_000, asset: "ETH", tick: "0.01", lot: "0.001", priceDecimals: 2, sizeDecimals: 3 } as MarketTerms;
const market: Market = { terms, mark: 60 };
const ticket: Ticket = {
  kind: "limit", isBuy: true, size: "0.250", price: "59.50", tif: "Gtc", isReduceOnly: false, triggerPrice: "", tpsl: "sl",
  isTriggerMarket: true, takeProfit: "", stopLoss: "", minutes: "30",
};

describe("what is signed", () => {
  it("a limit order without trailing zeros, keys in the wire's order", () => {
    expect(JSON.stringify(orderAction(ticket, market))).toBe(
      '{"type":"order","orders":[{"a":110000,"b":true,"p":"59.5","s":"0.25","r":false,"t":{"limit":{"tif":"Gtc"}}}],"grouping":"na"}',
    );
  });
  it("a market order as IOC five percent through the mark, or four fifths of the way to the band", () => {
    expect(orderAction({ ...ticket, kind: "market" }, market)).toMatchObject({ orders: [{ p: "63", t: { limit: { tif: "Ioc" } } }] });
    expect(marketLimit(false, market)).toBe("57");
    expect(marketLimit(true, { ...market, band: [55, 62] })).toBe("61.6");
  });
  it("take profit and stop loss behind their parent, on the other side, reduce-only", () => {
    const action = orderAction({ ...ticket, takeProfit: "66", stopLoss: "55" }, market);
    expect(action.grouping).toBe("normalTpsl");
    expect((action.orders as unknown[]).slice(1)).toEqual([
      { a: 110_000, b: false, p: "66", s: "0.25", r: true, t: { trigger: { isMarket: true, triggerPx: "66", tpsl: "tp" } } },
      { a: 110_000, b: false, p: "55", s: "0.25", r: true, t: { trigger: { isMarket: true, triggerPx: "55", tpsl: "sl" } } },
    ]);
  });
  it("a stop with a limit of its own", () => {
    const stop: Ticket = { ...ticket, kind: "trigger", isBuy: false, triggerPrice: "55", price: "54", isTriggerMarket: false };
    expect(orderAction(stop, market)).toMatchObject({
      orders: [{ b: false, p: "54", r: false, t: { trigger: { isMarket: false, triggerPx: "55", tpsl: "sl" } } }], grouping: "na",
    });
  });
  it("a TWAP", () => {
    expect(orderAction({ ...ticket, kind: "twap" }, market)).toEqual({
      type: "twapOrder", twap: { a: 110_000, b: true, s: "0.25", r: false, m: 30, t: false },
    });
  });
  it("the closing of a short as a reduce-only purchase", () => {
    expect(closeAction(market, "-2", "1.5", undefined)).toMatchObject({ orders: [{ b: true, s: "1.5", r: true, p: "63" }] });
    expect(closeAction(market, "2", "2", "61.00")).toMatchObject({ orders: [{ b: false, p: "61", t: { limit: { tif: "Gtc" } } }] });
  });
});

describe("what is refused before it is sent", () => {
  it("nothing in a good ticket", () => expect(isFaulty(faultsOf(ticket, market))).toBe(false));
  it("a price off the tick, with both neighbours", () => expect(priceFault("59.505", terms)).toBe("Not on the tick: 59.5 or 59.51."));
  it.each([["", "How much?"], ["0", "A number above zero."], ["-1", "A number above zero."], ["0.0005", "A multiple of 0.001."], ["x", "A number above zero."]])(
    "size %j: %s", (size, text) => expect(faultsOf({ ...ticket, size }, market).size).toBe(text),
  );
  it("no price for a market order", () => expect(isFaulty(faultsOf({ ...ticket, kind: "market", price: "" }, market))).toBe(false));
  it("a TWAP whose slices are smaller than a lot", () => {
    expect(faultsOf({ ...ticket, kind: "twap", size: "0.059" }, market).size).toBe("At least 0.06: 60 slices of a lot.");
    expect(faultsOf({ ...ticket, kind: "twap", size: "0.06" }, market).size).toBeUndefined();
  });
  it("a TWAP of a minute", () => expect(faultsOf({ ...ticket, kind: "twap", minutes: "1" }, market).minutes).toBeTruthy());
});

describe("what the exchange said", () => {
  const said = (...statuses: unknown[]) => ({ type: "order", data: { statuses } });
  it("in words", () => {
    expect(outcome(said({ filled: { totalSz: "0.25", avgPx: "60.1", oid: 1 } }), "PUNKS")).toBe("Filled 0.25 PUNKS at 60.1000.");
    expect(outcome({ data: { status: { running: { twapId: 7 } } } }, "")).toBe("The TWAP is running.");
    expect(outcome(said({ resting: { oid: 1 } }), "PUNKS")).toBe("Your order is in the book.");
    expect(outcome(said("waitingForTrigger"), "")).toBe("Waiting for its trigger.");
    expect(outcome(said({ resting: { oid: 1 } }), "", 4, true)).toBe("Waiting for its trigger.");
  });
  it("throws the first error", () => expect(() => outcome(said({ resting: { oid: 1 } }, { error: "No." }), "")).toThrow("No."));
  it("throws a TWAP's error", () => expect(() => outcome({ data: { status: { error: "No." } } }, "")).toThrow("No."));
});
