import { useState } from "preact/hooks";
import { useVenue } from "../../api/live";
import { symbol, useTerms } from "../../api/market";
import type { MarketTerms, OpenOrder, Twap } from "../../api/types";
import { grouped, price } from "../../format/numbers";
import { dateTime } from "../../format/time";
import { ActionButton, Button, type Column, Dialog, Empty, Field, Table, Tag } from "../../ui";
import { trade } from "../../wallet/wallet";
import { type WireOrder, exact, outcome, priceFault, sizeFault } from "./order";

export function Orders({ orders, isTrigger }: { orders: OpenOrder[]; isTrigger: boolean }) {
  const [edited, setEdited] = useState<OpenOrder>();
  const rows = orders.toSorted((a, b) => b.timestamp - a.timestamp);
  const empty = isTrigger
    ? <Empty title="No waiting triggers">Stops and take-profits wait here until the mark reaches them.</Empty>
    : <Empty title="No open orders">A limit order that is not filled at once rests here.</Empty>;
  return (
    <>
      {rows.length > 1 && <div class="table-tools"><CancelAll orders={rows} /></div>}
      <Table caption={isTrigger ? "Waiting triggers" : "Open orders"} testid={isTrigger ? "triggers" : "orders"} rows={rows}
        rowKey={({ oid }) => oid} columns={isTrigger ? triggerColumns() : orderColumns(setEdited)} empty={empty} />
      {edited && <ModifyDialog order={edited} onClose={() => setEdited(undefined)} />}
    </>
  );
}

function orderColumns(edit: (order: OpenOrder) => void): Column<OpenOrder>[] {
  return [
    { key: "market", head: "Market", cell: (row) => <Name order={row} /> },
    { key: "price", head: "Price", align: "right", cell: (row) => <Price coin={row.coin} value={row.limitPx} /> },
    { key: "size", head: "Size left", align: "right", cell: (row) => <Size coin={row.coin} value={row.sz} /> },
    { key: "of", head: "Of", align: "right", cell: (row) => <Size coin={row.coin} value={row.origSz} /> },
    { key: "kind", head: "Kind", cell: (row) => <Kind order={row} /> },
    { key: "time", head: "Placed", cell: (row) => <span class="num dim">{dateTime(row.timestamp)}</span> },
    { key: "", head: <span class="sr-only">Actions</span>, align: "right", cell: (row) => (
      <span class="row end">
        <Button small tone="quiet" testid={`modify-${row.oid}`} onClick={() => edit(row)}>Modify</Button>
        <Cancel order={row} />
      </span>
    ) },
  ];
}

function triggerColumns(): Column<OpenOrder>[] {
  return [
    { key: "market", head: "Market", cell: (row) => <Name order={row} /> },
    { key: "when", head: "When the mark is", cell: (row) => <span class="num">{condition(row)}</span> },
    { key: "then", head: "Then", cell: (row) => row.orderType ?? "Order" },
    { key: "size", head: "Size", align: "right", cell: (row) => <Size coin={row.coin} value={row.sz} /> },
    { key: "time", head: "Placed", cell: (row) => <span class="num dim">{dateTime(row.timestamp)}</span> },
    { key: "", head: <span class="sr-only">Actions</span>, align: "right", cell: (row) => <Cancel order={row} /> },
  ];
}

function condition(order: OpenOrder): string {
  if (order.triggerCondition && order.triggerCondition !== "N/A") return order.triggerCondition;
  const isAbove = (order.orderType?.startsWith("Take") ?? false) === (order.side === "A");
  return `${isAbove ? "≥" : "≤"} ${order.triggerPx ?? ""}`;
}

function Name({ order }: { order: OpenOrder }) {
  return (
    <span class="row">
      {symbol(order.coin)}
      <Tag tone={order.side === "B" ? "up" : "down"}>{order.side === "B" ? "▲ buy" : "▼ sell"}</Tag>
    </span>
  );
}

function Price({ coin, value }: { coin: string; value: string }) {
  return <span class="num">{price(value, useTerms(coin)?.priceDecimals)}</span>;
}

function Size({ coin, value }: { coin: string; value: string }) {
  return <span class="num">{grouped(value, useTerms(coin)?.sizeDecimals ?? 2)}</span>;
}

function Kind({ order }: { order: OpenOrder }) {
  return (
    <span class="row">
      {order.tif === "Alo" ? "Post only" : (order.orderType ?? "Limit")}
      {order.reduceOnly && <Tag>reduce only</Tag>}
    </span>
  );
}

function Cancel({ order }: { order: OpenOrder }) {
  const terms = useTerms(order.coin);
  const cancel = async () => {
    outcome(await trade({ type: "cancel", cancels: [{ a: terms?.assetId ?? -1, o: order.oid }] }), "");
  };
  return <ActionButton small tone="danger" testid={`cancel-${order.oid}`} disabled={!terms} action={cancel} done="Cancelled.">Cancel</ActionButton>;
}

const CANCELS_MAX = 100; // of one request

function CancelAll({ orders }: { orders: OpenOrder[] }) {
  const terms = useTermsOf();
  const cancel = async () => {
    const cancels = orders.map(({ coin, oid }) => ({ a: terms(coin)?.assetId ?? -1, o: oid }));
    outcome(await trade({ type: "cancel", cancels: cancels.slice(0, CANCELS_MAX) }), "");
  };
  return <ActionButton small tone="danger" testid="cancel-all" action={cancel} done="All cancelled.">Cancel all {orders.length}</ActionButton>;
}

function useTermsOf(): (coin: string) => MarketTerms | undefined {
  const venue = useVenue();
  return (coin) => venue?.markets.find((market) => market.coin === coin);
}

function ModifyDialog({ order, onClose }: { order: OpenOrder; onClose: () => void }) {
  const terms = useTerms(order.coin);
  const [limit, setLimit] = useState(order.limitPx);
  const [size, setSize] = useState(order.sz);
  if (!terms) return null;
  const wrong = { price: priceFault(limit, terms), size: sizeFault(size, terms) };
  const save = async () => {
    if (wrong.price || wrong.size) throw new Error(wrong.price ?? wrong.size);
    const changed: WireOrder = {
      a: terms.assetId, b: order.side === "B", p: exact(limit), s: exact(size), r: order.reduceOnly ?? false,
      t: { limit: { tif: order.tif === "Alo" ? "Alo" : "Gtc" } },
    };
    outcome(await trade({ type: "batchModify", modifies: [{ oid: order.oid, order: changed }] }), symbol(order.coin));
  };
  return (
    <Dialog title={`Modify ${order.side === "B" ? "buy" : "sell"} order`} onClose={onClose} testid="modify-dialog">
      <Field label="Price" value={limit} onInput={setLimit} unit={terms.asset} error={wrong.price} testid="modify-price" />
      <Field label="Quantity" value={size} onInput={setSize} unit={symbol(order.coin)} error={wrong.size} testid="modify-size" />
      <p class="dim">A smaller quantity at the same price keeps the order's place in the queue; anything else goes to its end.</p>
      <ActionButton tone="primary" class="is-wide" testid="modify-save" action={save} done="Order changed." onDone={onClose}>Change order</ActionButton>
    </Dialog>
  );
}

/** TWAPs still working. */
export function Twaps({ twaps }: { twaps: Twap[] }) {
  return (
    <Table caption="Running TWAPs" testid="twaps" rows={twaps} rowKey={({ twap }) => twap} columns={TWAP_COLUMNS}
      empty={<Empty title="No TWAP is running">A TWAP works a large order in equal slices over time.</Empty>} />
  );
}

const TWAP_COLUMNS: Column<Twap>[] = [
  { key: "market", head: "Market", cell: (row) => (
    <span class="row">{symbol(row.coin)}<Tag tone={row.side === "B" ? "up" : "down"}>{row.side === "B" ? "▲ buy" : "▼ sell"}</Tag></span>
  ) },
  { key: "size", head: "Size", align: "right", cell: (row) => <Size coin={row.coin} value={row.size} /> },
  { key: "filled", head: "Filled", align: "right", cell: (row) => <Size coin={row.coin} value={row.filled} /> },
  { key: "slices", head: "Slices", align: "right", cell: (row) => <span class="num">{row.slicesDone} of {row.slices}</span> },
  { key: "ends", head: "Ends", cell: (row) => <span class="num dim">{dateTime(row.start + row.duration)}</span> },
  { key: "", head: <span class="sr-only">Actions</span>, align: "right", cell: (row) => <CancelTwap twap={row} /> },
];

function CancelTwap({ twap }: { twap: Twap }) {
  const terms = useTerms(twap.coin);
  return (
    <ActionButton small tone="danger" testid={`cancel-twap-${twap.twap}`} done="TWAP stopped."
      action={async () => outcome(await trade({ type: "twapCancel", a: terms?.assetId ?? -1, t: twap.twap }), "")}>Stop</ActionButton>
  );
}
