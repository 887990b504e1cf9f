import { useEffect, useState } from "preact/hooks";
import { memory } from "./store";

export const ROUTES = ["trade", "portfolio", "collateral", "auctions", "earn", "risk", "verify"] as const;
export type Route = (typeof ROUTES)[number];

export interface Place {
  route: Route;
  /** The part behind the route: the coin of `#/trade/nft:PUNKS`. */
  detail: string;
}

export function parsePlace(hash: string): Place {
  const [route = "", ...rest] = hash.replace(/^#\/?/, "").split("/");
  const known = ROUTES.find((name) => name === route) ?? "trade";
  return { route: known, detail: known === route ? decodeURIComponent(rest.join("/")) : "" };
}

export function usePlace(): Place {
  const [place, setPlace] = useState(() => parsePlace(location.hash));
  useEffect(() => {
    const follow = () => setPlace(parsePlace(location.hash));
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, []);
  return place;
}

export function go(route: Route, detail = ""): void {
  location.hash = `#/${route}${detail ? `/${detail}` : ""}`;
}

/** The market last looked at, so that other views link back to it. */
export const lastCoin = {
  get: (): string => memory.read("coin") ?? "nft:PUNKS",
  set: (coin: string): void => memory.write("coin", coin),
};
