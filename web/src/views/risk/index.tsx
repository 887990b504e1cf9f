/** Risk: is the exchange solvent, who pays in which order, and who says what the prices are. */

import "../../art/plot.css";
import "./risk.css";
import { useState } from "preact/hooks";
import { useInfo, useNow } from "../../api/live";
import { amount, compact, shortAddress } from "../../format/numbers";
import { ago, clock, span } from "../../format/time";
import { Card, Empty, ErrorState, Explain, Loading, Select, Table, Tag } from "../../ui";
import { useWallet } from "../../wallet/wallet";
import { Feeds } from "./feeds";
import { isSolvent, rungs, stageOf } from "./model";
import { Reports } from "./reports";
import type { Liquidation, MarketRisk, Proof, Risk } from "./types";

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
          <Markets rows={data.markets} />
          <div class="grid-2">
            <Ladder risk={data} />
            <Liquidations rows={data.liquidations} />
          </div>
          <Feeds />
          <Reports risk={data} />
        </>
      )}
    </div>
  );
}

function Solvency() {
  const { address } = useWallet();
  const request = address ? { type: "proof", user: address } : { type: "proof" };
  const { data, error, refresh } = useInfo<Proof>(request, 5_000);
  if (!data) return <Card title="Solvency now">{error ? <ErrorState error={error} retry={refresh} /> : <Loading label="Adding up" />}</Card>;
  const isAll = data.assets.every(isSolvent);
  return (
    <Card
      title="Solvency now" testid="solvency"
      explain={<Explain title="How is it counted?">Held is what came in less what went out. Claims are what accounts are worth at the marks, debts what accounts below zero owe. Held and debts together must cover the claims; the surplus is what is left. Anybody who replays the journal gets the same state hash.</Explain>}
      actions={<Tag tone={isAll ? "up" : "down"}>{isAll ? "Everything is covered" : "Not covered"}</Tag>}
    >
      <Table
        caption="What is held and owed, per asset" rows={data.assets} rowKey={(row) => row.asset}
        columns={[
          { key: "asset", head: "Asset", cell: (row) => row.asset },
          { key: "in", head: "Deposits", align: "right", cell: (row) => amount(row.deposits) },
          { key: "out", head: "Withdrawals", align: "right", cell: (row) => amount(row.withdrawals) },
          { key: "held", head: "Held", align: "right", cell: (row) => <b>{amount(row.held)}</b> },
          { key: "debts", head: "Debts", align: "right", cell: (row) => amount(row.debts) },
          { key: "claims", head: "Claims", align: "right", cell: (row) => <b>{amount(row.claims)}</b> },
          { key: "own", head: "Of them its own", align: "right", cell: (row) => amount(row.own) },
          { key: "surplus", head: "Surplus", align: "right", cell: (row) => <span class={isSolvent(row) ? "is-up" : "is-down"}>{amount(row.surplus)}</span> },
        ]}
      />
      {data.leaf && (
        <p class="dim" data-testid="leaf">
          Your part of the claims: {Object.entries(data.leaf.values).map(([asset, value]) => amount(value, asset)).join(" and ")}.
        </p>
      )}
      <p class="hint state-hash">
        {data.accounts} accounts at {clock(data.time)}. State after command {data.hashSeq} <code title={data.stateHash}>{data.stateHash.slice(0, 14)}…</code>, journal
        at {data.journalSeq} <code title={data.journalHead}>{data.journalHead.slice(0, 14)}…</code>
      </p>
    </Card>
  );
}

const ALL = "";

function Ladder({ risk }: { risk: Risk }) {
  const [coin, choose] = useState(ALL);
  const market = risk.markets.find((each) => each.coin === coin);
  const steps = market?.waterfall ?? risk.waterfall;
  const options = [{ value: ALL, label: "All markets" }, ...risk.markets.map((each) => ({ value: each.coin, label: shortCoin(each.coin) }))];
  return (
    <Card
      title="Who pays for a loss" testid="waterfall"
      explain={<Explain title="What is a waterfall?">A loss that an account cannot bear falls from step to step: each pays as far as its means reach, only the rest goes on. The order is fixed, nothing is decided when it happens, and no other market's money is touched.</Explain>}
      actions={<Select label="Market" isLabelHidden value={coin} onChange={choose} options={options} testid="waterfall-market" />}
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
                  <span class="num">up to {amount(step.amount, market?.asset ?? "ETH", 2)}</span>
                </>
              )}
            </div>
          </li>
        ))}
      </ol>
      <p class="hint">
        {risk.inLiquidation ? `${risk.inLiquidation} accounts are being liquidated now.` : "Nobody is being liquidated now."}
        {market ? "" : " Summed up in ETH here; no market pays for another."}
      </p>
    </Card>
  );
}

function Markets({ rows }: { rows: MarketRisk[] }) {
  return (
    <Card title="Markets" testid="risk-markets" explain={<Explain title="The market's fund">Pays losses of liquidated accounts in its own market, at most a fifth of it a day, so that nobody can pump a price against himself and drain it. At risk is the size of positions that a move of 5 % would begin to liquidate.</Explain>}>
      <Table
        caption="Open interest and insurance of each market" rows={rows} rowKey={(row) => row.coin}
        empty={<Empty title="No market yet" />}
        columns={[
          { key: "coin", head: "Market", cell: (row) => <a href={`#/trade/${row.coin}`}>{shortCoin(row.coin)}</a> },
          { key: "oi", head: "Open interest", align: "right", cell: (row) => compact(row.openInterest) },
          { key: "risk", head: "At risk, long / short", align: "right", cell: (row) => <>{compact(row.longsAtRisk)} / {compact(row.shortsAtRisk, row.asset)}</> },
          { key: "fund", head: "Fund", align: "right", cell: (row) => compact(row.insurance, row.asset) },
          { key: "paid", head: "Paid today", align: "right", cell: (row) => compact(row.insurancePaidToday) },
          { key: "stage", head: "Next loss", align: "right", cell: (row) => <Tag tone={stageOf(row.stage).tone}>{stageOf(row.stage).word}</Tag> },
        ]}
      />
    </Card>
  );
}

function Liquidations({ rows }: { rows: Liquidation[] }) {
  const now = useNow(5_000);
  return (
    <Card title="Liquidations" testid="liquidations">
      <Table
        caption="The latest liquidations" rows={rows.slice(0, 6)} rowKey={(row) => `${row.address}-${row.startedAt}`}
        empty={<Empty title="None yet">When an account's equity falls below its maintenance margin, its positions are closed step by step; that is listed here.</Empty>}
        columns={[
          { key: "address", head: "Account", cell: (row) => <code title={row.address}>{shortAddress(row.address)}</code> },
          { key: "began", head: "Began", align: "right", cell: (row) => ago(row.startedAt, now) },
          { key: "equity", head: "Equity, ETH", align: "right", cell: (row) => amount(row.equity) },
          { key: "maintenance", head: "Needed", align: "right", cell: (row) => amount(row.maintenance) },
          { key: "state", head: "State", align: "right", cell: (row) => <Tag tone={row.endedAt ? "plain" : "warn"}>{row.endedAt ? `took ${span(row.endedAt - row.startedAt)}` : "goes on"}</Tag> },
        ]}
      />
    </Card>
  );
}

function shortCoin(coin: string): string {
  return coin.split(":").pop() ?? coin;
}
