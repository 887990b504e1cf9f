/** Verify: what the chain holds against what may be claimed, one's own proof, and the way out by contract. */

import { contractOf, flowsOf, frozenSince, fromAtoms, holdingsOf } from "../../chain/contracts";
import { useChain, useRead } from "../../chain/hooks";
import { Hash } from "../../chain/steps";
import type { Chain, ChainAsset, Posted, Terms } from "../../chain/types";
import { amount } from "../../format/numbers";
import { ago, clock, dateTime } from "../../format/time";
import { Button, Card, Empty, ErrorState, Explain, Loading, Notice, Stat, Stats, Table, Tag } from "../../ui";
import { openWalletDialog, useWallet } from "../../wallet/wallet";
import { ForcedExit } from "./forced-exit";
import { MyBalance } from "./my-balance";

const EVERY_MS = 6_000;

export default function View() {
  const chain = useChain();
  return (
    <div class="page" data-testid="verify">
      <header class="page-head">
        <h1>Verify</h1>
        <p>What the vault holds against what everybody may claim, computed in your browser and compared with the chain.</p>
      </header>
      {chain === undefined ? <Loading label="Asking where the contracts are" /> : chain === null ? <NoChain /> : <OnChain chain={chain} />}
    </div>
  );
}

function NoChain() {
  return (
    <Card title="No chain">
      <Empty title="This exchange keeps its money in its own books">
        It runs without contracts, so nothing is committed to a chain. <a href="#/risk">Risk</a> shows what it holds and owes.
      </Empty>
    </Card>
  );
}

function OnChain({ chain }: { chain: Chain }) {
  const { address } = useWallet();
  return (
    <>
      <Frozen chain={chain} />
      <Reserves chain={chain} />
      <div class="grid-2">
        {address ? <MyBalance key={address} chain={chain} address={address} /> : (
          <Card title="Verify my balance">
            <Empty title="Not connected" action={<Button tone="primary" onClick={openWalletDialog}>Connect</Button>}>
              Connect the wallet whose account you want to see proved.
            </Empty>
          </Card>
        )}
        <div class="stack">
          <Batches chain={chain} />
          {address && <ForcedExit key={address} chain={chain} address={address} />}
        </div>
      </div>
    </>
  );
}

function Frozen({ chain }: { chain: Chain }) {
  const since = useRead("frozen", () => frozenSince(chain.terms), EVERY_MS).data;
  if (!since) return null;
  return (
    <Notice tone="bad">
      The exchange is frozen since {dateTime(since)}: a demand by contract was not answered. Everybody now leaves by the last
      final batch, with the proof file and <code>floorbook exit</code>; no operator is needed for it.
    </Notice>
  );
}

interface Line {
  asset: ChainAsset;
  held: bigint;
  claims: bigint;
  debts: bigint;
  leaving: bigint; // debited for withdrawals, not paid yet
  arriving: bigint; // in the vault, credited after the batch
}

/** At the newest final batch; what comes and leaves since stands beside it. */
function Reserves({ chain }: { chain: Chain }) {
  const batch = chain.final?.batch;
  const { data, error, refresh } = useRead("reserves", () => reservesOf(chain.terms), EVERY_MS);
  if (!data) return <Card title="Assets and liabilities" testid="reserves">{error ? <ErrorState error={error} retry={refresh} /> : <Loading label="Reading the vault" />}</Card>;
  const lines = chain.terms.assets.map((asset): Line => {
    const claims = BigInt(batch?.sums[2 * asset.number] ?? 0);
    const debts = BigInt(batch?.sums[2 * asset.number + 1] ?? 0);
    const withdrawn = BigInt(batch?.withdrawn[asset.number] ?? 0);
    return {
      asset, claims, debts,
      held: (data.vault[asset.name] ?? 0n) / BigInt(asset.unit),
      leaving: withdrawn - (data.paid[asset.number] ?? 0n),
      arriving: (data.received[asset.number] ?? 0n) - (claims - debts + withdrawn),
    };
  });
  const isCovered = lines.every(({ held, claims, debts, leaving }) => held >= claims - debts + leaving);
  const shown = (atoms: bigint, asset: ChainAsset) => amount(fromAtoms(atoms, asset));
  return (
    <Card
      title="Assets and liabilities" testid="reserves"
      explain={<Explain title="How to read it">Assets are what the vault contract holds this moment. Liabilities are the sums of the newest final batch: claims are what accounts are worth at the marks, debts what accounts below zero owe to the others. Leaving is what was debited for withdrawals by then and is not paid yet, arriving what came in and was not credited by then. The surplus is what the vault holds beyond all that.</Explain>}
      actions={batch ? <Tag tone={isCovered ? "up" : "down"}>{isCovered ? "Everything is covered" : "Not covered"}</Tag> : undefined}
    >
      <Table
        caption="What the vault holds and what is owed, per asset" rows={lines} rowKey={({ asset }) => asset.name}
        columns={[
          { key: "asset", head: "Asset", cell: ({ asset }) => asset.name },
          { key: "held", head: "Assets in the vault", align: "right", cell: ({ asset, held }) => <b>{shown(held, asset)}</b> },
          { key: "claims", head: "Claims", align: "right", cell: ({ asset, claims }) => shown(claims, asset) },
          { key: "debts", head: "Debts", align: "right", cell: ({ asset, debts }) => shown(debts, asset) },
          { key: "owed", head: "Liabilities", align: "right", cell: ({ asset, claims, debts }) => <b>{shown(claims - debts, asset)}</b> },
          { key: "leaving", head: "Leaving", align: "right", cell: ({ asset, leaving }) => shown(leaving, asset) },
          { key: "arriving", head: "Arriving", align: "right", cell: ({ asset, arriving }) => shown(arriving, asset) },
          { key: "surplus", head: "Surplus", align: "right", cell: ({ asset, held, claims, debts, leaving, arriving }) => {
            const surplus = held - claims + debts - leaving - arriving;
            return <span class={surplus >= 0n ? "is-up" : "is-down"}>{shown(surplus, asset)}</span>;
          } },
        ]}
      />
      <Stats>
        {chain.terms.collections.map(({ name }) => (
          <Stat key={name} label={`${name} in the vault`} value={data.custody[name] ?? 0} testid={`custody-${name}`} />
        ))}
        {batch && <Stat label="Lent to others" value={amount(fromAtoms(BigInt(batch.sums[4] ?? 0), coin(chain)), "ETH")} hint="Part of the claims: comes back as debts are paid." />}
        {batch && <Stat label="Unsecured debt" value={amount(fromAtoms(BigInt(batch.sums[5] ?? 0), coin(chain)), "ETH")} tone={BigInt(batch.sums[5] ?? 0) > 0n ? "warn" : undefined} hint="Debts beyond what their collateral would bring." />}
      </Stats>
      <p class="dim">{chain.final ? `Liabilities as of batch ${chain.final.number}, ${dateTime(Number(chain.final.batch.time) * 1_000)}.` : "No batch is final yet; the first one is on its way."}</p>
    </Card>
  );
}

async function reservesOf(terms: Terms) {
  const [holdings, flows] = await Promise.all([holdingsOf(terms, contractOf(terms, "Vault")), flowsOf(terms)]);
  return { ...holdings, ...flows };
}

function coin({ terms }: Chain): ChainAsset {
  const [first] = terms.assets;
  if (!first) throw new Error("The exchange names no asset.");
  return first;
}

function Batches({ chain }: { chain: Chain }) {
  const { adapter, latest, final, terms } = chain;
  return (
    <Card title="The chain" testid="batches" actions={<Tag tone={adapter.state === "running" ? "up" : "warn"}>{adapter.state}</Tag>}>
      <p class="dim" data-testid="adapter">{adapter.text}</p>
      <Stats>
        <Stat label="Newest batch" value={latest ? latest.number : "none"} hint={latest ? when(latest) : "The first one comes in a moment."} testid="batch-latest" />
        <Stat label="Newest final batch" value={final ? final.number : "none"} hint={final ? `final since ${clock(final.finalAt)}` : ""} testid="batch-final" />
      </Stats>
      <details>
        <summary>Contracts on chain {terms.chainId}</summary>
        <ul class="contracts">
          {Object.entries(terms.contracts).map(([name, address]) => <li key={name}><span>{name}</span><code class="hash">{address}</code></li>)}
        </ul>
        <p class="dim">The proof is worth as much as these addresses: compare them with ones you have from elsewhere.</p>
      </details>
      {latest && <p class="dim">Posted by <Hash value={latest.transaction} />, hash <Hash value={latest.hash} /></p>}
    </Card>
  );
}

function when(batch: Posted): string {
  if (batch.isVetoed) return "vetoed";
  return batch.finalAt > Date.now() ? `final at ${clock(batch.finalAt)}` : `posted ${ago(batch.postedAt)}`;
}
