/** Auctions: collateral on sale at a falling price, standing bids, and how earlier sales ended. */

import "../../art/plot.css";
import "./auctions.css";
import { useInfo } from "../../api/live";
import { Portrait } from "../../art";
import { amount } from "../../format/numbers";
import { dateTime } from "../../format/time";
import { Card, Empty, ErrorState, Explain, Loading, Table } from "../../ui";
import { useWallet } from "../../wallet/wallet";
import { Bids } from "./bids";
import { endingWord, isPaid, nameOf } from "./model";
import { SaleCard } from "./sale";
import type { Ended, Sale } from "./types";

export default function View() {
  return (
    <div class="page auctions">
      <header class="page-head">
        <h1>Auctions</h1>
        <p>Tokens of borrowers whose collateral no longer backs their debt. The price falls until somebody takes it.</p>
      </header>
      <Live />
      <Bids />
      <History />
      <Rules />
    </div>
  );
}

function Live() {
  const { address } = useWallet();
  const { data, error, isLoading, refresh } = useInfo<Sale[]>({ type: "auctions" }, 2_000);
  if (isLoading) return <Loading label="Looking for sales" />;
  if (!data) return <Card title="On sale now"><ErrorState error={error ?? "No answer."} retry={refresh} /></Card>;
  if (!data.length) {
    return (
      <Card title="On sale now" testid="auctions-empty">
        <Empty title="Nothing is on sale">
          Every borrower is healthy. Leave a standing bid below: it wins the first sale whose price falls to it.
        </Empty>
      </Card>
    );
  }
  return (
    <section aria-labelledby="live-title" class="sales">
      <h2 id="live-title">On sale now <span class="dim num">{data.length}</span></h2>
      <div class="sale-grid" data-testid="sales">
        {data.map((sale) => <SaleCard key={sale.auction} sale={sale} address={address} />)}
      </div>
    </section>
  );
}

function History() {
  const { data, error } = useInfo<Ended[]>({ type: "auctionHistory" }, 15_000);
  if (!data && error) return null;
  const rows = (data ?? []).slice(0, 50);
  return (
    <Card title="Ended" testid="auction-history">
      <Table
        caption="Sales that have ended, the latest first" rows={rows} rowKey={(row) => row.auction}
        empty={<Empty title="No sale has ended yet">Here it will say who paid what, and where the money went.</Empty>}
        columns={[
          { key: "token", head: "Token", cell: (row) => <EndedToken row={row} /> },
          { key: "ending", head: "How it ended", cell: endingWord },
          { key: "price", head: "Price", align: "right", cell: (row) => (isPaid(row) ? amount(row.price, "ETH") : "–") },
          { key: "debt", head: "Paid debt", align: "right", cell: (row) => (isPaid(row) ? amount(row.toDebt) : "–") },
          { key: "owner", head: "To its owner", align: "right", cell: (row) => (isPaid(row) ? amount(row.toOwner) : "–") },
          { key: "at", head: "When", align: "right", cell: (row) => dateTime(row.endedAt) },
        ]}
      />
    </Card>
  );
}

function EndedToken({ row }: { row: Ended }) {
  return (
    <span class="sale-name">
      {row.token >= 0 && row.collection && <Portrait collection={row.collection} token={row.token} traits={row.traits} size={28} />}
      {nameOf(row)}
    </span>
  );
}

function Rules() {
  return (
    <Card title="How a sale runs" explain={<Explain title="Why so slow?">A forced sale in one minute brings what the one person who is awake wants to pay. Six hours let buyers from everywhere see it, and the price says how long they can wait.</Explain>}>
      <ol class="rules">
        <li>It starts at 1.2 times the appraisal, or at the best standing bid if that is higher.</li>
        <li>Within two hours it falls to the appraisal, within four more to 70 % of the value. The first to pay the price gets the token at once.</li>
        <li>A standing bid wins when the price has fallen to it, at its own price.</li>
        <li>The clock stands still while prices are too old, and for an hour after. Nobody can buy then.</li>
        <li>Unsold, it starts again with the terms of then, at most twice. At the end of the third run the NFT insurance vault or the best bid takes it, whichever pays more.</li>
        <li>Until somebody buys, the owner can take the token back by repaying to within the limit.</li>
      </ol>
    </Card>
  );
}
