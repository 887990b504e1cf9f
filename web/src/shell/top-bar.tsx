import { useAccount, useVenue } from "../api/live";
import { connection, socket, type Connection } from "../api/socket";
import { amount, shortAddress } from "../format/numbers";
import { ROUTES, type Route, lastCoin } from "../router";
import { useStore } from "../store";
import { Button, Tag } from "../ui";
import { openWalletDialog, useWallet } from "../wallet/wallet";
import { help } from "./shortcuts";
import { theme, toggleTheme } from "./theme";

const NAMES: Record<Route, string> = {
  trade: "Trade", portfolio: "Portfolio", collateral: "Collateral", auctions: "Auctions", earn: "Earn", risk: "Risk", verify: "Verify",
};

const ICONS: Record<Route, string> = {
  trade: "M4 16V9m4 9V5m4 11V8m4 8V4",
  portfolio: "M3 17h14M5 14V9m5 5V4m5 10V7",
  collateral: "M4 4h5v5H4zM11 4h5v5h-5zM4 11h5v5H4zM11 11h5v5h-5z",
  auctions: "M3 4c3 0 3 5 6 5s3 6 8 6M14 12l3 3-3 3",
  earn: "M10 3v14M14 6c-1-1-7-2-7 1.5S14 10 14 13s-6 3-8 1",
  risk: "M10 3l7 3v4c0 4-3 6-7 7-4-1-7-3-7-7V6z",
  verify: "M3 10.5l4.5 4.5L17 5",
};

const hrefOf = (route: Route) => `#/${route}${route === "trade" ? `/${lastCoin.get()}` : ""}`;

export function TopBar({ route }: { route: Route }) {
  const venue = useVenue();
  return (
    <header class="topbar">
      <a class="brand" href={hrefOf("trade")} aria-label="Floorbook, to the market">
        <Mark />
        <span>Floorbook</span>
      </a>
      <nav class="nav" aria-label="Views">
        {ROUTES.map((name) => (
          <a key={name} href={hrefOf(name)} aria-current={name === route ? "page" : undefined} data-testid={`nav-${name}`}>
            {NAMES[name]}
          </a>
        ))}
      </nav>
      <div class="topbar-end">
        {venue?.isReadOnly && <Tag tone="warn">read-only</Tag>}
        <ConnectionState />
        <button type="button" class="icon-button" aria-label="Keyboard shortcuts" title="Keyboard shortcuts (?)"
          data-testid="help" onClick={() => help.set(true)}>?</button>
        <ThemeToggle />
        <WalletButton />
      </div>
    </header>
  );
}

export function BottomTabs({ route }: { route: Route }) {
  return (
    <nav class="bottom-tabs" aria-label="Views">
      {ROUTES.map((name) => (
        <a key={name} href={hrefOf(name)} aria-current={name === route ? "page" : undefined}>
          <svg viewBox="0 0 20 20" aria-hidden="true"><path d={ICONS[name]} /></svg>
          {NAMES[name]}
        </a>
      ))}
    </nav>
  );
}

function Mark() {
  return (
    <svg class="brand-mark" viewBox="0 0 22 22" aria-hidden="true">
      <path class="brand-f" d="M5 14V4h11M5 9h8" />
      <path class="brand-floor" d="M3 19h16" />
    </svg>
  );
}

const WORDS: Record<Connection, { text: string; tone: string }> = {
  connecting: { text: "Connecting", tone: "wait" },
  open: { text: "Live", tone: "good" },
  stale: { text: "No data", tone: "wait" },
  closed: { text: "Offline", tone: "bad" },
};

function ConnectionState() {
  const state = useStore(connection);
  const { text, tone } = WORDS[state];
  return (
    <span class={`connection is-${tone}`} role="status" data-testid="connection" data-connection={state}>
      <i aria-hidden="true" />
      <span>{text}</span>
    </span>
  );
}

/** Over everything while the exchange does not answer: what is on the screen is old. */
export function ConnectionBanner() {
  const state = useStore(connection);
  if (state === "open" || state === "connecting") return null;
  return (
    <div class="banner" role="alert" data-testid="connection-banner">
      {state === "stale"
        ? "No data for ten seconds: prices on this screen may be old."
        : "The exchange does not answer. Prices on this screen are old; orders already in the book stay there."}
      {state === "closed" && <Button small onClick={() => socket.retryNow()}>Try now</Button>}
    </div>
  );
}

function ThemeToggle() {
  const now = useStore(theme);
  return (
    <button type="button" class="icon-button" aria-label={`Switch to the ${now === "dark" ? "light" : "dark"} theme`}
      title="Dark or light (T)" data-testid="theme" onClick={toggleTheme}>
      <svg viewBox="0 0 20 20" aria-hidden="true">
        {now === "dark"
          ? <><circle cx="10" cy="10" r="3.5" /><path d="M10 2v2m0 12v2M2 10h2m12 0h2M4.5 4.5l1.4 1.4m8.2 8.2l1.4 1.4m0-11l-1.4 1.4m-8.2 8.2l-1.4 1.4" /></>
          : <path d="M16 12a6.5 6.5 0 0 1-8-8 6.5 6.5 0 1 0 8 8z" />}
      </svg>
    </button>
  );
}

function WalletButton() {
  const { address, kind } = useWallet();
  const account = useAccount();
  if (!address) return <Button tone="primary" small class="wallet-button" testid="connect" onClick={openWalletDialog}>Connect</Button>;
  return (
    <Button small class="wallet-button" testid="wallet" onClick={openWalletDialog}>
      {kind === "demo" && <Tag tone="warn">demo</Tag>}
      {account && <span class="num wallet-equity">{amount(account.equity, "ETH", 2)}</span>}
      <span class="num">{shortAddress(address)}</span>
    </Button>
  );
}
