/** One market as the page shows it: its terms, where it stands, what the last day did. */

import { useState } from "preact/hooks";
import { asNumber } from "../format/numbers";
import { useChannel, useInfo, useVenue } from "./live";
import type { AssetContext, MarketState, MarketTerms } from "./types";

interface Universe {
  universe: { name: string }[];
}

export function useTerms(coin: string): MarketTerms | undefined {
  return useVenue()?.markets.find((market) => market.coin === coin);
}

/** Context of every coin of both dexes. */
export function useContexts(every_ms = 5_000): Record<string, AssetContext> {
  const main = useInfo<[Universe, AssetContext[]]>({ type: "metaAndAssetCtxs" }, every_ms).data;
  const nft = useInfo<[Universe, AssetContext[]]>({ type: "metaAndAssetCtxs", dex: "nft" }, every_ms).data;
  const contexts: Record<string, AssetContext> = {};
  for (const answer of [main, nft]) {
    answer?.[0].universe.forEach(({ name }, i) => {
      const context = answer[1][i];
      if (context) contexts[name] = context;
    });
  }
  return contexts;
}

/** The coin's context, pushed as it changes. */
export function useContext(coin: string): AssetContext | undefined {
  const [heard, setHeard] = useState<{ coin: string; ctx: AssetContext }>();
  useChannel({ type: "activeAssetCtx", coin }, setHeard);
  const asked = useContexts(15_000)[coin];
  return heard?.coin === coin ? heard.ctx : asked;
}

export function useMarketState(coin: string): MarketState | undefined {
  return useInfo<MarketState>(coin ? { type: "marketState", coin } : null, 2_000).data;
}

export function dayChange(context: AssetContext | undefined): number | undefined {
  const mark = asNumber(context?.markPx);
  const before = asNumber(context?.prevDayPx);
  return mark !== undefined && before ? mark / before - 1 : undefined;
}

/** "PUNKS" of "nft:PUNKS" */
export function symbol(coin: string): string {
  return coin.split(":").pop() ?? coin;
}
