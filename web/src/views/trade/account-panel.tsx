import { useAccountAnswer } from "../../api/live";
import type { Account } from "../../api/types";
import { amount, asNumber, grouped, percent } from "../../format/numbers";
import { Button, Card, Empty, ErrorState, Explain, Loading, Meter, Notice, Tag } from "../../ui";
import { openWalletDialog, useWallet } from "../../wallet/wallet";

export function AccountPanel() {
  const { address } = useWallet();
  const { data, error, isUnknown, refresh } = useAccountAnswer();
  return (
    <Card title="Account" testid="account" class="account" explain={<ExplainMargin />}
      actions={data?.positions.length ? <Tag>{grouped(data.effectiveLeverage, 1)}× leverage</Tag> : undefined}>
      {!address ? <Empty title="Not connected" action={<Button small testid="connect-account" onClick={openWalletDialog}>Connect</Button>}>
        A browser wallet, or a demo key made here.</Empty>
        : data ? <Figures account={data} />
          : isUnknown ? <Empty title="No account yet">The first deposit opens one.</Empty>
            : error ? <ErrorState error={error} retry={refresh} /> : <Loading label="Account" />}
    </Card>
  );
}

function Figures({ account }: { account: Account }) {
  const equity = asNumber(account.equity) ?? 0;
  const maintenance = asNumber(account.maintenanceMargin) ?? 0;
  const ratio = equity > 0 ? maintenance / equity : maintenance > 0 ? 1 : 0;
  const tone = ratio > 0.8 ? "bad" : ratio > 0.5 ? "warn" : "good";
  return (
    <>
      {account.isFrozen && <Notice tone="bad">This account is being liquidated; it takes no new orders meanwhile.</Notice>}
      <dl class="figures">
        <Figure name="Equity" value={amount(account.equity, "ETH")} testid="equity" isMain />
        <Figure name="Free margin" value={amount(account.freeMargin, "ETH")} testid="account-free" />
        <Figure name="Initial margin" value={amount(account.initialMargin, "ETH")} />
        <Figure name="Maintenance margin" value={amount(account.maintenanceMargin, "ETH")} />
      </dl>
      <Meter label="Margin ratio" value={ratio} tone={tone} text={percent(ratio, 1)} testid="margin-ratio" />
      <table class="cash">
        <caption class="sr-only">Cash and what may be withdrawn</caption>
        <thead><tr><th scope="col">Asset</th><th scope="col">Cash</th><th scope="col">Withdrawable</th></tr></thead>
        <tbody>
          {account.cash.filter((line) => Number(line.cash) || line.asset === "ETH").map((line) => (
            <tr key={line.asset}>
              <th scope="row">{line.asset}</th>
              <td class="num" data-testid={`cash-${line.asset}`}>{amount(line.cash)}</td>
              <td class="num">{amount(line.withdrawable)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

function Figure({ name, value, testid, isMain }: { name: string; value: string; testid?: string; isMain?: boolean }) {
  return <div class={isMain ? "is-main" : undefined}><dt>{name}</dt><dd class="num" data-testid={testid}>{value}</dd></div>;
}

function ExplainMargin() {
  return (
    <Explain title="How does margin work here?">
      <p>Cash, profits and losses of all markets, and pledged tokens count together as equity, stated in ETH. New positions need free
        initial margin. At a margin ratio of 100 % the maintenance margin equals the equity, and liquidation begins.</p>
    </Explain>
  );
}
