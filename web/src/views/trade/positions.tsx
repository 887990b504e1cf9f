import { useState } from "preact/hooks";
import { symbol, useTerms } from "../../api/market";
import type { Account, OpenOrder, Position } from "../../api/types";
import { amount, grouped, percent, price, toMultiple } from "../../format/numbers";
import { go } from "../../router";
import { ActionButton, Button, type Column, Delta, Dialog, Empty, Explain, Field, Notice, Segmented, Table, Tag, toast } from "../../ui";
import { trade } from "../../wallet/wallet";
import { useMarketNow } from "./market-now";
import { closeAction, outcome, priceFault, sizeFault, triggerOrder } from "./order";

type Open = { position: Position; what: "close" | "exits" } | undefined;

export function Positions({ account: { positions, triggers } }: { account: Account }) {
  const [open, setOpen] = useState<Open>();
  const close = () => setOpen(undefined);
  return (
    <>
      <Table caption="Positions" testid="positions" rows={positions} rowKey={({ coin }) => coin}
        columns={columns(setOpen, triggers)}
        empty={<Empty title="No open positions">Buy to go long, sell to go short; what you hold shows here.</Empty>} />
      {open?.what === "close" && <CloseDialog position={open.position} onClose={close} />}
      {open?.what === "exits" && <ExitsDialog position={open.position} orders={exitsOf(triggers, open.position.coin)} onClose={close} />}
    </>
  );
}

function columns(setOpen: (open: Open) => void, triggers: OpenOrder[]): Column<Position>[] {
  return [
    { key: "market", head: "Market", cell: (row) => <Name position={row} /> },
    { key: "size", head: "Size", align: "right", cell: (row) => <span class="num">{grouped(row.size, sizeDecimals(row.size))}</span> },
    { key: "value", head: "Value", align: "right", cell: (row) => <Value position={row} /> },
    { key: "entry", head: "Entry", align: "right", cell: (row) => <Price coin={row.coin} value={row.entryPrice} /> },
    { key: "mark", head: "Mark", align: "right", cell: (row) => <Price coin={row.coin} value={row.mark} /> },
    { key: "pnl", head: "Unrealised", align: "right", cell: (row) => <Profit position={row} /> },
    { key: "liquidation", head: "Liquidation", align: "right", cell: (row) => <Liquidation position={row} /> },
    { key: "margin", head: "Margin", align: "right", cell: (row) => <Amount coin={row.coin} value={row.initialMargin} /> },
    { key: "exits", head: "TP / SL", align: "right", cell: (row) => (
      <Button small tone="quiet" testid={`exits-${row.coin}`} onClick={() => setOpen({ position: row, what: "exits" })}>
        {exitsText(exitsOf(triggers, row.coin))}
      </Button>
    ) },
    { key: "adl", label: "ADL", head: <span class="row">ADL <ExplainAdl /></span>, cell: (row) => <AdlLights rank={row.adlRank} /> },
    { key: "", head: <span class="sr-only">Close</span>, align: "right", cell: (row) => (
      <Button small testid={`close-${row.coin}`} onClick={() => setOpen({ position: row, what: "close" })}>Close</Button>
    ) },
  ];
}

function Name({ position }: { position: Position }) {
  const isLong = !position.size.startsWith("-");
  return (
    <span class="row">
      <button type="button" class="link" onClick={() => go("trade", position.coin)}>{symbol(position.coin)}</button>
      <Tag tone={isLong ? "up" : "down"}>{isLong ? "▲ long" : "▼ short"}</Tag>
    </span>
  );
}

function Value({ position }: { position: Position }) {
  const terms = useTerms(position.coin);
  return <span class="num">{amount(position.value, terms?.asset)}</span>;
}

function Price({ coin, value }: { coin: string; value: string }) {
  return <span class="num">{price(value, useTerms(coin)?.priceDecimals)}</span>;
}

function Amount({ coin, value }: { coin: string; value: string }) {
  return <span class="num">{amount(value, useTerms(coin)?.asset)}</span>;
}

function Profit({ position }: { position: Position }) {
  const asset = useTerms(position.coin)?.asset;
  const cost = Math.abs(Number(position.value)) - Number(position.unrealisedPnl) * (position.size.startsWith("-") ? -1 : 1);
  const share = cost > 0 ? Number(position.unrealisedPnl) / cost : 0;
  return (
    <span class="stacked">
      <Delta value={position.unrealisedPnl} decimals={asset === "USDC" ? 2 : 4} unit={asset} />
      <small class="dim num">{percent(share)}</small>
    </span>
  );
}

function Liquidation({ position }: { position: Position }) {
  const decimals = useTerms(position.coin)?.priceDecimals;
  if (!position.liquidationPrice || Number(position.liquidationPrice) === 0) return <span class="dim">none</span>;
  const distance = Math.abs(Number(position.liquidationPrice) / Number(position.mark) - 1);
  return (
    <span class="stacked">
      <span class={`num${distance < 0.1 ? " is-warn" : ""}`} data-testid={`liquidation-${position.coin}`}>{price(position.liquidationPrice, decimals)}</span>
      <small class="dim num">{percent(distance, 1)} away</small>
    </span>
  );
}

/** Five lights: how near the front of the queue a profitable position stands. */
export function AdlLights({ rank }: { rank: number }) {
  return (
    <span class="lights" role="img" aria-label={`Deleveraging rank ${rank} of 5`} data-rank={rank}>
      {[1, 2, 3, 4, 5].map((light) => <i key={light} class={light <= rank ? "is-on" : undefined} />)}
    </span>
  );
}

function ExplainAdl() {
  return (
    <Explain title="What is auto-deleveraging (ADL)?">
      <p>If a bankrupt position finds no buyer and the insurance fund is used up, the exchange closes it against winners on the other
        side, those with the most profit and leverage first, at the bankruptcy price.</p>
      <p>Five lights: you would be among the first. Less leverage or taking profit puts lights out.</p>
    </Explain>
  );
}

function sizeDecimals(size: string): number {
  return size.split(".")[1]?.length ?? 0;
}

export const exitsOf = (orders: OpenOrder[], coin: string): OpenOrder[] =>
  orders.filter((order) => order.isTrigger && order.coin === coin && order.reduceOnly);

function exitsText(exits: OpenOrder[]): string {
  if (!exits.length) return "Add";
  return exits.map((exit) => `${exit.orderType?.startsWith("Take") ? "TP" : "SL"}\u202f${Number(exit.triggerPx)}`).join(" · ");
}

function CloseDialog({ position, onClose }: { position: Position; onClose: () => void }) {
  const market = useMarketNow(position.coin);
  const whole = position.size.replace("-", "");
  const [how, setHow] = useState<"market" | "limit">("market");
  const [size, setSize] = useState(whole);
  const [limit, setLimit] = useState(market ? (toMultiple(position.mark, market.terms.tick, true) ?? "") : "");
  if (!market) return null;
  const sizeWrong = sizeFault(size, market.terms) ?? (Number(size) > Number(whole) ? `You hold ${whole}.` : undefined);
  const priceWrong = how === "limit" ? priceFault(limit, market.terms) : undefined;
  const close = async () => {
    if (sizeWrong || priceWrong) throw new Error(sizeWrong ?? priceWrong);
    const said = await trade(closeAction(market, position.size, size, how === "limit" ? limit : undefined));
    toast(outcome(said, symbol(position.coin), market.terms.priceDecimals), "good");
  };
  const part = (share: number) => setSize(toMultiple(String(Number(whole) * share), market.terms.lot) ?? whole);
  return (
    <Dialog title={`Close ${symbol(position.coin)}`} onClose={onClose} testid="close-dialog">
      <Segmented label="How" value={how} onChange={setHow} testid="close-how"
        options={[{ value: "market", label: "At the market" }, { value: "limit", label: "At a limit" }]} />
      {how === "limit" && <Field label="Price" value={limit} onInput={setLimit} unit={market.terms.asset} error={priceWrong} testid="close-price" />}
      <Field label="Quantity" value={size} onInput={setSize} unit={symbol(position.coin)} error={sizeWrong} testid="close-size" />
      <div class="row">
        {[0.25, 0.5, 1].map((share) => <Button key={share} small onClick={() => part(share)}>{percent(share, 0)}</Button>)}
      </div>
      <p class="dim">Reduce-only: it can close the position, never turn it around.</p>
      <ActionButton tone={position.size.startsWith("-") ? "up" : "down"} class="is-wide" testid="close-submit" action={close} onDone={onClose}>
        Close {size} {symbol(position.coin)}
      </ActionButton>
    </Dialog>
  );
}

/** Take profit and stop loss of a whole position; saving replaces what was there. */
function ExitsDialog({ position, orders, onClose }: { position: Position; orders: OpenOrder[]; onClose: () => void }) {
  const market = useMarketNow(position.coin);
  const old = (kind: string) => orders.find((order) => order.orderType?.startsWith(kind))?.triggerPx ?? "";
  const [profit, setProfit] = useState(old("Take"));
  const [loss, setLoss] = useState(old("Stop"));
  if (!market) return null;
  const isBuy = position.size.startsWith("-");
  const wrong = {
    profit: profit ? (priceFault(profit, market.terms) ?? sideFault(profit, market.mark, !isBuy)) : undefined,
    loss: loss ? (priceFault(loss, market.terms) ?? sideFault(loss, market.mark, isBuy)) : undefined,
  };
  const save = async () => {
    if (wrong.profit || wrong.loss) throw new Error(wrong.profit ?? wrong.loss);
    if (orders.length) {
      await trade({ type: "cancel", cancels: orders.map(({ oid }) => ({ a: market.terms.assetId, o: oid })) });
    }
    const size = position.size.replace("-", "");
    const wanted = [[profit, "tp"], [loss, "sl"]] as const;
    const triggers = wanted.filter(([at]) => at).map(([at, kind]) => triggerOrder(market, isBuy, at, kind, size));
    if (triggers.length) outcome(await trade({ type: "order", orders: triggers, grouping: "positionTpsl" }), "");
  };
  return (
    <Dialog title={`Exits of ${symbol(position.coin)}`} onClose={onClose} testid="exits-dialog">
      <p class="dim num">Mark {price(market.mark, market.terms.priceDecimals)} · entry {price(position.entryPrice, market.terms.priceDecimals)}</p>
      <Field label="Take profit at" value={profit} onInput={setProfit} unit={market.terms.asset} error={wrong.profit} testid="exit-profit" placeholder="none" />
      <Field label="Stop loss at" value={loss} onInput={setLoss} unit={market.terms.asset} error={wrong.loss} testid="exit-loss" placeholder="none" />
      <Notice>Each closes the whole position at the market once the mark gets there, and cancels the other. Leave a field empty for none.</Notice>
      <ActionButton tone="primary" class="is-wide" testid="exits-save" action={save} done="Exits saved." onDone={onClose}>Save</ActionButton>
    </Dialog>
  );
}

function sideFault(at: string, mark: number, mustBeAbove: boolean): string | undefined {
  const isFine = mustBeAbove ? Number(at) > mark : Number(at) < mark;
  return isFine ? undefined : `Must be ${mustBeAbove ? "above" : "below"} the mark, or it fires at once.`;
}
