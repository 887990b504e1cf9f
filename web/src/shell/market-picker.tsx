import { useEffect, useRef, useState } from "preact/hooks";
import { dayChange, symbol, useContexts } from "../api/market";
import { useVenue } from "../api/live";
import type { MarketTerms } from "../api/types";
import { compact, percent, price } from "../format/numbers";
import { go } from "../router";
import { Delta, Loading, Tag } from "../ui";
import { useCommand } from "./shortcuts";

/** The market's name as a button; opens the list of all of them. */
export function MarketPicker({ coin }: { coin: string }) {
  const venue = useVenue();
  const [isOpen, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  useCommand((name) => name === "markets" && setOpen(true));
  useEffect(() => {
    if (!isOpen) return undefined;
    root.current?.querySelector<HTMLElement>("[role=option]")?.focus();
    const close = (event: Event) => {
      const isInside = root.current?.contains(event.target as Node);
      if (event instanceof KeyboardEvent ? event.key === "Escape" : !isInside) setOpen(false);
    };
    addEventListener("pointerdown", close);
    addEventListener("keydown", close);
    return () => {
      removeEventListener("pointerdown", close);
      removeEventListener("keydown", close);
    };
  }, [isOpen]);
  const pick = (picked: string) => {
    go("trade", picked);
    setOpen(false);
    root.current?.querySelector("button")?.focus();
  };
  const terms = venue?.markets.find((market) => market.coin === coin);
  return (
    <div class="picker" ref={root}>
      <button type="button" class="picker-button" aria-haspopup="listbox" aria-expanded={isOpen} data-testid="market-picker"
        onClick={() => setOpen(!isOpen)}>
        <strong>{symbol(coin)}</strong>
        <span class="dim">perp{terms ? ` · ${terms.asset}` : ""}</span>
        <span aria-hidden="true" class="picker-arrow">▾</span>
      </button>
      {isOpen && (
        <div class="picker-list" role="listbox" aria-label="Markets" onKeyDown={moveFocus}>
          {venue ? <Options markets={venue.markets} coin={coin} pick={pick} /> : <Loading label="Markets" />}
        </div>
      )}
    </div>
  );
}

function Options({ markets, coin, pick }: { markets: MarketTerms[]; coin: string; pick: (coin: string) => void }) {
  const contexts = useContexts();
  return (
    <>
      {markets.map((market) => {
        const context = contexts[market.coin];
        const change = dayChange(context);
        return (
          <button key={market.coin} type="button" role="option" aria-selected={market.coin === coin}
            data-testid={`market-${market.coin}`} onClick={() => pick(market.coin)}>
            <span class="picker-name"><strong>{symbol(market.coin)}</strong>
              <small class="dim">{market.asset}-settled · {market.maxLeverage}×</small></span>
            <span class="num right">{price(context?.markPx, market.priceDecimals)}</span>
            <span class="right">{market.status === "live" || !market.status
              ? <Delta value={change} text={percent(change)} /> : <Tag tone="warn">{market.status}</Tag>}</span>
            <span class="num right dim">{compact(context?.dayNtlVlm)}</span>
          </button>
        );
      })}
    </>
  );
}

function moveFocus(event: KeyboardEvent & { currentTarget: HTMLElement }): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const options = [...event.currentTarget.querySelectorAll<HTMLElement>("[role=option]")];
  const at = options.indexOf(document.activeElement as HTMLElement);
  options[(at + step + options.length) % options.length]?.focus();
}
