import { useInfo, useVenue } from "../api/live";

const EVERY_MS = 5_000;
const ALL_IS_WELL = ["running", "starting"];

/** While the exchange does not follow its chain: what that means for deposits and withdrawals. */
export function ChainBanner() {
  const hasChain = useVenue()?.hasChain;
  const { data } = useInfo<{ adapter: { state: string; text: string } } | null>(hasChain ? { type: "chain" } : null, EVERY_MS);
  if (!data || ALL_IS_WELL.includes(data.adapter.state)) return null;
  return <div class="banner" role="status" data-testid="chain-banner">{data.adapter.text}</div>;
}
