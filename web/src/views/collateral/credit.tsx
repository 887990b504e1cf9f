/** The credit line: reserve, borrow, repay, each with what it would mean before it is sent. */

import { useState } from "preact/hooks";
import { useAccount, useInfo } from "../../api/live";
import { amount, asNumber, percent } from "../../format/numbers";
import { ActionButton, Button, Card, Explain, Field, Notice, Segmented, Stat, Stats } from "../../ui";
import { act } from "../../wallet/wallet";
import { amountError, exact } from "./amounts";
import { type Pool, afterBorrowing, afterOpening, borrowMax, lineMax, number, trim } from "./model";
import type { Collateral } from "./types";

type Tab = "borrow" | "repay" | "line";
type Part = { answer: Collateral };

export function CreditPanel({ answer }: Part) {
  const { credit } = answer;
  const [chosen, choose] = useState<Tab>();
  const tab = chosen ?? (credit.hasLine ? "borrow" : "line");
  return (
    <Card title="Credit line" testid="credit-panel" explain={<WhyALine />}>
      <Stats>
        <Stat label="Line" value={amount(credit.commitment, "ETH")} />
        <Stat label="Available" value={amount(credit.available, "ETH")} />
        <Stat label="Rate a year" value={percent(credit.rateYear)} explain={<WhyTheRate />} />
        <Stat label="Interest a year" value={amount(credit.interestYear, "ETH")} />
        <Stat label="Fee a year" value={amount(credit.feeYear, "ETH")} explain={<WhyTheFee />} />
      </Stats>
      {!credit.mayBorrow && credit.hasLine && (
        <Notice tone="warn">No new credit right now: nothing is pledged, or the reports on your collection are old or uncertain.</Notice>
      )}
      <Segmented
        label="What to do" value={tab} onChange={choose} testid="credit-tab"
        options={[
          { value: "line", label: credit.hasLine ? "Change line" : "Open line" },
          { value: "borrow", label: "Borrow" },
          { value: "repay", label: "Repay" },
        ]}
      />
      {tab === "line" && <Line answer={answer} />}
      {tab === "borrow" && <Borrow answer={answer} />}
      {tab === "repay" && <Repay answer={answer} />}
    </Card>
  );
}

function Line({ answer }: Part) {
  const [text, setText] = useState("");
  const pool = useInfo<{ pool?: Pool }>({ type: "vaults" }, 10_000).data?.pool;
  const most = trim(lineMax(answer, pool));
  const after = afterOpening(answer, pool, asNumber(text) ?? 0);
  const wrong = text ? amountError(text, answer.credit.hasLine) || after.problem : "";
  const isEnding = answer.credit.hasLine && asNumber(text) === 0;
  const meaning = isEnding
    ? "This gives the line back. What has run up is paid at once."
    : `You may then owe up to ${amount(after.limit, "ETH")}. What is not drawn costs ${amount(after.feeYear, "ETH")} a year.`;
  return (
    <div class="form-stack">
      <Field label="Reserve in all" unit="ETH" value={text} onInput={setText} error={wrong} hint={number(most) > 0 ? `At most ${most} ETH now` : "Pledge a token first: it is what a line is given on."} testid="line-amount">
        <Button tone="quiet" small onClick={() => setText(most)} testid="line-max">Most</Button>
      </Field>
      <p class="hint" aria-live="polite" data-testid="line-after">
        {text && !wrong ? meaning : "Reserving lends you nothing yet: it keeps the lenders' money ready for you."}
      </p>
      <ActionButton
        tone="primary" class="is-wide" disabled={!text || !!wrong} testid="line-send" done="The line stands."
        action={() => act({ type: "openCredit", commitment: exact(text) })} onDone={() => setText("")}
      >
        {isEnding ? "Close line" : answer.credit.hasLine ? "Change line" : "Open line"}
      </ActionButton>
    </div>
  );
}

function Borrow({ answer }: Part) {
  const [text, setText] = useState("");
  const account = useAccount();
  const spare = Math.max(0, number(account?.cash.find((line) => line.asset === "ETH")?.cash));
  const after = afterBorrowing(answer, asNumber(text) ?? 0, spare);
  const isTrading = (account?.positions.length ?? 0) > 0;
  const trading = isTrading ? "Close your positions first: while they are open, the line is their margin." : "";
  const wrong = text ? amountError(text) || trading || after.problem : "";
  const hint = spare > 0 ? `Your own ${amount(spare, "ETH")} leave first, then up to ${amount(answer.credit.available, "ETH")} borrowed` : `Available ${amount(answer.credit.available, "ETH")}`;
  return (
    <div class="form-stack">
      <Field label="Take out" unit="ETH" value={text} onInput={setText} error={wrong} hint={hint} testid="borrow-amount">
        <Button tone="quiet" small onClick={() => setText(trim(borrowMax(answer, spare)))} testid="borrow-max">Most</Button>
      </Field>
      {text && !wrong && <After answer={answer} change={asNumber(text) ?? 0} spare={spare} />}
      <ActionButton
        tone="primary" class="is-wide" disabled={!text || !!wrong} testid="borrow-send" done="The ETH is on its way to your wallet."
        action={() => act({ type: "borrow", amount: exact(text) })} onDone={() => setText("")}
      >
        Borrow
      </ActionButton>
      <p class="hint">The ETH leaves the exchange for your wallet. Positions and orders must be closed first: the line is their margin.</p>
    </div>
  );
}

function Repay({ answer }: Part) {
  const [text, setText] = useState("");
  const account = useAccount();
  const debt = number(answer.credit.debt);
  const dollars = number(account?.cash.find((line) => line.asset === "USDC")?.cash);
  const wrong = text ? amountError(text) : "";
  return (
    <div class="form-stack">
      <p data-testid="repay-text">
        {debt > 0
          ? <>You owe <b class="num">{amount(answer.credit.debt, "ETH")}</b>. Any ETH that comes into this account repays it at once: a deposit, a transfer from another account of yours, the profit of a closed position.</>
          : "You owe nothing. If you did, any ETH that comes into this account would repay it at once."}
      </p>
      {debt > 0 && (
        <Field label="What if this much came in?" unit="ETH" value={text} onInput={setText} error={wrong} testid="repay-amount">
          <Button tone="quiet" small onClick={() => setText(String(Math.ceil(debt * 1e6) / 1e6))} testid="repay-all">All of it</Button>
        </Field>
      )}
      {text && !wrong && <After answer={answer} change={-(asNumber(text) ?? 0)} />}
      {debt > 0 && dollars > 0 && (
        <p class="hint">Your {amount(dollars, "USDC")} do not lower the debt by themselves. They are sold before anything else if the account lacks margin.</p>
      )}
    </div>
  );
}

function After({ answer, change, spare = 0 }: Part & { change: number; spare?: number }) {
  const after = afterBorrowing(answer, change, spare);
  const owes = after.debt > 0;
  const rows = [
    ["You would owe", amount(after.debt, "ETH")],
    ["Health", owes ? after.health.toFixed(2) : "no debt"],
    ["Sold if values fall by", owes ? percent(1 - after.saleBelow, 0) : "–"],
    ["Interest a year", amount(after.interestYear, "ETH")],
  ];
  return (
    <dl class="pairs" aria-live="polite" data-testid="credit-after">
      {rows.map(([term, value]) => <div key={term}><dt>{term}</dt><dd class="num">{value}</dd></div>)}
    </dl>
  );
}

// ---- explanations ------------------------------------------------------------------------------

function WhyALine() {
  return (
    <Explain title="Why a credit line?">
      An NFT cannot pay anybody today. What pays is ETH that lenders have set aside for you beforehand: your line. Every loss
      it can cause is reserved before it happens, so nobody else's deposit ever pays for it.
    </Explain>
  );
}

function WhyTheRate() {
  return (
    <Explain title="How is the rate set?">
      By how much of the lenders' ETH is lent: 3 % when nothing is, 11 % at 65 %, then steeply up to 111 %, so that somebody
      repays before the pool is empty. It is charged each hour on the most you owed in that hour.
    </Explain>
  );
}

function WhyTheFee() {
  return (
    <Explain title="Why a fee on what I do not use?">
      The lenders keep it ready for you and cannot take it back meanwhile. That costs 1 % a year of what is not drawn; a line
      that could not be drawn any more shrinks by itself.
    </Explain>
  );
}
