import { useEffect, useState } from "preact/hooks";
import { ROUTES, go, lastCoin } from "../router";
import { Store, useStore } from "../store";
import { Dialog } from "../ui";
import { toggleTheme } from "./theme";

/** What the trade view listens to; other views ignore it. */
export const command = new Store<{ name: "buy" | "sell" | "size" | "price" | "markets"; at: number } | undefined>(undefined);
export const help = new Store(false);

const KEYS: [string, string][] = [
  ["B", "Buy side of the ticket"],
  ["S", "Sell side of the ticket"],
  ["P", "To the price"],
  ["Q", "To the quantity"],
  ["M", "Pick a market"],
  ["1 … 7", "Trade, Portfolio, Collateral, Auctions, Earn, Risk, Verify"],
  ["T", "Dark or light"],
  ["?", "This list"],
  ["Esc", "Close what is open"],
];

const COMMANDS = { b: "buy", s: "sell", q: "size", p: "price", m: "markets" } as const;

export function useShortcuts(): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (document.querySelector("dialog[open]")) return;
      const key = event.key.toLowerCase();
      const route = ROUTES[Number(key) - 1];
      if (event.key === "?") help.set(true);
      else if (key === "t") toggleTheme();
      else if (route) go(route, route === "trade" ? lastCoin.get() : "");
      else if (key in COMMANDS) {
        event.preventDefault();
        command.set({ name: COMMANDS[key as keyof typeof COMMANDS], at: event.timeStamp });
      }
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, []);
}

/** Runs `then` for each command given while the component is there. */
export function useCommand(then: (name: NonNullable<ReturnType<typeof command.get>>["name"]) => void): void {
  const now = useStore(command);
  const [seen, setSeen] = useState(now);
  useEffect(() => {
    if (!now || now === seen) return;
    setSeen(now);
    then(now.name);
  }, [now]);
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  const isText = target instanceof HTMLInputElement && !["radio", "checkbox", "range"].includes(target.type);
  return isText || target instanceof HTMLSelectElement || target.isContentEditable;
}

export function ShortcutsDialog() {
  if (!useStore(help)) return null;
  return (
    <Dialog title="Keyboard" onClose={() => help.set(false)} testid="shortcuts">
      <dl class="keys">
        {KEYS.map(([key, what]) => (
          <div key={key}><dt><kbd class="kbd">{key}</kbd></dt><dd>{what}</dd></div>
        ))}
      </dl>
    </Dialog>
  );
}
