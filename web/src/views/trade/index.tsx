import { useState } from "preact/hooks";
import { useContext, useTerms } from "../../api/market";
import "../../styles/trade.css";
import { Segmented } from "../../ui";
import { AccountPanel } from "./account-panel";
import { BookView, useBook } from "./book-view";
import { Chart } from "./chart";
import { Panels } from "./panels";
import { Tape } from "./tape";
import { TicketForm } from "./ticket";

type Look = "chart" | "book" | "trades" | "order";

/** The market at work: chart, book, trades; the ticket; what the account has. */
export default function View({ detail: coin }: { detail: string }) {
  const terms = useTerms(coin);
  const context = useContext(coin);
  const book = useBook(coin);
  const [look, setLook] = useState<Look>("chart");
  return (
    <div class="trade" data-look={look}>
      <h1 class="sr-only">Trade {coin}</h1>
      <div class="trade-looks">
        <Segmented label="Show" value={look} onChange={setLook} testid="look" options={[
          { value: "chart", label: "Chart" }, { value: "book", label: "Book" }, { value: "trades", label: "Trades" }, { value: "order", label: "Order" },
        ]} />
      </div>
      <section class="pane pane-chart" aria-label="Chart"><Chart coin={coin} terms={terms} /></section>
      <section class="pane pane-book" aria-label="Order book">
        <h2 class="pane-title">Order book</h2>
        <BookView book={book} terms={terms} mark={context?.markPx} />
      </section>
      <section class="pane pane-tape" aria-label="Trades">
        <h2 class="pane-title">Trades</h2>
        <Tape key={coin} coin={coin} terms={terms} />
      </section>
      <aside class="pane pane-ticket" aria-label="Order ticket and account">
        <TicketForm key={coin} coin={coin} book={book} />
        <AccountPanel />
      </aside>
      <div class="pane pane-panels"><Panels /></div>
    </div>
  );
}
