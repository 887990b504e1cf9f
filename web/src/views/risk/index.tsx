/** Risk: is the exchange solvent, who pays in which order, and who says what the prices are. */

import "../../art/plot.css";
import "./risk.css";
import { useInfo, useVenue } from "../../api/live";
import { amount, asNumber, compact } from "../../format/numbers";
import { clock } from "../../format/time";
import { Card, Empty, ErrorState, Explain, Loading, Table, Tag } from "../../ui";
import { Feeds } from "./feeds";
import { isSolvent, rungs } from "./model";
import { Reports } from "./reports";
import type { MarketRisk, Proof, Risk, Step } from "./types";

export default function View() {
  const { data, error, isLoading, refresh } = useInfo<Risk>({ type: "risk" }, 4_000);
  return (
    <div class="page risk">
      <header class="page-head">
        <h1>Risk</h1>
        <p>What stands behind every position, who would pay for a loss, and where the prices come from.</p>
      </header>
      <Solvency />
      {isLoading && <Loading label="Reading the funds" />}
      {!data && !isLoading && <Card title="Funds and reports"><ErrorState error={error ?? "No answer."} retry={refresh} /></Card>}
      {data && (
        <>
          <div class="grid-2">
            <Ladder steps={data.waterfall} />
            <Markets rows={data.markets} />
          </div>
          <Feeds />
          <Reports risk={data} />
        </>
      )}
    </div>
  );
}

function Solvency() {
  const { data, error, refresh } = useInfo<Proof>({ type: "proof" }, 5_000);
  if (!data) return <Card title="Solvency now">{error ? <ErrorState error={error} retry={refresh} /> : <Loading label="Adding up" />}</Card>;
  const isAll = data.assets.every(isSolvent);
  return (
    <Card
      title="Solvency now" testid="solvency"
      explain={<Explain title="How is it counted?">Held is what came in less what went out. Claims are all accounts above zero, debts all below. Held and debts together must cover the claims; the surplus is what is left. Anybody who replays the journal gets the same state hash.</Explain>}
      actions={<Tag tone={isAll ? "up" : "down"}>{isAll ? "Everything is covered" : "Not covered"}</Tag>}
    >
      <Table
        caption="What is held and owed, per asset" rows={data.assets} rowKey={(row) => row.asset}
        columns={[
          { key: "asset", head: "Asset", cell: (row) => row.name ?? row.asset },
          { key: "in", head: "Deposits", align: "right", cell: (row) => amount(row.deposits) },
          { key: "out", head: "Withdrawals", align: "right", cell: (row) => amount(row.withdrawals) },
          { key: "held", head: "Held", align: "right", cell: (row) => <b>{amount(row.held)}</b> },
          { key: "debts", head: "Debts", align: "right", cell: (row) => amount(row.debts) },
          { key: "claims", head: "Claims", align: "right", cell: (row) => <b>{amount(row.claims)}</b> },
          { key: "surplus", head: "Surplus", align: "right", cell: (row) => <span class={isSolvent(row) ? "is-up" : "is-down"}>{amount(row.surplus)}</span> },
        ]}
      />
      <p class="hint state-hash">
        Command {data.seq} at {clock(data.time)}, state <code title={data.stateHash}>{data.stateHash.slice(0, 18)}…</code>, journal <code title={data.journalHead}>{data.journalHead.slice(0, 18)}…</code>
      </p>
    </Card>
  );
}

function Ladder({ steps }: { steps: Step[] }) {
  return (
    <Card
      title="Who pays for a loss" testid="waterfall"
      explain={<Explain title="What is a waterfall?">A loss that an account cannot bear falls from step to step: each pays as far as its means reach, only the rest goes on. The order is fixed, nothing is decided when it happens, and no other market's money is touched.</Explain>}
    >
      <ol class="ladder">
        {rungs(steps).map(({ step, width }, at) => (
          <li key={step.step}>
            <span class="rung-number" aria-hidden="true">{at + 1}</span>
            <div class="rung">
              <p>{step.text}</p>
              {step.amount !== null && (
                <>
                  <div class="rung-track" aria-hidden="true"><div style={{ width: `${Math.max(1, width * 100)}%` }} /></div>
                  <span class="num">{amount(step.amount, step.asset ?? "ETH")}</span>
                </>
              )}
            </div>
          </li>
        ))}
      </ol>
    </Card>
  );
}

function Markets({ rows }: { rows: MarketRisk[] }) {
  const venue = useVenue();
  const terms = (coin: string) => venue?.markets.find((market) => market.coin === coin);
  const assetOf = (row: MarketRisk) => row.asset ?? terms(row.coin)?.asset ?? "ETH";
  return (
    <Card title="Markets" testid="risk-markets" explain={<Explain title="The market's fund">Pays losses of liquidated accounts in its own market, at most a fifth of it a day, so that nobody can pump a price against himself and drain it.</Explain>}>
      <Table
        caption="Open interest and insurance of each market" rows={rows} rowKey={(row) => row.coin}
        empty={<Empty title="No market yet" />}
        columns={[
          { key: "coin", head: "Market", cell: (row) => <a href={`#/trade/${row.coin}`}>{row.coin.split(":").pop()}</a> },
          { key: "oi", head: "Open interest", align: "right", cell: (row) => compact(row.openInterest) },
          { key: "fund", head: "Fund", align: "right", cell: (row) => amount(row.insurance, assetOf(row)) },
          { key: "paid", head: "Paid today", align: "right", cell: (row) => amount(row.insurancePaidToday) },
          { key: "stage", head: "Stage", align: "right", cell: (row) => <Stage row={row} /> },
        ]}
      />
    </Card>
  );
}

function Stage({ row }: { row: MarketRisk }) {
  const paid = (asNumber(row.insurancePaidToday) ?? 0) > 0;
  const word = row.stage || (paid ? "fund pays" : "calm");
  const isCalm = /calm|none|normal|account/i.test(word);
  return <Tag tone={isCalm ? "up" : /haircut|delever|adl/i.test(word) ? "down" : "warn"}>{word}</Tag>;
}
