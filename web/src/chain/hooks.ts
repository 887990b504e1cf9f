/** The chain as components see it. */

import { useEffect, useState } from "preact/hooks";
import { type Answer, useInfo } from "../api/live";
import type { Chain } from "./types";

const CHAIN_MS = 3_000;
const HIDDEN_SLOWER = 8;

/** Null: this exchange has no chain; undefined: not known yet. */
export function useChain(): Chain | null | undefined {
  return useInfo<Chain | null>({ type: "chain" }, CHAIN_MS).data;
}

/** What is read from the chain itself, again every `every_ms` while it is shown. */
export function useRead<T>(key: string, read: () => Promise<T>, every_ms: number): Answer<T> {
  const [state, setState] = useState<{ key: string; data?: T; error?: string }>({ key });
  const [round, setRound] = useState(0);
  useEffect(() => {
    let isHere = true;
    let timer: ReturnType<typeof setTimeout>;
    const ask = async () => {
      try {
        const data = await read();
        if (isHere) setState({ key, data });
      } catch (error) {
        const text = error instanceof Error ? error.message : String(error);
        if (isHere) setState((now) => ({ ...now, key, error: text }));
      }
      if (isHere && every_ms) timer = setTimeout(ask, every_ms * (document.hidden ? HIDDEN_SLOWER : 1));
    };
    void ask();
    return () => {
      isHere = false;
      clearTimeout(timer);
    };
  }, [key, round]);
  const { data, error }: { data?: T; error?: string } = state.key === key ? state : {};
  return { data, error, isLoading: data === undefined && !error, refresh: () => setRound((n) => n + 1) };
}
