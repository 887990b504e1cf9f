import { useState } from "preact/hooks";
import { refreshOnly, useAccountAnswer } from "../../api/live";
import { Empty, ErrorState, Loading, Tabs } from "../../ui";
import { useWallet } from "../../wallet/wallet";
import { FillAnnouncer, Fills, Funding } from "./history";
import { Orders, Twaps } from "./orders";
import { Positions } from "./positions";

type Panel = "positions" | "orders" | "triggers" | "twaps" | "fills" | "funding";

/** What the account has: positions, what works for it, what happened to it. */
export function Panels() {
  const [panel, setPanel] = useState<Panel>("positions");
  const { data: account } = useAccountAnswer();
  const tabs: { value: Panel; label: string; count?: number }[] = [
    { value: "positions", label: "Positions", count: account?.positions.length },
    { value: "orders", label: "Orders", count: account?.orders.length },
    { value: "triggers", label: "Triggers", count: account?.triggers.length },
    { value: "twaps", label: "TWAPs", count: account?.twaps.length },
    { value: "fills", label: "Fills" },
    { value: "funding", label: "Funding" },
  ];
  return (
    <section class="panels" aria-label="Your trading">
      <Tabs label="Your trading" value={panel} onChange={setPanel} tabs={tabs} panelId="panel" />
      <div id="panel" role="tabpanel" aria-labelledby={`panel-${panel}`} class="panel-body">
        <Body panel={panel} />
      </div>
      <FillAnnouncer onFill={() => refreshOnly("account", "userFills", "previewOrder")} />
    </section>
  );
}

function Body({ panel }: { panel: Panel }) {
  const { address } = useWallet();
  const { data: account, isUnknown, error, refresh } = useAccountAnswer();
  if (!address) return <Empty title="Nothing to show yet">Connect to see your positions, orders and fills.</Empty>;
  if (isUnknown) return <Empty title="No account yet">Positions, orders and fills show here once there is one.</Empty>;
  if (panel === "fills") return <Fills />;
  if (panel === "funding") return <Funding />;
  if (!account) return error ? <ErrorState error={error} retry={refresh} /> : <Loading label="Account" />;
  if (panel === "positions") return <Positions account={account} />;
  if (panel === "twaps") return <Twaps twaps={account.twaps} />;
  const isTrigger = panel === "triggers";
  return <Orders orders={isTrigger ? account.triggers : account.orders} isTrigger={isTrigger} />;
}
