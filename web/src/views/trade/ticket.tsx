import { useEffect, useRef, useState } from "preact/hooks";
import { useAccount, useAccountAnswer, useInfo, useVenue } from "../../api/live";
import { symbol } from "../../api/market";
import type { Account, Preview, Venue } from "../../api/types";
import { amount, asNumber, percent, plain, price, toMultiple } from "../../format/numbers";
import { FirstFunds } from "../../shell/wallet-dialog";
import { useCommand } from "../../shell/shortcuts";
import { useStore } from "../../store";
import { ActionButton, Button, Check, Explain, Field, Notice, Segmented, toast } from "../../ui";
import { enableTrading, forgetAgent, openWalletDialog, trade, useWallet } from "../../wallet/wallet";
import { type Book, walk } from "./book";
import { Leverage, useLeverage } from "./leverage";
import { useMarketNow } from "./market-now";
import { type Faults, type Kind, type Market, type Ticket, type Tif, faultsOf, isFaulty, marketLimit, orderAction, outcome } from "./order";
import { pickedPrice } from "./ticket-state";

const START: Ticket = {
  kind: "limit", isBuy: true, size: "", price: "", tif: "Gtc", isReduceOnly: false, triggerPrice: "", tpsl: "sl",
  isTriggerMarket: true, takeProfit: "", stopLoss: "", minutes: "30",
};
const KINDS: { value: Kind; label: string }[] = [
  { value: "limit", label: "Limit" }, { value: "market", label: "Market" },
  { value: "trigger", label: "Stop" }, { value: "twap", label: "TWAP" },
];

export function TicketForm({ coin, book }: { coin: string; book?: Book }) {
  const market = useMarketNow(coin);
  const [ticket, setTicket] = useState<Ticket>(START);
  const [isTried, setTried] = useState(false);
  const [hasExits, setExits] = useState(false);
  const set = (change: Partial<Ticket>) => setTicket((now) => ({ ...now, ...change }));
  const form = useRef<HTMLFormElement>(null);
  usePickedPrice(ticket, set);
  useCommand((name) => {
    if (name === "buy" || name === "sell") set({ isBuy: name === "buy" });
    if (name === "size" || name === "price") form.current?.querySelector<HTMLInputElement>(`[data-testid=${name}]`)?.focus();
  });
  const faults: Faults = market ? faultsOf(ticket, market) : {};
  const shown: Faults = isTried ? faults : onlyTyped(faults, ticket);
  const unit = symbol(coin);
  const asset = market?.terms.asset ?? "";
  const sent = () => {
    setTried(false);
    set({ size: "", takeProfit: "", stopLoss: "" });
  };
  return (
    <form class="ticket" ref={form} data-testid="ticket" aria-label={`Order for ${unit}`} onSubmit={(event) => event.preventDefault()}>
      <Segmented label="Side" value={ticket.isBuy ? "buy" : "sell"} onChange={(side) => set({ isBuy: side === "buy" })} testid="side"
        options={[{ value: "buy", label: "Buy / Long", tone: "up" }, { value: "sell", label: "Sell / Short", tone: "down" }]} />
      <div class="ticket-kinds">
        <Segmented small label="Order type" value={ticket.kind} onChange={(kind) => set({ kind })} options={KINDS} testid="kind" />
        <Leverage coin={coin} />
      </div>
      {ticket.kind === "trigger" && <TriggerFields ticket={ticket} set={set} shown={shown} asset={asset} />}
      {(ticket.kind === "limit" || (ticket.kind === "trigger" && !ticket.isTriggerMarket)) && (
        <Field label="Price" value={ticket.price} onInput={(text) => set({ price: text })} unit={asset} error={shown.price} testid="price">
          <button type="button" class="field-action" data-testid="price-mid" onClick={() => set({ price: midOf(book, market) })}>Mid</button>
        </Field>
      )}
      <Field label={<>Quantity <FreeMargin /></>} value={ticket.size} onInput={(size) => set({ size })} unit={unit}
        error={shown.size} testid="size"
        hint={market && ticket.size && !shown.size ? `≈ ${amount(Number(ticket.size) * priceOf(ticket, market), asset)}` : market && `Lots of ${market.terms.lot}`} />
      <SizeSlider coin={coin} market={market} ticket={ticket} set={set} />
      {ticket.kind === "twap" && (
        <Field label="Over" value={ticket.minutes} onInput={(minutes) => set({ minutes })} unit="minutes" error={shown.minutes} testid="minutes"
          hint="Equal slices, each at the market." />
      )}
      <Flags ticket={ticket} set={set} hasExits={hasExits} setExits={setExits} />
      {hasExits && (ticket.kind === "limit" || ticket.kind === "market") && (
        <div class="ticket-pair">
          <Field label="Take profit at" value={ticket.takeProfit} onInput={(text) => set({ takeProfit: text })} unit={asset}
            error={shown.takeProfit} testid="take-profit" />
          <Field label="Stop loss at" value={ticket.stopLoss} onInput={(text) => set({ stopLoss: text })} unit={asset}
            error={shown.stopLoss} testid="stop-loss" />
        </div>
      )}
      <Outlook coin={coin} ticket={ticket} market={market} faults={faults} book={book} />
      <Submit coin={coin} ticket={ticket} market={market} faults={faults} onTry={() => setTried(true)} onSent={sent} />
    </form>
  );
}

type Set = (change: Partial<Ticket>) => void;

function usePickedPrice(ticket: Ticket, set: Set): void {
  const picked = useStore(pickedPrice);
  useEffect(() => {
    if (!picked || Date.now() - picked.at > 1000) return;
    if (ticket.kind === "trigger") set(ticket.isTriggerMarket ? { triggerPrice: picked.px } : { price: picked.px });
    else set({ price: picked.px, kind: "limit" });
  }, [picked]);
}

function TriggerFields({ ticket, set, shown, asset }: { ticket: Ticket; set: Set; shown: Faults; asset: string }) {
  return (
    <>
      <div class="ticket-pair">
        <Segmented small label="Trigger kind" value={ticket.tpsl} onChange={(tpsl) => set({ tpsl })} testid="tpsl"
          options={[{ value: "sl", label: "Stop" }, { value: "tp", label: "Take profit" }]} />
        <Segmented small label="Then" value={ticket.isTriggerMarket ? "market" : "limit"} testid="trigger-then"
          onChange={(then) => set({ isTriggerMarket: then === "market" })}
          options={[{ value: "market", label: "Market" }, { value: "limit", label: "Limit" }]} />
      </div>
      <Field label="When the mark reaches" value={ticket.triggerPrice} onInput={(text) => set({ triggerPrice: text })} unit={asset}
        error={shown.triggerPrice} testid="trigger-price" hint={triggerHint(ticket)} />
    </>
  );
}

function triggerHint({ tpsl, isBuy }: Ticket): string {
  const isAbove = (tpsl === "sl") === isBuy;
  return `${isBuy ? "Buys" : "Sells"} once the mark is ${isAbove ? "at or above" : "at or below"} it.`;
}

function FreeMargin() {
  const account = useAccount();
  return account ? <span class="dim num" data-testid="free-margin">free {amount(account.freeMargin, "ETH")}</span> : null;
}

function Flags({ ticket, set, hasExits, setExits }: { ticket: Ticket; set: Set; hasExits: boolean; setExits: (on: boolean) => void }) {
  const isLimit = ticket.kind === "limit";
  const tif = (value: Tif) => (on: boolean) => set({ tif: on ? value : "Gtc" });
  return (
    <div class="ticket-flags">
      <Check label="Reduce only" checked={ticket.isReduceOnly} onChange={(isReduceOnly) => set({ isReduceOnly })} testid="reduce-only" />
      {isLimit && <Check label="Post only" checked={ticket.tif === "Alo"} onChange={tif("Alo")} testid="post-only" />}
      {isLimit && <Check label="IOC" checked={ticket.tif === "Ioc"} onChange={tif("Ioc")} testid="ioc" />}
      {(isLimit || ticket.kind === "market") && <Check label="TP / SL" checked={hasExits} testid="exits"
        onChange={(on) => { setExits(on); if (!on) set({ takeProfit: "", stopLoss: "" }); }} />}
    </div>
  );
}

/** Size as a share of what the free margin carries at the chosen leverage. */
function SizeSlider({ coin, market, ticket, set }: { coin: string; market?: Market; ticket: Ticket; set: Set }) {
  const account = useAccount();
  const venue = useVenue();
  const leverage = useLeverage(coin);
  const most = market && account ? sizeMax(ticket, market, account, leverage, venue) : 0;
  const share = most > 0 ? Math.min(100, Math.round((100 * Number(ticket.size || 0)) / most)) : 0;
  const take = (percentage: number) => {
    if (!market || !most) return;
    set({ size: toMultiple(plain((most * percentage) / 100, 12), market.terms.lot) ?? "" });
  };
  return (
    <div class="slider">
      <input type="range" min={0} max={100} step={1} value={share} disabled={!most} data-testid="size-slider"
        aria-label="Size, percent of what the free margin carries" style={{ "--share": `${share}%` }}
        onInput={(event) => take(Number(event.currentTarget.value))} />
      <div class="slider-marks">
        {[25, 50, 75, 100].map((mark) => (
          <button key={mark} type="button" disabled={!most} data-testid={`size-${mark}`} onClick={() => take(mark)}>{mark}{"\u202f"}%</button>
        ))}
      </div>
    </div>
  );
}

export function sizeMax(ticket: Ticket, market: Market, account: Account, leverage: number, venue?: Venue): number {
  const held = Number(account.positions.find(({ coin }) => coin === market.terms.coin)?.size ?? 0);
  const closing = ticket.isBuy ? Math.max(0, -held) : Math.max(0, held);
  if (ticket.isReduceOnly) return closing;
  const free = Math.max(0, Number(account.freeMargin)) / ethPerAsset(market.terms.asset, venue);
  // A little is left for the fee and for the mark's next step.
  return 2 * closing + (0.97 * free * leverage) / priceOf(ticket, market);
}

/** How much ETH one coin of the asset counts as; the account's figures are in ETH. */
function ethPerAsset(asset: string, venue?: Venue): number {
  if (asset === "ETH") return 1;
  return asNumber(venue?.assets.find(({ name }) => name === asset)?.price) || 1;
}

function priceOf(ticket: Ticket, market: Market): number {
  const own = ticket.kind === "limit" ? asNumber(ticket.price) : ticket.kind === "trigger" ? asNumber(ticket.triggerPrice) : undefined;
  return own && own > 0 ? own : market.mark;
}

function midOf(book: Book | undefined, market: Market | undefined): string {
  const [bid, ask] = [book?.bids[0]?.price, book?.asks[0]?.price];
  const middle = bid !== undefined && ask !== undefined ? (bid + ask) / 2 : market?.mark;
  if (middle === undefined || !market) return "";
  return toMultiple(plain(middle, market.terms.priceDecimals + 4), market.terms.tick, true) ?? "";
}

/** Faults are shown once something was typed there; before, a form full of red helps nobody. */
function onlyTyped(faults: Faults, ticket: Ticket): Faults {
  const typed = Object.entries(faults).filter(([name]) => ticket[name as keyof Faults]);
  return Object.fromEntries(typed);
}

/** What the order would do, before it is sent: asked from the exchange, which computes it as it would execute it. */
function Outlook({ coin, ticket, market, faults, book }: {
  coin: string; ticket: Ticket; market?: Market; faults: Faults; book?: Book;
}) {
  const { address } = useWallet();
  const isAsked = Boolean(address && market && !isFaulty(faults));
  const limit = ticket.kind === "limit" ? ticket.price : "";
  const asked = useDebounced(isAsked
    ? { type: "previewOrder", user: address, coin, isBuy: ticket.isBuy, size: ticket.size, price: limit, reduceOnly: ticket.isReduceOnly }
    : null, 250);
  const { data, error } = useInfo<Preview>(isAsked ? asked : null, 3_000);
  const asset = market?.terms.asset ?? "";
  const decimals = market?.terms.priceDecimals ?? 4;
  const guess = guessed(ticket, market, book);
  const preview = isAsked ? data : undefined;
  return (
    <div class="outlook" data-testid="outlook" aria-live="off">
      <dl>
        <Line name="Worst price" testid="worst-price" value={price(preview ? (preview.worstPrice ?? limit) : guess?.worst, decimals)}
          note={preview?.slippage ? `slippage ${percent(preview.slippage)}` : undefined} />
        <Line name="Fee" testid="fee" value={amount(preview ? preview.fee : guess?.fee, asset)} />
        <Line name="Margin needed" testid="margin-needed" value={amount(preview?.marginNeeded, "ETH")} />
        <Line name="Free margin after" testid="free-after" value={amount(preview?.freeMarginAfter, "ETH")} />
        <Line name="Liquidation at" testid="liquidation-price" explain={<ExplainLiquidation />}
          value={preview && !preview.liquidationPriceAfter ? "none" : price(preview?.liquidationPriceAfter, decimals)} />
      </dl>
      {preview?.rejection && <Notice tone="bad"><span data-testid="rejection">{preview.rejection}</span></Notice>}
      {preview && !preview.rejection && fillText(ticket, preview, symbol(coin)) &&
        <p class="outlook-note num" data-testid="fill-note">{fillText(ticket, preview, symbol(coin))}</p>}
      {isAsked && error && <Notice tone="warn">{error}</Notice>}
    </div>
  );
}

/** Where not all of it trades at once: what does, and what becomes of the rest. */
function fillText(ticket: Ticket, { fillable, resting, remainder }: Preview, unit: string): string {
  const now = Number(fillable);
  if (Number(resting)) return now ? `${fillable} ${unit} fill at once, ${resting} wait in the book.` : "Waits in the book.";
  if (remainder && now < Number(ticket.size)) return `Only ${fillable} ${unit} fill: ${remainder}`;
  return "";
}

function Line({ name, value, note, explain, testid }: {
  name: string; value: string; note?: string; explain?: preact.ComponentChildren; testid: string;
}) {
  return (
    <div>
      <dt>{name}{explain}</dt>
      <dd class="num">{note && <small class="dim">{note}</small>} <span data-testid={testid}>{value}</span></dd>
    </div>
  );
}

/** From the book on the screen, for a visitor without an account. */
function guessed(ticket: Ticket, market?: Market, book?: Book): { worst: number; fee: number } | undefined {
  const size = asNumber(ticket.size);
  if (!market || !book || !size || ticket.kind === "trigger") return undefined;
  const limit = ticket.kind === "limit" ? asNumber(ticket.price) : Number(marketLimit(ticket.isBuy, market));
  const met = walk(ticket.isBuy ? book.asks : book.bids, size, limit, ticket.isBuy);
  const { takerFee, makerFee } = market.terms;
  const rest = limit !== undefined && ticket.kind === "limit" ? (size - (met?.filled ?? 0)) * limit * Number(makerFee) : 0;
  const fee = (met ? met.filled * met.average * Number(takerFee) : 0) + rest;
  return { worst: met?.worst ?? limit ?? market.mark, fee };
}

function useDebounced<T>(value: T, wait_ms: number): T {
  const [settled, setSettled] = useState(value);
  const key = JSON.stringify(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), wait_ms);
    return () => clearTimeout(timer);
  }, [key]);
  return settled;
}

function ExplainLiquidation() {
  return (
    <Explain title="Why is my liquidation price there?">
      <p>Your whole account backs every position. Once its equity falls below the maintenance margin, the exchange takes
        positions over. This is the mark of this market at which that happens if nothing else changes.</p>
      <p>More free margin, a smaller size or less leverage moves it away. "None": no price of this market does it.</p>
    </Explain>
  );
}

function Submit({ coin, ticket, market, faults, onTry, onSent }: {
  coin: string; ticket: Ticket; market?: Market; faults: Faults; onTry: () => void; onSent: () => void;
}) {
  const { address, kind, trader } = useWallet();
  const { data: account, isUnknown } = useAccountAnswer();
  const mayTrade = trader && (kind === "demo" || !account || trader.address in account.agents);
  const venue = useVenue();
  const unit = symbol(coin);
  if (!address) return <Button tone="primary" class="is-wide" testid="connect-to-trade" onClick={openWalletDialog}>Connect to trade</Button>;
  if (isUnknown) return <FirstFunds />;
  if (!mayTrade) {
    return (
      <ActionButton tone="primary" class="is-wide" testid="enable-trading-ticket" action={enableTrading} done="This page may trade for you now.">
        Enable trading
      </ActionButton>
    );
  }
  const send = async () => {
    onTry();
    if (!market || isFaulty(faults)) throw new Error("Complete the order first.");
    toast(await place(ticket, market, unit), "good");
    onSent();
  };
  const verb = ticket.isBuy ? "Buy" : "Sell";
  return (
    <ActionButton type="submit" tone={ticket.isBuy ? "up" : "down"} class="is-wide" testid="submit" disabled={!market || venue?.isReadOnly}
      action={send}>
      {verb} {unit}{ticket.size && !faults.size ? ` · ${ticket.size}` : ""}
    </ActionButton>
  );
}

async function place(ticket: Ticket, market: Market, unit: string): Promise<string> {
  try {
    return outcome(await trade(orderAction(ticket, market)), unit, market.terms.priceDecimals, ticket.kind === "trigger");
  } catch (error) {
    if (error instanceof Error && error.message.startsWith("User or API Wallet")) forgetAgent();
    throw error;
  }
}
