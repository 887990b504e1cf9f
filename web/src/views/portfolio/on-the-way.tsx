/** Withdrawals after the debit: debited, in a batch, final, paid. */

import { useInfo } from "../../api/live";
import { MONEY, type PaidOut, fromAtoms, paidTo } from "../../chain/contracts";
import { useRead } from "../../chain/hooks";
import { Hash } from "../../chain/steps";
import type { Chain, Payout } from "../../chain/types";
import { amount } from "../../format/numbers";
import { clock, dateTime } from "../../format/time";
import { Card, Empty, Explain, Table } from "../../ui";

const EVERY_MS = 2_000;
const PAID_MS = 3_000;
const PAID_MAX = 8;

export function OnTheWay({ chain, address }: { chain: Chain; address: string }) {
  const { data: payouts = [] } = useInfo<Payout[]>({ type: "payouts", user: address }, EVERY_MS);
  const paid = useRead(address, () => paidTo(chain.terms, address), PAID_MS).data ?? [];
  return (
    <Card
      title="Withdrawals on their way" testid="on-the-way"
      explain={<Explain title="Why does it take so long?">The exchange debits at once and writes the debt into its next batch. The batch stands on the chain for a while in which a false one can be vetoed; then it is final, and anybody may make the vault pay. A large amount waits longer, and only so much leaves in an hour.</Explain>}
    >
      {payouts.length ? <div class="ways">{payouts.map((payout) => <Way key={payout.number} payout={seen(payout, paid)} />)}</div>
        : !paid.length && <Empty title="Nothing is on its way">What you withdraw is followed here until the chain has paid it.</Empty>}
      {paid.length > 0 && (
        <Table
          caption="Paid by the vault" isCaptionShown testid="paid" rows={paid.slice(0, PAID_MAX)} rowKey={(row) => row.number}
          columns={[
            { key: "what", head: "What", cell: (row) => whatWasPaid(chain, row.kind, row.id, row.value) },
            { key: "hash", head: "Transaction", align: "right", cell: (row) => <Hash value={row.transaction} /> },
          ]}
        />
      )}
    </Card>
  );
}

/** The exchange forgets a payout once the chain has kept the payment for good; the page sees it before. */
function seen(payout: Payout, paid: PaidOut[]): Payout {
  const found = paid.find(({ number }) => number === payout.number);
  return found ? { ...payout, stage: "paid", transaction: found.transaction } : payout;
}

function whatWasPaid({ terms }: Chain, kind: number, id: number, value: bigint): string {
  if (kind !== MONEY) return `${terms.collections.find(({ number }) => number === id)?.name ?? "Token"} ${value}`;
  const asset = terms.assets.find(({ number }) => number === id);
  return asset ? amount(fromAtoms(value, asset), asset.name) : String(value);
}

const STAGES = ["debited", "posted", "final", "paid"] as const;

function Way({ payout }: { payout: Payout }) {
  const reached = STAGES.indexOf(payout.stage === "delayed" ? "final" : payout.stage);
  const what = payout.kind === "money" ? amount(payout.amount, payout.asset ?? "") : `${payout.collection} ${payout.token}`;
  return (
    <section class="way" aria-label={`Withdrawal ${payout.number}`} data-testid={`payout-${payout.number}`} data-stage={payout.stage}>
      <div class="way-head"><strong>{what}</strong><span class="dim">{dateTime(payout.at)}</span></div>
      <ol>
        {STAGES.map((stage, at) => (
          <li key={stage} class={at <= reached ? "is-past" : at === reached + 1 ? "is-now" : undefined} aria-current={at === reached ? "step" : undefined}>
            {wordsOf(stage, payout)}
          </li>
        ))}
      </ol>
      {payout.note && <p class="dim">{payout.note}</p>}
    </section>
  );
}

function wordsOf(stage: (typeof STAGES)[number], { batch, finalAt, readyAt, transaction }: Payout) {
  switch (stage) {
    case "debited":
      return "Debited";
    case "posted":
      return <>In {batch === null ? "the next batch" : `batch ${batch}`}</>;
    case "final":
      return <>Final{finalAt !== null && <small class="num">at {clock(finalAt)}</small>}</>;
    case "paid":
      return <>Paid{transaction ? <small><Hash value={transaction} /></small> : readyAt !== null && <small class="num">from {clock(readyAt)}</small>}</>;
  }
}
