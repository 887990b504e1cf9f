import { useState } from "preact/hooks";
import { useAccountAnswer, useInfo, useVenue } from "../../api/live";
import { useChain } from "../../chain/hooks";
import { amount, signed } from "../../format/numbers";
import { dateTime } from "../../format/time";
import { FirstFunds } from "../../shell/wallet-dialog";
import "../../styles/trade.css";
import { ActionButton, Button, Card, type Column, Delta, Empty, ErrorState, Field, Loading, Select, Table } from "../../ui";
import { act, openWalletDialog, useWallet } from "../../wallet/wallet";
import { AccountPanel } from "../trade/account-panel";
import { Panels } from "../trade/panels";
import { ChainWallet } from "./chain-wallet";
import { OnTheWay } from "./on-the-way";

const MONTH_MS = 30 * 86_400_000;

export default function View() {
  const { address } = useWallet();
  const { isUnknown } = useAccountAnswer();
  const chain = useChain();
  return (
    <div class="page" data-testid="portfolio">
      <header class="page-head">
        <h1>Portfolio</h1>
        <p>One account in all markets: everything you hold backs everything you owe.</p>
      </header>
      {!address ? (
        <Card><Empty title="Not connected" action={<Button tone="primary" onClick={openWalletDialog}>Connect</Button>}>
          Connect a wallet, or make a demo key, to see an account.</Empty></Card>
      ) : (
        <>
          {isUnknown ? !chain && <FirstFunds /> : <div class="grid-2"><AccountPanel /><Withdraw hasChain={Boolean(chain)} /></div>}
          {/* The first deposit opens the account: its dialog stays while everything around it appears. */}
          {chain && <div key="chain" class="grid-2"><ChainWallet chain={chain} address={address} isUnknown={isUnknown} /><OnTheWay chain={chain} address={address} /></div>}
          {!isUnknown && <Card class="is-flush"><Panels /></Card>}
          {!isUnknown && <Ledger address={address} />}
        </>
      )}
    </div>
  );
}

function Withdraw({ hasChain }: { hasChain: boolean }) {
  const { data: account } = useAccountAnswer();
  const [asset, setAsset] = useState("ETH");
  const [text, setText] = useState("");
  const line = account?.cash.find((each) => each.asset === asset);
  const isTooMuch = Boolean(text) && Number(text) > Number(line?.withdrawable ?? 0);
  return (
    <Card title="Withdraw" testid="withdraw">
      <div class="ticket-pair">
        <Select label="Asset" value={asset} onChange={setAsset} testid="withdraw-asset"
          options={(account?.cash ?? []).map((each) => ({ value: each.asset, label: each.asset }))} />
        <Field label="Amount" value={text} onInput={setText} unit={asset} testid="withdraw-amount"
          error={isTooMuch ? "More than may leave now." : null} hint={`Withdrawable ${amount(line?.withdrawable, asset)}`}>
          <button type="button" class="field-action" onClick={() => setText(line?.withdrawable ?? "")}>All</button>
        </Field>
      </div>
      <p class="dim">It goes to your own address only. What open positions and loans need stays.{hasChain && " It is debited at once and paid by the vault after the next batch is final."}</p>
      <ActionButton testid="withdraw-submit" disabled={!Number(text) || isTooMuch} done={hasChain ? "Debited: it is on its way." : "Withdrawn."} onDone={() => setText("")}
        action={() => act({ type: "withdraw", asset, amount: text.trim() })}>
        Withdraw
      </ActionButton>
    </Card>
  );
}

interface Entry {
  time: number;
  hash: string;
  delta: { type: string; [field: string]: unknown };
}

function Ledger({ address }: { address: string }) {
  const [startTime] = useState(() => Date.now() - MONTH_MS);
  const { data, error, isLoading, refresh } = useInfo<Entry[]>({ type: "userNonFundingLedgerUpdates", user: address, startTime }, 10_000);
  const dollars = useVenue()?.assets.find(({ name }) => name === "USDC")?.name;
  const rows = [...(data ?? [])].sort((a, b) => b.time - a.time).slice(0, 200);
  const columns: Column<Entry>[] = [
    { key: "what", head: "What", cell: ({ delta }) => words(delta.type) },
    { key: "amount", head: "Amount", align: "right", cell: ({ delta }) => {
      const value = (delta.amount ?? delta.usdc) as string | undefined;
      const unit = String(delta.token ?? (delta.usdc !== undefined ? dollars : ""));
      return value === undefined ? <span class="dim">–</span> : <Delta value={value} text={signed(value, unit === "USDC" ? 2 : 4, unit)} />;
    } },
    { key: "time", head: "Time", cell: ({ time }) => <span class="num dim">{dateTime(time)}</span> },
  ];
  return (
    <Card title="Deposits, withdrawals, transfers" class="is-flush">
      {error && !data ? <ErrorState error={error} retry={refresh} /> : isLoading ? <Loading /> : (
        <Table caption="Ledger" testid="ledger" rows={rows} rowKey={(row) => `${row.hash}-${row.time}-${row.delta.type}`} columns={columns}
          empty={<Empty title="Nothing moved yet">Deposits and withdrawals show here.</Empty>} />
      )}
    </Card>
  );
}

/** "accountClassTransfer" as "Account class transfer"; a "token" there is a kind of money, not an NFT. */
function words(type: string): string {
  const spaced = type.replace(/^token(?=[A-Z])/, "").replace(/([A-Z])/g, (letter) => ` ${letter.toLowerCase()}`).trim();
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}
