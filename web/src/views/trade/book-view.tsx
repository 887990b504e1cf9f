import { useRef, useState } from "preact/hooks";
import { useChannel } from "../../api/live";
import { socket } from "../../api/socket";
import type { MarketTerms } from "../../api/types";
import { grouped, percent, price } from "../../format/numbers";
import { Loading } from "../../ui";
import { type Book, type BookDiff, BookKeeper, type Row, spread } from "./book";
import { pickPrice } from "./ticket-state";

const ROWS = 12; // of each side: 24 levels

const SHOWN_MS = 100; // changes come every 20 ms; eyes and phones want fewer

/** The whole book, kept by its numbered changes. */
export function useBook(coin: string): Book | undefined {
  const [shown, setShown] = useState<{ coin: string; book: Book }>();
  const kept = useRef<{ coin: string; keeper: BookKeeper; timer?: ReturnType<typeof setTimeout> }>(undefined);
  if (kept.current?.coin !== coin) {
    clearTimeout(kept.current?.timer);
    kept.current = { coin, keeper: new BookKeeper() };
  }
  const show = (held: NonNullable<typeof kept.current>) => {
    held.timer = undefined;
    setShown({ coin: held.coin, book: held.keeper.book() });
  };
  useChannel({ type: "l2Diff", coin }, (diff: BookDiff) => {
    const held = kept.current;
    if (!held || diff.coin !== held.coin) return;
    if (!held.keeper.take(diff)) socket.renew({ type: "l2Diff", coin });
    else held.timer ??= setTimeout(() => show(held), diff.isSnapshot ? 0 : SHOWN_MS);
  });
  return shown?.coin === coin ? shown.book : undefined;
}

export function BookView({ book, terms, mark }: { book?: Book; terms?: MarketTerms; mark?: string }) {
  if (!book) return <Loading label="Order book" />;
  const asks = book.asks.slice(0, ROWS);
  const bids = book.bids.slice(0, ROWS);
  const most = Math.max(asks.at(-1)?.total ?? 0, bids.at(-1)?.total ?? 0, 1e-12);
  const gap = spread(book);
  const show = { most, priceDecimals: terms?.priceDecimals ?? 4, sizeDecimals: terms?.sizeDecimals ?? 2 };
  return (
    <div class="book" data-testid="book">
      <div class="book-head"><span>Price{terms && ` ${terms.asset}`}</span><span>Size</span><span>Total</span></div>
      <ol class="book-side is-asks" aria-label="Asks, best last">
        {blank(ROWS - asks.length)}
        {asks.toReversed().map((row) => <BookRow key={row.px} row={row} side="ask" {...show} />)}
      </ol>
      <div class="book-mid">
        <span class="num" aria-label="Mark">{price(mark, show.priceDecimals)}</span>
        <span class="dim num">{gap ? `spread ${grouped(gap[0], show.priceDecimals)} · ${percent(gap[1])}` : "one side is empty"}</span>
      </div>
      <ol class="book-side is-bids" aria-label="Bids, best first">
        {bids.map((row) => <BookRow key={row.px} row={row} side="bid" {...show} />)}
        {blank(ROWS - bids.length)}
      </ol>
    </div>
  );
}

function BookRow({ row, side, most, priceDecimals, sizeDecimals }: {
  row: Row; side: "bid" | "ask"; most: number; priceDecimals: number; sizeDecimals: number;
}) {
  return (
    <li>
      <button type="button" class="book-row num" data-testid={`${side}-row`} tabIndex={-1} style={{ "--depth": `${(100 * row.total) / most}%` }}
        aria-label={`${side} ${row.size} at ${row.px}`} onClick={() => pickPrice(row.px)}>
        <span class={side === "bid" ? "is-up" : "is-down"}>{price(row.px, priceDecimals)}</span>
        <span>{grouped(row.size, sizeDecimals)}</span>
        <span class="dim">{grouped(row.total, sizeDecimals)}</span>
      </button>
    </li>
  );
}

function blank(count: number) {
  return Array.from({ length: Math.max(0, count) }, (_, i) => <li key={`blank-${i}`} class="book-row" aria-hidden="true" />);
}
