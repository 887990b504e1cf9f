import { useState } from "preact/hooks";
import { useChannel, useInfo } from "../../api/live";
import type { BookSnapshot, MarketTerms } from "../../api/types";
import { grouped, percent, price } from "../../format/numbers";
import { ErrorState, Loading } from "../../ui";
import { type Book, type Row, bookOf, spread } from "./book";
import { pickPrice } from "./ticket-state";

const ROWS = 12; // of each side: 24 levels

/** The book as it is now; a first look over /info while the subscription comes. */
export function useBook(coin: string): { book?: Book; error?: string } {
  const [heard, setHeard] = useState<Book & { coin: string }>();
  useChannel({ type: "l2Book", coin }, (data: BookSnapshot) => setHeard({ ...bookOf(data), coin: data.coin }));
  const first = useInfo<BookSnapshot>({ type: "l2Book", coin });
  if (heard?.coin === coin) return { book: heard };
  return { book: first.data ? bookOf(first.data) : undefined, error: first.error };
}

export function BookView({ book, error, terms, mark }: { book?: Book; error?: string; terms?: MarketTerms; mark?: string }) {
  if (error && !book) return <ErrorState error={error} />;
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
