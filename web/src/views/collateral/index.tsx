/** Collateral: my tokens, what they count, the credit line on them, and what a fall would do. */

import "../../art/plot.css";
import "./collateral.css";
import { useInfo, useVenue } from "../../api/live";
import { Portrait } from "../../art";
import { amount } from "../../format/numbers";
import { ActionButton, Button, Card, Empty, ErrorState, Loading, Meter, Stat, Stats, Table } from "../../ui";
import { act, openWalletDialog, useWallet } from "../../wallet/wallet";
import { CreditPanel } from "./credit";
import { Falls } from "./falls";
import { Guide } from "./guide";
import { healthOf, number, roomOf, saleSentence, toneOf } from "./model";
import { TokenCard } from "./token";
import type { Collateral, UnitLine } from "./types";

const EVERY_MS = 3_000;

export default function View() {
  const { address } = useWallet();
  return (
    <div class="page collateral">
      <header class="page-head">
        <h1>Collateral</h1>
        <p>Keep your NFT, borrow against it or trade on it, and know at which price it would be sold.</p>
      </header>
      {address ? <Mine address={address} /> : <Disconnected />}
      <Guide />
    </div>
  );
}

function Mine({ address }: { address: string }) {
  const { data, error, isLoading, refresh } = useInfo<Collateral | null>({ type: "collateral", user: address }, EVERY_MS);
  if (isLoading) return <Loading label="Reading your collateral" />;
  if (data === null) return <NoTokens />;
  if (!data) return <Card title="My tokens"><ErrorState error={error ?? "No answer."} retry={refresh} /></Card>;
  const isEmpty = !data.tokens.length && !data.units.length;
  if (isEmpty && !data.credit.hasLine) return <NoTokens />;
  return (
    <>
      <Overview answer={data} />
      <div class="collateral-columns">
        <Tokens answer={data} address={address} />
        <CreditPanel answer={data} />
      </div>
      {(number(data.credit.debt) > 0 || number(data.totals.backing) > 0) && <Falls answer={data} />}
    </>
  );
}

function Overview({ answer }: { answer: Collateral }) {
  const { credit, totals, tokens } = answer;
  const [debt, backing] = [number(credit.debt), number(totals.backing)];
  const health = healthOf(backing, debt);
  const pledged = tokens.filter((token) => token.custody === "pledged").length;
  return (
    <Card title="At a glance" testid="collateral-overview">
      <Stats>
        <Stat label="Tokens pledged" value={`${pledged} of ${tokens.length}`} />
        <Stat label="You may owe" value={amount(credit.limit, "ETH")} hint="What your tokens lend you, up to your credit line." />
        <Stat label="You owe" value={amount(credit.debt, "ETH")} tone={debt > 0 ? "warn" : undefined} />
        <Stat label="Backing" value={amount(totals.backing, "ETH")} hint="If you owe more than this, the sale begins." />
      </Stats>
      <Meter
        label="Health"
        value={roomOf(backing, debt)}
        tone={debt > 0 ? toneOf(health) : "good"}
        text={debt > 0 ? health.toFixed(2) : "no debt"}
      />
      <p class="collateral-sentence" data-testid="sale-sentence">
        {saleSentence(answer, (value) => amount(value, "ETH"))}
      </p>
    </Card>
  );
}

function Tokens({ answer, address }: { answer: Collateral; address: string }) {
  return (
    <section aria-labelledby="tokens-title" class="collateral-tokens">
      <h2 id="tokens-title">My tokens</h2>
      <div class="token-grid" data-testid="tokens">
        {answer.tokens.map((token) => (
          <TokenCard key={`${token.collection}-${token.token}`} line={token} address={address} />
        ))}
      </div>
      {answer.units.length > 0 && <Units rows={answer.units} />}
    </section>
  );
}

function Units({ rows }: { rows: UnitLine[] }) {
  return (
    <Card title="Fractions, fund shares and receipts" testid="units">
      <Table
        caption="Units of instruments and what the pledged ones count" rows={rows} rowKey={(row) => row.instrument}
        columns={[
          { key: "name", head: "Instrument", cell: (row) => row.name },
          { key: "amount", head: "Yours", align: "right", cell: (row) => amount(row.amount) },
          { key: "pledged", head: "Pledged", align: "right", cell: (row) => amount(row.pledged) },
          { key: "loan", head: "Lends you", align: "right", cell: (row) => amount(row.loan, "ETH") },
          { key: "backing", head: "Backs debt of", align: "right", cell: (row) => amount(row.backing, "ETH") },
        ]}
      />
    </Card>
  );
}

function NoTokens() {
  const venue = useVenue();
  return (
    <Card title="My tokens" testid="collateral-empty">
      <Gallery />
      <Empty title="No tokens here yet">
        <p>A token that is deposited appears here with its portrait and its value. It counts once you pledge it.</p>
        {venue?.hasChain && <p><a href="#/portfolio">Deposit one from your wallet</a></p>}
        {venue?.hasFaucet && (
          <ActionButton tone="primary" action={() => act({ type: "faucet" })} done="Three demo tokens are on their way." testid="collateral-faucet">
            Get demo tokens
          </ActionButton>
        )}
      </Empty>
    </Card>
  );
}

function Disconnected() {
  return (
    <Card title="My tokens" testid="collateral-disconnected">
      <Gallery />
      <Empty title="Connect to see your tokens">
        <p>Every token has a portrait of its own, drawn from its traits. A demo key is enough to try it.</p>
        <Button tone="primary" onClick={openWalletDialog} testid="collateral-connect">Connect</Button>
      </Empty>
    </Card>
  );
}

const SAMPLES: readonly (readonly [number, string, string, string])[] = [
  [9, "Human", "Medium", "Police Cap|Big Beard|Clown Nose"], [116, "Human", "Dark", "Tiara|Clown Eyes Blue"],
  [372, "Ape", "", "Cap Forward"], [987, "Zombie", "", "Wild Hair|Horned Rim Glasses"], [59, "Human", "Albino", "Cowboy Hat|Muttonchops"],
  [635, "Alien", "", "Bandana|Regular Shades"], [67, "Human", "Medium", "Half Shaved|3D Glasses"], [32, "Human", "Light", "VR|Smile"],
];

function Gallery() {
  return (
    <div class="gallery" aria-hidden="true">
      {SAMPLES.map(([token, type, skin, attributes]) => (
        <Portrait key={token} collection="PUNKS" token={token} traits={{ type, skin, gender: "Male", attributes }} size={64} />
      ))}
    </div>
  );
}
