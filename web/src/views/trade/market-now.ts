import { useContext, useMarketState, useTerms } from "../../api/market";
import { asNumber } from "../../format/numbers";
import type { Market } from "./order";

/** What an order needs to know of its market; undefined until terms and mark are there. */
export function useMarketNow(coin: string): Market | undefined {
  const terms = useTerms(coin);
  const context = useContext(coin);
  const state = useMarketState(coin);
  const mark = asNumber(context?.markPx ?? state?.mark);
  if (!terms || !mark) return undefined;
  const [low, high] = [asNumber(state?.band?.[0]), asNumber(state?.band?.[1])];
  return { terms, mark, band: low !== undefined && high !== undefined ? [low, high] : undefined };
}
