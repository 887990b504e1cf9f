import { useState } from "preact/hooks";
import { useChannel, useInfo } from "../../api/live";
import { symbol, useTerms } from "../../api/market";
import type { Fill, FundingPayment } from "../../api/types";
import { amount, grouped, percent, plain, price } from "../../format/numbers";
import { dateTime } from "../../format/time";
import { type Column, Delta, Empty, ErrorState, Loading, Table, Tag } from "../../ui";
import { useWallet } from "../../wallet/wallet";

const WEEK_MS = 7 * 86_400_000;
const ROWS = 200;

export function Fills() {
  const { address } = useWallet();
  const { data, error, isLoading, refresh } = useInfo<Fill[]>(address ? { type: "userFills", user: address, aggregateByTime: true } : null, 5_000);
  if (error && !data) return <ErrorState error={error} retry={refresh} />;
  if (address && isLoading) return <Loading label="Fills" />;
  return (
    <Table caption="Your fills, newest first" testid="fills" rows={(data ?? []).slice(0, ROWS)} rowKey={(row) => `${row.tid}-${row.oid}`}
      columns={FILL_COLUMNS} empty={<Empty title="No fills yet">Each trade of yours shows here with its fee and its profit.</Empty>} />
  );
}

const FILL_COLUMNS: Column<Fill>[] = [
  { key: "market", head: "Market", cell: (row) => (
    <span class="row">{symbol(row.coin)}<Tag tone={row.side === "B" ? "up" : "down"}>{row.dir || (row.side === "B" ? "Buy" : "Sell")}</Tag>
      {row.liquidation ? <Tag tone="warn">liquidation</Tag> : null}</span>
  ) },
  { key: "price", head: "Price", align: "right", cell: (row) => <FillPrice fill={row} /> },
  { key: "size", head: "Size", align: "right", cell: (row) => <FillSize fill={row} /> },
  { key: "fee", head: "Fee", align: "right", cell: (row) => <span class="num">{amount(row.fee, row.feeToken)}</span> },
  { key: "pnl", head: "Realised", align: "right", cell: (row) =>
    Number(row.closedPnl) ? <Delta value={row.closedPnl} decimals={4} unit={row.feeToken} /> : <span class="dim">–</span> },
  { key: "role", head: "Role", cell: (row) => (row.crossed ? "taker" : "maker") },
  { key: "time", head: "Time", cell: (row) => <span class="num dim">{dateTime(row.time)}</span> },
];

function FillPrice({ fill }: { fill: Fill }) {
  return <span class="num">{price(fill.px, useTerms(fill.coin)?.priceDecimals)}</span>;
}

function FillSize({ fill }: { fill: Fill }) {
  return <span class="num">{grouped(fill.sz, useTerms(fill.coin)?.sizeDecimals ?? 2)}</span>;
}

export function Funding() {
  const { address } = useWallet();
  const [startTime] = useState(() => Date.now() - WEEK_MS);
  const request = address ? { type: "userFunding", user: address, startTime } : null;
  const { data, error, isLoading, refresh } = useInfo<FundingPayment[]>(request, 15_000);
  if (error && !data) return <ErrorState error={error} retry={refresh} />;
  if (address && isLoading) return <Loading label="Funding" />;
  const rows = [...(data ?? [])].sort((a, b) => b.time - a.time).slice(0, ROWS);
  return (
    <Table caption="Your funding payments, newest first" testid="funding-history" rows={rows}
      rowKey={(row) => `${row.time}-${row.delta.coin}`} columns={FUNDING_COLUMNS}
      empty={<Empty title="No funding yet">At each full hour one side of a market pays the other; your payments show here.</Empty>} />
  );
}

const FUNDING_COLUMNS: Column<FundingPayment>[] = [
  { key: "market", head: "Market", cell: (row) => symbol(row.delta.coin) },
  { key: "paid", head: "Received", align: "right", cell: (row) => <Received payment={row} /> },
  { key: "size", head: "Position", align: "right", cell: (row) => <span class="num">{Number(row.delta.szi)}</span> },
  { key: "rate", head: "Rate", align: "right", cell: (row) => <span class="num">{percent(row.delta.fundingRate, 4)}</span> },
  { key: "time", head: "Time", cell: (row) => <span class="num dim">{dateTime(row.time)}</span> },
];

function Received({ payment: { delta } }: { payment: FundingPayment }) {
  return <Delta value={delta.usdc} decimals={6} unit={useTerms(delta.coin)?.asset} />;
}

/** Reads each new fill of ours aloud, once. */
export function FillAnnouncer({ onFill }: { onFill: () => void }) {
  const { address } = useWallet();
  const [said, setSaid] = useState("");
  useChannel(address ? { type: "userFills", user: address } : null, (data: { isSnapshot?: boolean; fills: Fill[] }) => {
    if (data.isSnapshot || !data.fills.length) return;
    setSaid(sentences(data.fills));
    onFill();
  });
  useChannel(address ? { type: "orderUpdates", user: address } : null, onFill);
  return <p class="sr-only" role="log" aria-live="polite" data-testid="fill-announcer">{said}</p>;
}

/** One sentence for each order, however many it met: "Bought 0.5 PUNKS at 12.77." */
function sentences(fills: Fill[]): string {
  const orders = Map.groupBy(fills, ({ oid, side, coin }) => `${oid} ${side} ${coin}`);
  return [...orders.values()].map((parts) => {
    const size = parts.reduce((sum, { sz }) => sum + Number(sz), 0);
    const paid = parts.reduce((sum, { sz, px }) => sum + Number(sz) * Number(px), 0);
    const [{ side, coin } = { side: "B", coin: "" }] = parts;
    return `${side === "B" ? "Bought" : "Sold"} ${plain(size, 8)} ${symbol(coin)} at ${plain(paid / size, 4)}.`;
  }).join(" ");
}
