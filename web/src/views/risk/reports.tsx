/** What the reporters say of the collections: breakers, opinions, who is refused and why. */

import { useState } from "preact/hooks";
import { useNow } from "../../api/live";
import { amount, percent, shortAddress } from "../../format/numbers";
import { ago } from "../../format/time";
import { Card, Empty, Explain, Select, Table, Tag } from "../../ui";
import { breakerOf, opinions } from "./model";
import type { Reporter, Risk, Said } from "./types";

export function Reports({ risk }: { risk: Risk }) {
  return (
    <>
      <div class="grid-2">
        <Breakers risk={risk} />
        <Opinions said={risk.said} quorum={risk.quorum} />
      </div>
      <Reporters rows={risk.reporters} />
      <Refused risk={risk} />
    </>
  );
}

function Breakers({ risk }: { risk: Risk }) {
  const now = useNow(5_000);
  return (
    <Card title="Breakers" testid="breakers" explain={<Explain title="What is a breaker?">Each collection has one. It tightens by itself when reports grow old or disagree, and opens after an hour of good ones. The operator can tighten it, never open it against the reports.</Explain>}>
      <Table
        caption="The breaker of each collection" rows={risk.breakers} rowKey={(row) => row.collection}
        empty={<Empty title="No collection is listed" />}
        columns={[
          { key: "collection", head: "Collection", cell: (row) => row.collection },
          { key: "breaker", head: "Breaker", cell: (row) => <Tag tone={breakerOf(row).tone}>{breakerOf(row).word}</Tag> },
          { key: "allows", head: "Allows", cell: (row) => <span class="wraps dim">{breakerOf(row).allows}</span> },
          { key: "value", head: "Floor", align: "right", cell: (row) => (row.value ? amount(row.value, "ETH") : "–") },
          { key: "good", head: "Good reports since", align: "right", cell: (row) => (row.goodSince ? ago(row.goodSince, now) : "–") },
        ]}
      />
    </Card>
  );
}

function Opinions({ said, quorum }: { said: Said[]; quorum: number }) {
  const now = useNow(5_000);
  const names = [...new Set(said.map((each) => each.collection))];
  const [chosen, choose] = useState("");
  const collection = names.includes(chosen) ? chosen : (names[0] ?? "");
  const { median, all } = opinions(said, collection);
  return (
    <Card
      title="Who says what" testid="opinions"
      explain={<Explain title="Who decides the price?">Nobody alone. The median of the reports that count is taken, once a quorum is fresh. Two of five may lie as much as they like: the median still lies between two honest ones.</Explain>}
      actions={names.length > 0 && <Select label="Collection" isLabelHidden value={collection} onChange={choose} options={names.map((name) => ({ value: name, label: name }))} testid="opinion-collection" />}
    >
      {!all.length && <Empty title="No report counts yet" />}
      <ul class="opinions">
        {all.map(({ said: each, place, off }) => (
          <li key={each.reporter} class={each.counted ? undefined : "is-old"}>
            <code>{shortAddress(each.reporter)}</code>
            <span class="opinion-track" aria-hidden="true"><i class={Math.abs(off) > 0.05 ? "is-far" : undefined} style={{ left: `${place * 100}%` }} /></span>
            <span class="num">{amount(each.value, "ETH")}</span>
            <span class="dim num">{off === 0 ? "median" : `${off > 0 ? "+" : "−"}${percent(Math.abs(off), 1)}`} · {each.counted ? ago(each.at, now) : "too old"}</span>
          </li>
        ))}
      </ul>
      {all.length > 0 && <p class="hint">Median {amount(median, "ETH")}; {quorum} of {all.length} must be fresh.</p>}
    </Card>
  );
}

function Reporters({ rows }: { rows: Reporter[] }) {
  const now = useNow(5_000);
  return (
    <Card title="Reporters" testid="reporters">
      <Table
        caption="The reporters and what became of their reports" rows={rows} rowKey={(row) => row.address}
        empty={<Empty title="No reporters are named">Without a quorum of them nothing can be borrowed.</Empty>}
        columns={[
          { key: "address", head: "Reporter", cell: (row) => <code title={row.address}>{shortAddress(row.address)}</code> },
          { key: "at", head: "Last report", align: "right", cell: (row) => (row.lastAt ? ago(row.lastAt, now) : "never") },
          { key: "round", head: "Round", align: "right", cell: (row) => row.lastRound ?? "–" },
          { key: "accepted", head: "Accepted", align: "right", cell: (row) => row.accepted },
          { key: "rejected", head: "Refused", align: "right", cell: (row) => <span class={row.rejected ? "is-warn" : undefined}>{row.rejected}</span> },
          { key: "why", head: "Last refused because", cell: (row) => <span class="wraps dim">{row.lastReason ?? "–"}</span> },
        ]}
      />
    </Card>
  );
}

function Refused({ risk }: { risk: Risk }) {
  const now = useNow(5_000);
  const rows = risk.rejectedReports.slice(0, 12);
  return (
    <Card title="Refused reports" testid="refused-reports">
      <Table
        caption="The latest refused reports" rows={rows} rowKey={(row) => `${row.at}-${row.reporter}-${row.collection}-${row.kind}-${row.token}`}
        empty={<Empty title="None was refused">Reports that are old, repeated or impossible would be listed here with the reason.</Empty>}
        columns={[
          { key: "collection", head: "About", cell: (row) => (row.token === null ? row.collection : `${row.collection} ${row.token}`) },
          { key: "by", head: "By", cell: (row) => <code>{shortAddress(row.reporter)}</code> },
          { key: "value", head: "Said", align: "right", cell: (row) => amount(row.value, "ETH") },
          { key: "at", head: "When", align: "right", cell: (row) => ago(row.at, now) },
          { key: "why", head: "Because", cell: (row) => <span class="wraps">{row.reason}</span> },
        ]}
      />
    </Card>
  );
}
