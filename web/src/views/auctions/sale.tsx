/** One sale: the token, its price now and soon, the curve, and the buttons. */

import { useInfo, useNow } from "../../api/live";
import { Portrait } from "../../art";
import { amount, asNumber, percent } from "../../format/numbers";
import { countdown } from "../../format/time";
import { ActionButton, Button, Notice, Tag } from "../../ui";
import { act, openWalletDialog } from "../../wallet/wallet";
import type { Account } from "../../api/types";
import { type Terms, plotCurve } from "./curve";
import { bidSentence, discountOf, nameOf, runWord, termsOf } from "./model";
import type { Sale } from "./types";

interface Props {
  sale: Sale;
  address?: string;
}

export function SaleCard({ sale, address }: Props) {
  const name = nameOf(sale);
  return (
    <article class="sale-card" aria-label={`Sale of ${name}`} data-testid={`sale-${sale.auction}`}>
      <header>
        {sale.token >= 0 && sale.collection && <Portrait collection={sale.collection} token={sale.token} traits={sale.traits} />}
        <div class="sale-head">
          <h3>{name}</h3>
          <p class="sale-tags">
            <Tag>{runWord(sale.resets)}</Tag>
            {sale.debtor === null && <Tag tone="accent">Insurance vault's</Tag>}
            {!sale.isOpen && <Tag tone="warn">Clock stands</Tag>}
          </p>
          <Price sale={sale} />
        </div>
      </header>
      <CurvePlot terms={termsOf(sale)} elapsed={sale.elapsed} bestBid={asNumber(sale.bestBid) ?? 0} name={name} />
      <Facts sale={sale} />
      <Controls sale={sale} address={address} />
    </article>
  );
}

function Price({ sale }: { sale: Sale }) {
  const discount = discountOf(sale);
  if (!sale.isOpen) return <p class="sale-price dim">not for sale now</p>;
  return (
    <>
      <p class="sale-price num" data-testid={`sale-price-${sale.auction}`}>{amount(sale.price, "ETH")}</p>
      <p class="dim">
        {amount(sale.priceInAMinute, "ETH")} in a minute
        {discount !== undefined && ` · ${besideTheAppraisal(discount)}`}
      </p>
    </>
  );
}

function besideTheAppraisal(discount: number): string {
  if (Math.abs(discount) < 0.0005) return "at the appraisal";
  return `${percent(Math.abs(discount), 1)} ${discount < 0 ? "below" : "above"} the appraisal`;
}

function Facts({ sale }: { sale: Sale }) {
  const now = useNow();
  const ends = useDeadline(sale, now);
  return (
    <dl class="pairs">
      <div><dt>Left of this run</dt><dd class="num"><span role="timer">{sale.isOpen ? countdown(ends, now) : "stands still"}</span></dd></div>
      <div><dt>Best bid</dt><dd class="num">{(asNumber(sale.bestBid) ?? 0) > 0 ? amount(sale.bestBid, "ETH") : "none"}</dd></div>
      <div><dt class="hint">{bidSentence(sale)}</dt></div>
    </dl>
  );
}

/** The end of the run on the wall clock; it follows what the exchange says at each answer. */
function useDeadline(sale: Sale, now: number): number {
  const known = deadlines.get(sale.auction);
  if (known?.left === sale.left) return known.at;
  const at = now + sale.left;
  deadlines.set(sale.auction, { left: sale.left, at });
  return at;
}

const deadlines = new Map<number, { left: number; at: number }>();

function Controls({ sale, address }: Props) {
  const account = useInfo<Account | null>(address ? { type: "account", user: address } : null, 2_000).data;
  const debtor = account ? ownDebtor(sale, account) : undefined;
  if (!address) return <Button onClick={openWalletDialog} testid={`buy-connect-${sale.auction}`}>Connect to buy</Button>;
  if (debtor !== undefined) {
    return (
      <>
        <Notice tone="warn">This is your token. Repay until your debt is within your limit, then take it back; you cannot buy it.</Notice>
        <ActionButton action={() => act({ type: "redeemAuction", auction: sale.auction }, debtor)} done="Yours again: it is pledged as before." testid={`redeem-${sale.auction}`}>
          Take it back
        </ActionButton>
      </>
    );
  }
  const free = asNumber(account?.cash.find((line) => line.asset === "ETH")?.withdrawable);
  const price = asNumber(sale.price) ?? 0;
  const isShort = free !== undefined && free < price;
  return (
    <>
      <ActionButton
        tone="primary" class="is-wide" disabled={!sale.isOpen || isShort} testid={`buy-${sale.auction}`} done="Bought: the token is in your account."
        action={() => act({ type: "takeAuction", auction: sale.auction, priceMax: sale.price })}
      >
        {sale.isOpen ? `Buy for at most ${amount(sale.price, "ETH")}` : "Waiting for the clock"}
      </ActionButton>
      {sale.isOpen && isShort && <p class="hint">You have {amount(free, "ETH")} free. Deposit more, or leave a standing bid.</p>}
    </>
  );
}

/** Which account of mine is being sold: null the primary one, an address a sub-account, undefined none. */
function ownDebtor(sale: Sale, account: Account): string | null | undefined {
  if (sale.debtor === null) return undefined;
  if (sale.debtor === account.address) return null;
  return account.subAccounts.find((address) => address === sale.debtor);
}

const BOX = { width: 420, height: 168, left: 44, right: 10, top: 10, bottom: 22 };

function CurvePlot({ terms, elapsed, bestBid, name }: { terms: Terms; elapsed: number; bestBid: number; name: string }) {
  const plot = plotCurve(terms, elapsed, bestBid, BOX);
  const [x, y] = plot.now;
  const right = BOX.width - BOX.right;
  const label = `Price of ${name} over six hours, from ${amount(terms.start, "ETH")} over ${amount(terms.par, "ETH")} after two hours to ${amount(terms.end, "ETH")}`;
  return (
    <svg class="plot" viewBox={`0 0 ${BOX.width} ${BOX.height}`} role="img" aria-label={label}>
      {plot.yTicks.map((tick) => (
        <g key={tick.value}>
          <line class="grid" x1={BOX.left} x2={right} y1={tick.y} y2={tick.y} />
          <text x={BOX.left - 6} y={tick.y + 4} text-anchor="end">{tick.value}</text>
        </g>
      ))}
      {plot.xTicks.map((tick) => (
        <text key={tick.hours} x={tick.x} y={BOX.height - 6} text-anchor={tick.hours === 6 ? "end" : tick.hours ? "middle" : "start"}>{tick.hours} h</text>
      ))}
      <path class="area" d={plot.area} />
      <path class="curve" d={plot.line} />
      {plot.bid && (
        <g>
          <line class="bid-line" x1={BOX.left} x2={right} y1={plot.bid.y} y2={plot.bid.y} />
          <text class="bid-text" x={BOX.left + 4} y={plot.bid.y - 4}>best bid</text>
          {plot.bid.crossing !== undefined && <circle class="mark-2" cx={plot.bid.crossing} cy={plot.bid.y} r="4.5" />}
        </g>
      )}
      <line class="rule" x1={x} x2={x} y1={BOX.top} y2={BOX.height - BOX.bottom} />
      <circle class="mark" cx={x} cy={y} r="5.5" />
    </svg>
  );
}
