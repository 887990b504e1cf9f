import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { useVenue } from "./api/live";
import { type Place, type Route, lastCoin, usePlace } from "./router";
import { ChainBanner } from "./shell/chain-banner";
import { MarketStrip } from "./shell/market-strip";
import { ShortcutsDialog, useShortcuts } from "./shell/shortcuts";
import { BottomTabs, ConnectionBanner, TopBar } from "./shell/top-bar";
import { WalletDialog } from "./shell/wallet-dialog";
import { ErrorState, Loading, Toasts } from "./ui";

type View = ComponentType<{ detail: string }>;
const views = import.meta.glob<{ default: View }>("./views/*/index.tsx");

export function App() {
  const place = usePlace();
  useShortcuts();
  const coin = useCoin(place);
  return (
    <>
      <a class="skip" href="#main" onClick={skipToMain}>To the content</a>
      <TopBar route={place.route} />
      <ConnectionBanner />
      <ChainBanner />
      {place.route === "trade" && <MarketStrip key={coin} coin={coin} />}
      <main id="main" tabIndex={-1} class={`main is-${place.route}`}>
        <Lazy key={place.route} route={place.route} detail={place.route === "trade" ? coin : place.detail} />
      </main>
      <BottomTabs route={place.route} />
      <WalletDialog />
      <ShortcutsDialog />
      <Toasts />
    </>
  );
}

/** The market of the address line, else the last one, else the first there is. */
function useCoin(place: Place): string {
  const venue = useVenue();
  const wanted = place.detail || lastCoin.get();
  const known = venue?.markets.some(({ coin }) => coin === wanted) ?? true;
  const coin = known ? wanted : (venue?.markets[0]?.coin ?? wanted);
  useEffect(() => {
    if (place.route === "trade" && known) lastCoin.set(coin);
  }, [coin, known, place.route]);
  return coin;
}

function Lazy({ route, detail }: { route: Route; detail: string }) {
  const [view, setView] = useState<{ View?: View; error?: string }>({});
  const load = () => {
    const module = views[`./views/${route}/index.tsx`];
    if (!module) return setView({ error: "This view is not part of this build." });
    module().then(
      ({ default: View }) => setView({ View }),
      () => setView({ error: "The view could not be loaded; the exchange may be restarting." }),
    );
  };
  useEffect(load, [route]);
  useEffect(() => {
    document.title = `${route === "trade" ? detail.split(":").pop() : route[0]?.toUpperCase() + route.slice(1)} · Floorbook`;
  }, [route, detail]);
  if (view.error) return <ErrorState error={view.error} retry={load} />;
  return view.View ? <view.View detail={detail} /> : <Loading />;
}

function skipToMain(event: Event): void {
  event.preventDefault();
  document.getElementById("main")?.focus();
}
