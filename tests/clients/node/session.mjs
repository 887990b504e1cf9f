// A session of the unmodified @nktkas/hyperliquid: URL and two funded keys in, a line for each thing done out.
// Its one option is isTestnet: without it the client signs for Hyperliquid's main net, which is refused.
// Node's own WebSocket is experimental in Node 20: run with --experimental-websocket.

import assert from "node:assert/strict";
import { ExchangeClient, HttpTransport, InfoClient, SubscriptionClient, WebSocketTransport } from "@nktkas/hyperliquid";
import { privateKeyToAccount } from "viem/accounts";

const [url, traderKey, makerKey] = process.argv.slice(2);
const say = (what, found) => console.log(`${what}: ${found === undefined ? "ok" : JSON.stringify(found)}`);
const NFT = 110000;

const http = new HttpTransport({ isTestnet: true, apiUrl: url });
const socket = new WebSocketTransport({ isTestnet: true, url: `${url.replace("http", "ws")}/ws` });
const trader = privateKeyToAccount(traderKey);
const user = trader.address;
const info = new InfoClient({ transport: http });
const mine = new ExchangeClient({ transport: http, wallet: trader });
const theirs = new ExchangeClient({ transport: http, wallet: privateKeyToAccount(makerKey) });
const overSocket = new ExchangeClient({ transport: socket, wallet: trader });
const streams = new SubscriptionClient({ transport: socket });

const limit = (p, b, s, tif = "Gtc", extra = {}) => ({
  orders: [{ a: NFT, b, p, s, r: false, t: { limit: { tif } }, ...extra }],
  grouping: "na",
});

const meta = await info.meta({ dex: "nft" });
say("meta nft", meta.universe.map((asset) => asset.name));
const coin = meta.universe[0].name;
say("book", (await info.l2Book({ coin })).levels.map((side) => side.length));

const heard = { trades: [], l2Book: [], userFills: [], orderUpdates: [] };
await streams.trades({ coin }, (found) => heard.trades.push(found));
await streams.l2Book({ coin }, (found) => heard.l2Book.push(found));
await streams.userFills({ user }, (found) => heard.userFills.push(found));
await streams.orderUpdates({ user }, (found) => heard.orderUpdates.push(found));

const rested = await mine.order(limit("27.5", true, "0.5"));
const { oid } = rested.response.data.statuses[0].resting;
say("rests", oid);
const modified = await mine.modify({ oid, order: limit("27.6", true, "0.4").orders[0] });
say("modified", modified.status);
const [open] = await info.openOrders({ user, dex: "nft" });
assert.equal(open.limitPx, "27.6");
say("cancelled", (await mine.cancel({ cancels: [{ a: NFT, o: open.oid }] })).response.data.statuses);

await theirs.order(limit("30.1", false, "2"));
const filled = await overSocket.order(limit("30.2", true, "1", "Ioc"));
say("filled over the socket", filled.response.data.statuses[0].filled);
const state = await info.clearinghouseState({ user, dex: "nft" });
assert.equal(state.assetPositions[0].position.szi, "1");
say("position", state.assetPositions[0].position);
const [fill] = await info.userFills({ user });
say("fill", [fill.dir, fill.px, fill.sz, fill.fee, fill.feeToken]);

const stop = await mine.order({
  orders: [{ a: NFT, b: false, p: "20", s: "1", r: true, t: { trigger: { isMarket: true, triggerPx: "25", tpsl: "sl" } } }],
  grouping: "na",
});
say("stop", stop.response.data.statuses[0]);
const [waiting] = await info.frontendOpenOrders({ user, dex: "nft" });
assert.equal(waiting.triggerPx, "25");
await mine.cancel({ cancels: [{ a: NFT, o: waiting.oid }] });
say("leverage", (await mine.updateLeverage({ asset: NFT, isCross: true, leverage: 3 })).status);

await assert.rejects(mine.order(limit("30.123456", true, "0.1")), (error) => {
  say("wrong tick", error.message);
  return error.message.includes("divisible by tick size");
});
const mainNet = new ExchangeClient({ transport: new HttpTransport({ apiUrl: url }), wallet: trader });
await assert.rejects(mainNet.order(limit("27", true, "0.1")), (error) => {
  say("main net refused", error.message.slice(0, 300));
  return true;
});

const deadline = Date.now() + 10_000;
while (Object.values(heard).some((messages) => messages.length === 0) && Date.now() < deadline) {
  await new Promise((resolve) => setTimeout(resolve, 50));
}
say("streams", Object.fromEntries(Object.entries(heard).map(([name, messages]) => [name, messages.length])));
assert.ok(Object.values(heard).every((messages) => messages.length > 0));
await theirs.order(limit("29.9", true, "2"));
const closed = await mine.order(limit("1", false, "1", "Ioc", { r: true }));
say("closed", closed.response.data.statuses[0].filled);
assert.equal((await info.clearinghouseState({ user, dex: "nft" })).assetPositions.length, 0);
process.exit(0);
