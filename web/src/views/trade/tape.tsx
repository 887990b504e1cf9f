import { useState } from "preact/hooks";
import { useChannel, useInfo } from "../../api/live";
import type { MarketTerms, Trade } from "../../api/types";
import { grouped, price } from "../../format/numbers";
import { clock } from "../../format/time";
import { Empty, ErrorState, Loading } from "../../ui";

const KEPT = 60;

export function Tape({ coin, terms }: { coin: string; terms?: MarketTerms }) {
  const first = useInfo<Trade[]>({ type: "recentTrades", coin });
  const [heard, setHeard] = useState<Trade[]>([]);
  useChannel({ type: "trades", coin }, (news: Trade[]) => setHeard((before) => merged([...news, ...before])));
  const trades = merged([...heard, ...(first.data ?? [])]);
  if (first.error && !trades.length) return <ErrorState error={first.error} retry={first.refresh} />;
  if (first.isLoading && !trades.length) return <Loading label="Trades" />;
  if (!trades.length) return <Empty title="No trades yet">The first one shows here as it happens.</Empty>;
  return (
    <div class="tape" data-testid="tape">
      <div class="book-head"><span>Price</span><span>Size</span><span>Time</span></div>
      <ol aria-label="Trades, newest first">
        {trades.map((trade) => (
          <li key={`${trade.tid}-${trade.time}`} class="tape-row num">
            <span class={trade.side === "B" ? "is-up" : "is-down"}>
              <i aria-hidden="true">{trade.side === "B" ? "▲" : "▼"}</i>
              <span class="sr-only">{trade.side === "B" ? "bought" : "sold"} </span>
              {price(trade.px, terms?.priceDecimals)}
            </span>
            <span>{grouped(trade.sz, terms?.sizeDecimals ?? 2)}</span>
            <span class="dim">{clock(trade.time)}</span>
          </li>
        ))}
      </ol>
    </div>
  );
}

function merged(trades: Trade[]): Trade[] {
  const seen = new Map(trades.map((trade) => [trade.tid, trade]));
  return [...seen.values()].sort((a, b) => b.time - a.time || b.tid - a.tid).slice(0, KEPT);
}
