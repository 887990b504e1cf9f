import { describe, expect, it } from "vitest";
import { isFor } from "../src/api/socket";
import { parsePlace } from "../src/router";

describe("routes", () => {
  it.each([
    ["#/trade/nft:PUNKS", "trade", "nft:PUNKS"], ["#/trade/nft%3APUNKS", "trade", "nft:PUNKS"], ["", "trade", ""],
    ["#/risk", "risk", ""], ["#/nowhere/ETH", "trade", ""],
  ])("%s", (hash, route, detail) => expect(parsePlace(hash)).toEqual({ route, detail }));
});

describe("frames find their subscription", () => {
  it.each([
    [{ type: "l2Diff", coin: "ETH" }, "l2Diff", { coin: "ETH" }, true],
    [{ type: "l2Diff", coin: "ETH" }, "l2Diff", { coin: "BTC" }, false],
    [{ type: "trades", coin: "ETH" }, "trades", [{ coin: "ETH" }], true],
    [{ type: "candle", coin: "ETH", interval: "1m" }, "candle", { s: "ETH", i: "5m" }, false],
    [{ type: "candle", coin: "ETH", interval: "1m" }, "candle", { s: "ETH", i: "1m" }, true],
    [{ type: "userEvents", user: "0xAB" }, "user", { user: "0xab" }, true],
    [{ type: "userFills", user: "0xab" }, "userFills", { user: "0xcd" }, false],
  ])("%j %s %j: %s", (subscription, channel, data, expected) => {
    expect(isFor(subscription, channel, data)).toBe(expected);
  });
});
