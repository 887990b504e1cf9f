/** Standing bids: mine, everybody's, and placing one. */

import { useState } from "preact/hooks";
import { useAccount, useInfo, useVenue } from "../../api/live";
import { amount, asNumber, shortAddress } from "../../format/numbers";
import { ActionButton, Button, Card, Empty, Explain, Field, Segmented, Select, Table } from "../../ui";
import { act, openWalletDialog, useWallet } from "../../wallet/wallet";
import { amountError, exact } from "../collateral/amounts";
import { bidProblem, bidTarget } from "./model";
import type { Bid } from "./types";

export function Bids() {
  const { address } = useWallet();
  const [scope, setScope] = useState<"mine" | "all">("mine");
  const isMine = scope === "mine" && !!address;
  const request = isMine ? { type: "bids", user: address } : { type: "bids" };
  const { data, error } = useInfo<Bid[]>(request, 4_000);
  const rows = [...(data ?? [])].sort((a, b) => Number(b.price) - Number(a.price));
  return (
    <div class="bid-columns">
      <Card
        title="Standing bids" testid="bids"
        explain={<Explain title="What is a standing bid?">An offer that waits for sales. Its ETH is set aside while it stands and comes back when you cancel. It wins the first sale whose price falls to it, at its own price, once; the higher bid first, then the older.</Explain>}
        actions={address && (
          <Segmented label="Whose bids" small value={scope} onChange={setScope} testid="bids-scope" options={[{ value: "mine", label: "Mine" }, { value: "all", label: "All" }]} />
        )}
      >
        <Table
          caption={isMine ? "My standing bids" : "All standing bids, the highest first"} rows={rows} rowKey={(row) => row.bid}
          empty={<Empty title={error ? "Bids are not to be had now" : isMine ? "You have no standing bid" : "Nobody bids yet"}>{error ?? "A bid far below the price costs nothing but patience."}</Empty>}
          columns={[
            { key: "for", head: "For", cell: bidTarget },
            { key: "price", head: "Bid", align: "right", cell: (row) => amount(row.price, "ETH") },
            { key: "who", head: isMine ? "" : "Bidder", align: "right", cell: (row) => (isMine ? <Cancel bid={row} /> : shortAddress(row.address)) },
          ]}
        />
      </Card>
      <Place isConnected={!!address} />
    </div>
  );
}

function Cancel({ bid }: { bid: Bid }) {
  return (
    <ActionButton small tone="quiet" action={() => act({ type: "cancelBid", bid: bid.bid })} done="Cancelled: the ETH is back." testid={`bid-cancel-${bid.bid}`} aria-label={`Cancel the bid for ${bidTarget(bid)}`}>
      Cancel
    </ActionButton>
  );
}

function Place({ isConnected }: { isConnected: boolean }) {
  const venue = useVenue();
  const account = useAccount();
  const [chosen, choose] = useState("");
  const [token, setToken] = useState("");
  const [price, setPrice] = useState("");
  const collections = venue?.collections ?? [];
  const collection = collections.find(({ name }) => name === chosen) ?? collections[0];
  const free = asNumber(account?.cash.find((line) => line.asset === "ETH")?.withdrawable);
  const problem = bidProblem(price, token, collection?.supply ?? 0, free);
  const wrong = price ? amountError(price) || problem : "";
  return (
    <Card title="Place a bid" testid="bid-form">
      <div class="form-stack">
        <Select label="Collection" value={collection?.name ?? ""} onChange={choose} options={collections.map(({ name }) => ({ value: name, label: name }))} testid="bid-collection" />
        <Field label="Token (empty: any)" value={token} onInput={setToken} inputMode="numeric" placeholder="any" error={/Tokens/.test(problem) ? problem : ""} testid="bid-token" />
        <Field label="Bid" unit="ETH" value={price} onInput={setPrice} error={/Tokens/.test(wrong) ? "" : wrong} hint={free === undefined ? undefined : `${amount(free, "ETH")} free`} testid="bid-price" />
        {price && !wrong && !problem && (
          <p class="hint" aria-live="polite">{amount(price, "ETH")} is set aside until the bid wins or you cancel it.</p>
        )}
        {isConnected ? (
          <ActionButton
            tone="primary" class="is-wide" disabled={!price || !!wrong || !!problem || !collection} testid="bid-send" done="The bid stands."
            action={() => act({ type: "placeBid", collection: collection?.name ?? "", price: exact(price), token: token ? Number(token) : -1 })}
            onDone={() => setPrice("")}
          >
            Place bid
          </ActionButton>
        ) : (
          <Button onClick={openWalletDialog} testid="bid-connect">Connect to bid</Button>
        )}
      </div>
    </Card>
  );
}
