/** What a fall of everything at once would leave: debt against backing, drawn and in words. */

import { amount, percent } from "../../format/numbers";
import { Card, Explain, Table, Tag } from "../../ui";
import { type Tone, fallSentence, healthOf, number } from "./model";
import type { Collateral, Fall } from "./types";

const WORDS: Record<Tone, string> = { good: "safe", warn: "careful", bad: "sold" };
const TAGS = { good: "up", warn: "warn", bad: "down" } as const;

export function Falls({ answer }: { answer: Collateral }) {
  const { credit, totals } = answer;
  const now: Fall = { fall: "0", debt: credit.debt, backing: totals.backing, health: credit.health, equity: "0" };
  const rows = [now, ...credit.falls];
  const most = Math.max(...rows.flatMap((row) => [number(row.debt), number(row.backing)]), 1e-9);
  return (
    <Card title="If everything fell" testid="falls" explain={<What />}>
      <Table
        caption="Debt, backing, health and equity after falls of 10, 30 and 50 per cent"
        rows={rows} rowKey={(row) => `fall-${Math.round(number(row.fall) * 100)}`}
        columns={[
          { key: "fall", head: "Fall", cell: (row) => <span class="num">{number(row.fall) ? `−${percent(row.fall, 0)}` : "Now"}</span> },
          { key: "bars", head: "Debt of backing", cell: (row) => <Bars row={row} most={most} tone={fallSentence(row, credit).tone} /> },
          { key: "health", head: "Health", align: "right", cell: (row) => health(row) },
          { key: "equity", head: "Equity with credit", align: "right", cell: (row) => (row === now ? "" : amount(row.equity, "ETH")) },
          { key: "what", head: "What happens", cell: (row) => <Outcome row={row} answer={answer} /> },
        ]}
      />
    </Card>
  );
}

function health(row: Fall): string {
  return number(row.debt) > 0 ? healthOf(number(row.backing), number(row.debt)).toFixed(2) : "–";
}

function Outcome({ row, answer }: { row: Fall; answer: Collateral }) {
  const { text, tone } = fallSentence(row, answer.credit);
  return <span class="fall-outcome"><Tag tone={TAGS[tone]}>{WORDS[tone]}</Tag><span>{text}</span></span>;
}

function Bars({ row, most, tone }: { row: Fall; most: number; tone: Tone }) {
  const width = (value: string) => (number(value) / most) * 100;
  return (
    <span class="fall-cell">
      <svg class="fall-bars" viewBox="0 0 100 14" preserveAspectRatio="none" aria-hidden="true">
        <rect class="fall-backing" y="1" height="5" width={width(row.backing)} />
        <rect class={`fall-debt is-${tone}`} y="8" height="5" width={width(row.debt)} />
      </svg>
      <span class="num">{amount(row.debt)} of {amount(row.backing, "ETH")}</span>
    </span>
  );
}

function What() {
  return (
    <Explain title="What is shown here?">
      The marks of your positions and the values of your tokens, all lower at once. Real values follow the market over hours;
      this is where they would end. Interest is left out.
    </Explain>
  );
}
