import { useState } from "preact/hooks";
import { refreshOnly, useAccount } from "../../api/live";
import { Tabs } from "../../ui";
import { FillAnnouncer, Fills, Funding } from "./history";
import { Orders, Twaps, useOpenOrders } from "./orders";
import { Positions } from "./positions";

type Panel = "positions" | "orders" | "triggers" | "twaps" | "fills" | "funding";

/** What the account has: positions, what works for it, what happened to it. */
export function Panels() {
  const [panel, setPanel] = useState<Panel>("positions");
  const account = useAccount();
  const orders = useOpenOrders();
  const triggers = orders.filter(({ isTrigger }) => isTrigger).length;
  const tabs: { value: Panel; label: string; count?: number }[] = [
    { value: "positions", label: "Positions", count: account?.positions.length },
    { value: "orders", label: "Orders", count: orders.length - triggers },
    { value: "triggers", label: "Triggers", count: triggers },
    { value: "twaps", label: "TWAPs" },
    { value: "fills", label: "Fills" },
    { value: "funding", label: "Funding" },
  ];
  return (
    <section class="panels" aria-label="Your trading">
      <Tabs label="Your trading" value={panel} onChange={setPanel} tabs={tabs} panelId="panel" />
      <div id="panel" role="tabpanel" aria-labelledby={`panel-${panel}`} class="panel-body">
        {panel === "positions" && <Positions orders={orders} />}
        {panel === "orders" && <Orders orders={orders} isTrigger={false} />}
        {panel === "triggers" && <Orders orders={orders} isTrigger />}
        {panel === "twaps" && <Twaps />}
        {panel === "fills" && <Fills />}
        {panel === "funding" && <Funding />}
      </div>
      <FillAnnouncer onFill={() => refreshOnly("account", "frontendOpenOrders", "userFills", "previewOrder")} />
    </section>
  );
}
