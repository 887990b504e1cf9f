/** A member's part of a vault: coming in, asking to leave, and taking the money in the window. */

import { useState } from "preact/hooks";
import { useAccount, useNow } from "../../api/live";
import { amount, asNumber, percent } from "../../format/numbers";
import { countdown, dateTime } from "../../format/time";
import { ActionButton, Button, Explain, Field, Segmented } from "../../ui";
import { act, openWalletDialog } from "../../wallet/wallet";
import { amountError, exact } from "../collateral/amounts";
import { afterDepositing, isMember, partOf, someShares } from "./model";
import { exitPhase } from "./rates";
import type { Exit, Vault } from "./types";

type Tab = "deposit" | "leave";

export function Member({ vault, address }: { vault: Vault; address?: string }) {
  const [tab, setTab] = useState<Tab>("deposit");
  const { mine } = vault;
  const id = vault.vault;
  if (!address) return <Button onClick={openWalletDialog} testid={`vault-connect-${id}`}>Connect to take part</Button>;
  const hasShares = isMember(mine);
  return (
    <div class="member">
      {hasShares && mine && (
        <dl class="pairs" data-testid={`mine-${id}`}>
          <div><dt>Yours</dt><dd class="num">{amount(mine.value, "ETH")}</dd></div>
          <div><dt>Your part of the vault</dt><dd class="num">{percent(partOf(asNumber(mine.value) ?? 0, asNumber(vault.cash) ?? 0))}</dd></div>
        </dl>
      )}
      {mine?.exit && <Leaving vault={vault} exit={mine.exit} />}
      {hasShares && (
        <Segmented label="What to do" value={tab} onChange={setTab} testid={`vault-tab-${id}`} options={[{ value: "deposit", label: "Deposit" }, { value: "leave", label: "Leave" }]} />
      )}
      {tab === "deposit" || !hasShares ? <Deposit vault={vault} /> : <Leave vault={vault} />}
    </div>
  );
}

function Deposit({ vault }: { vault: Vault }) {
  const [text, setText] = useState("");
  const account = useAccount();
  const free = asNumber(account?.cash.find((line) => line.asset === "ETH")?.withdrawable);
  const after = afterDepositing(vault, asNumber(text) ?? 0, free);
  const wrong = text ? amountError(text) || after.problem : "";
  return (
    <div class="form-stack">
      <Field label="Deposit" unit="ETH" value={text} onInput={setText} error={wrong} disabled={vault.isClosed} hint={free === undefined ? "At least 0.001 ETH" : `${amount(free, "ETH")} free`} testid={`deposit-amount-${vault.vault}`} />
      {text && !wrong && (
        <p class="hint" aria-live="polite" data-testid={`deposit-after-${vault.vault}`}>
          You would have {percent(after.part)} of the vault. Leaving takes 48 h and then pays the price of then; today it would be {amount(after.exitValue, "ETH")}.
        </p>
      )}
      <ActionButton
        tone="primary" class="is-wide" disabled={!text || !!wrong || vault.isClosed} testid={`deposit-send-${vault.vault}`} done="You are in."
        action={() => act({ type: "enterVault", vault: vault.vault, amount: exact(text) })} onDone={() => setText("")}
      >
        Deposit
      </ActionButton>
    </div>
  );
}

const PARTS = ["25", "50", "100"] as const;

function Leave({ vault }: { vault: Vault }) {
  const [part, setPart] = useState<(typeof PARTS)[number]>("100");
  const { mine } = vault;
  if (!mine) return null;
  const shares = someShares(mine.shares, Number(part));
  const worth = ((asNumber(mine.value) ?? 0) * Number(part)) / 100;
  return (
    <div class="form-stack">
      <Segmented label="How much" small value={part} onChange={setPart} testid={`leave-part-${vault.vault}`} options={PARTS.map((value) => ({ value, label: value === "100" ? "All" : `${value} %` }))} />
      <p class="hint">
        {amount(worth, "ETH")} at today's price. In 48 h a window of 48 h opens in which you take it at the price of then; until
        you do, it goes on earning and losing. {mine.exit ? "This replaces what you have asked for." : ""}
      </p>
      <ActionButton class="is-wide" disabled={!shares} testid={`leave-send-${vault.vault}`} done="Asked: the window opens in 48 hours." action={() => act({ type: "requestExit", vault: vault.vault, shares })}>
        Ask to leave
      </ActionButton>
    </div>
  );
}

function Leaving({ vault, exit }: { vault: Vault; exit: Exit }) {
  const now = useNow();
  const phase = exitPhase(exit, now);
  const isOpen = phase === "open";
  const words = {
    waiting: ["The window opens in", countdown(exit.opens, now)],
    open: ["The window closes in", countdown(exit.closes, now)],
    over: ["The window is over since", dateTime(exit.closes)],
  }[phase];
  return (
    <div class={`leaving is-${phase}`} data-testid={`exit-${vault.vault}`}>
      <dl class="pairs">
        <div><dt>Asked to leave<WhyWait /></dt><dd class="num">{amount(exit.value, "ETH")}</dd></div>
        <div><dt>{words[0]}</dt><dd class="num"><span role="timer">{words[1]}</span></dd></div>
      </dl>
      <progress max={exit.closes - (2 * exit.opens - exit.closes)} value={Math.max(0, now - (2 * exit.opens - exit.closes))} aria-label="Way to the end of the window" />
      <div class="row">
        <ActionButton small tone="primary" disabled={!isOpen} testid={`exit-take-${vault.vault}`} done="Paid into your account." action={() => act({ type: "exitVault", vault: vault.vault })}>
          Take the money
        </ActionButton>
        <ActionButton small tone="quiet" testid={`exit-stay-${vault.vault}`} done="You stay." action={() => act({ type: "requestExit", vault: vault.vault, shares: 0 })}>
          Stay after all
        </ActionButton>
      </div>
    </div>
  );
}

function WhyWait() {
  return (
    <Explain title="Why the wait?">
      Whoever could leave at the first bad news would leave the loss to those who sleep. So everybody waits the same 48 hours,
      and a loss that is foreseen meanwhile is in the price.
    </Explain>
  );
}
