import type { ComponentChildren } from "preact";
import { useNow, useVenue } from "../api/live";
import { dayChange, useContext, useMarketState, useTerms } from "../api/market";
import { amount, compact, percent, price } from "../format/numbers";
import { countdown } from "../format/time";
import { Delta, Explain, Tag } from "../ui";
import { MarketPicker } from "./market-picker";

/** The market above the chart: which one, its mark, the day, funding, open interest. */
export function MarketStrip({ coin }: { coin: string }) {
  const terms = useTerms(coin);
  const context = useContext(coin);
  const state = useMarketState(coin);
  const decimals = terms?.priceDecimals ?? 4;
  const mark = context?.markPx ?? state?.mark;
  const change = dayChange(context);
  const funding = Number(state?.funding.rateHour ?? context?.funding);
  return (
    <div class="strip" data-testid="market-strip">
      <MarketPicker coin={coin} />
      <dl class="strip-facts">
        <Fact name="Mark" explain={<ExplainMark />} testid="mark">
          <strong class="num strip-mark">{price(mark, decimals)}</strong>
        </Fact>
        <Fact name="24 h"><Delta value={change} text={percent(change)} /></Fact>
        <Fact name="Index" testid="index">
          <span class="num">{price(context?.oraclePx ?? state?.index, decimals)}</span>
          {state?.isStale && <Tag tone="warn">stale</Tag>}
        </Fact>
        <Fact name="Funding / 1 h" explain={<ExplainFunding />} testid="funding">
          <Delta value={Number.isFinite(funding) ? funding : undefined} text={percent(funding, 4)} />
          <NextFunding at={state?.funding.nextAt} />
        </Fact>
        <Fact name="Open interest"><span class="num">{compact(state?.openInterest ?? context?.openInterest)}</span></Fact>
        <Fact name="Insurance"><span class="num">{amount(state?.insurance, terms?.asset, 2)}</span></Fact>
      </dl>
      {(state?.halted || (state && state.status && state.status !== "live")) &&
        <Tag tone="warn">{state.halted ? "halted" : state.status}</Tag>}
      <FeedNote />
    </div>
  );
}

function Fact({ name, explain, testid, children }: { name: string; explain?: ComponentChildren; testid?: string; children: ComponentChildren }) {
  return (
    <div class="fact">
      <dt>{name}{explain}</dt>
      <dd data-testid={testid}>{children}</dd>
    </div>
  );
}

function NextFunding({ at }: { at?: number }) {
  const now = useNow();
  return at ? <span class="num dim" aria-hidden="true">{countdown(at, now)}</span> : null;
}

export function FeedNote() {
  const feed = useVenue()?.feed;
  return feed ? <p class="feed-note" data-testid="feed-note">{feed.text}</p> : null;
}

function ExplainMark() {
  return (
    <Explain title="What is the mark?">
      <p>The price at which your position is valued and liquidated. It is the middle one of three: what the book would pay
        now, and the index moved by funding and by the recent distance between book and index.</p>
      <p>One odd trade or one odd floor listing moves at most one of the three, so it moves no mark.</p>
    </Explain>
  );
}

function ExplainFunding() {
  return (
    <Explain title="What is funding?">
      <p>Each hour one side of the market pays the other. With a rate above zero, longs pay shorts: the perp stands above
        the index, and the payment pulls it back. The exchange keeps none of it.</p>
      <p>You pay position value × rate at the full hour.</p>
    </Explain>
  );
}
