/** Earn: the lending pool and the NFT insurance vault, with what each may lose. */

import "../../art/plot.css";
import "./earn.css";
import { useInfo } from "../../api/live";
import { amount, asNumber, percent } from "../../format/numbers";
import { Card, Empty, ErrorState, Explain, Loading, Meter, Notice, Stat, Stats, Tag } from "../../ui";
import { useWallet } from "../../wallet/wallet";
import { Member } from "./member";
import { WORDS, partOf, provisionShare } from "./model";
import { PROMISE_SHARE, plotRates } from "./rates";
import type { Pool, Vault, Vaults } from "./types";

export default function View() {
  return (
    <div class="page earn">
      <header class="page-head">
        <h1>Earn</h1>
        <p>Lend to owners of NFTs, or insure the exchange. Both pay for a risk, and both say which.</p>
      </header>
      <Body />
    </div>
  );
}

function Body() {
  const { address } = useWallet();
  const request = address ? { type: "vaults", user: address } : { type: "vaults" };
  const { data, error, isLoading, refresh } = useInfo<Vaults>(request, 4_000);
  if (isLoading) return <Loading label="Reading the vaults" />;
  if (!data) return <Card title="Vaults"><ErrorState error={error ?? "No answer."} retry={refresh} /></Card>;
  const { vaults, pool } = data;
  if (!pool) return <Card title="Vaults"><Empty title="No vaults yet">They open with the first collection that is listed.</Empty></Card>;
  return (
    <>
      <div class="grid-2 vault-grid">
        {vaults.map((vault) => <VaultCard key={vault.vault} vault={vault} pool={pool} address={address} />)}
      </div>
      <Rates pool={pool} />
    </>
  );
}

function VaultCard({ vault, pool, address }: { vault: Vault; pool: Pool; address?: string }) {
  const words = WORDS[vault.vault];
  const isLending = vault.vault === "lending";
  return (
    <Card title={words.title} testid={`vault-${vault.vault}`} actions={<Tag tone={vault.isClosed ? "warn" : "up"}>{vault.isClosed ? "Closed to newcomers" : "Open"}</Tag>}>
      <p class="dim">{words.what}</p>
      <p class="vault-yield">
        <span class="num" data-testid={`vault-yield-${vault.vault}`}>{percent(vault.yieldYear)}</span>
        <small>a year, over the last 30 days <Explain title="Where does it come from?">{words.earns} The figure is how the price of a share moved in the last 30 days, carried on for a year. It can be negative, and it promises nothing.</Explain></small>
      </p>
      <Stats>
        <Stat label="In the vault" value={amount(vault.cash, "ETH")} />
        <Stat label="Share price" value={asNumber(vault.priceExit)?.toFixed(5) ?? "–"} hint={priceHint(vault)} explain={<SharePrice />} />
        <Stat label="May leave now" value={amount(vault.available, "ETH")} />
        <Stat label="Members" value={vault.members} />
        <Stat label="Earned ever" value={amount(vault.income, "ETH")} />
        <Stat label="Lost ever" value={amount(vault.losses, "ETH")} tone={(asNumber(vault.losses) ?? 0) > 0 ? "warn" : undefined} />
        {isLending && <Stat label="Lenders earn now" value={percent(pool.supplyYear)} hint="a year, at today's use" />}
      </Stats>
      {isLending && <Usage pool={pool} />}
      {(asNumber(vault.provision) ?? 0) > 0 && (
        <Notice tone="warn">Running sales may cost {amount(vault.provision, "ETH")}. Who leaves now bears that part.</Notice>
      )}
      <div class="vault-risk">
        <h3>What you may lose</h3>
        <ul>{words.risk.map((text) => <li key={text}>{text}</li>)}</ul>
      </div>
      <Member vault={vault} address={address} />
    </Card>
  );
}

function priceHint(vault: Vault): string | undefined {
  const share = provisionShare(vault);
  return share > 0.00005 ? `${percent(share)} below the price of coming in` : undefined;
}

function Usage({ pool }: { pool: Pool }) {
  const claims = asNumber(pool.claims) ?? 0;
  const promised = partOf(asNumber(pool.reserved) ?? 0, claims);
  return (
    <div class="vault-usage">
      <Meter label="Lent" value={asNumber(pool.utilisation) ?? 0} text={percent(pool.utilisation, 1)} tone={(asNumber(pool.utilisation) ?? 0) > 0.65 ? "warn" : "good"} />
      <Meter label={`Lent or promised (at most ${percent(PROMISE_SHARE, 0)})`} value={promised / PROMISE_SHARE} text={percent(promised, 1)} tone={promised > 0.8 ? "warn" : "good"} />
    </div>
  );
}

function SharePrice() {
  return (
    <Explain title="What is the share price?">
      What a share is paid when it leaves, compared with the first share ever: it rises with what the vault earns and falls
      with what it loses, foreseen losses included.
    </Explain>
  );
}

// ---- the rate ----------------------------------------------------------------------------------

const BOX = { width: 640, height: 220, left: 44, right: 12, top: 14, bottom: 26 };

function Rates({ pool }: { pool: Pool }) {
  const used = asNumber(pool.utilisation) ?? 0;
  const plot = plotRates(used, BOX);
  const [right, floor] = [BOX.width - BOX.right, BOX.height - BOX.bottom];
  return (
    <Card title="Rates at every use of the pool" testid="rates" explain={<Explain title="Why does it bend at 65 %?">Up to there the pool has room and money is cheap. Beyond, the rate climbs so fast that borrowers repay and lenders come, before the pool is empty.</Explain>}>
      <div class="rates">
        <svg class="plot" viewBox={`0 0 ${BOX.width} ${BOX.height}`} role="img" aria-label={`Borrowers pay ${percent(pool.rateYear)} and lenders earn ${percent(pool.supplyYear)} a year at a utilisation of ${percent(used, 1)}`}>
          {plot.yTicks.map((tick) => (
            <g key={tick.value}>
              <line class="grid" x1={BOX.left} x2={right} y1={tick.y} y2={tick.y} />
              <text x={BOX.left - 6} y={tick.y + 4} text-anchor="end">{tick.value * 100} %</text>
            </g>
          ))}
          {plot.xTicks.map((tick) => (
            <text key={tick.value} x={tick.x} y={BOX.height - 8} text-anchor={tick.value === 1 ? "end" : tick.value ? "middle" : "start"}>{tick.value * 100} %</text>
          ))}
          <line class="rule" x1={plot.now.x} x2={plot.now.x} y1={BOX.top} y2={floor} />
          <path class="curve" d={plot.borrow} />
          <path class="curve-2" d={plot.supply} />
          <circle class="mark" cx={plot.now.x} cy={plot.now.borrow} r="5" />
          <circle class="mark-2" cx={plot.now.x} cy={plot.now.supply} r="5" />
        </svg>
        <dl class="pairs rates-key">
          <div><dt><i class="key-line" />Borrowers pay</dt><dd class="num">{percent(pool.rateYear)}</dd></div>
          <div><dt><i class="key-line is-dashed" />Lenders earn</dt><dd class="num">{percent(pool.supplyYear)}</dd></div>
          <div><dt>Lent</dt><dd class="num">{amount(pool.debts, "ETH")}</dd></div>
          <div><dt>Lent or promised</dt><dd class="num">{amount(pool.reserved, "ETH")}</dd></div>
          <div><dt>Of the lenders' claims</dt><dd class="num">{amount(pool.claims, "ETH")}</dd></div>
          <div><dt>May still be promised</dt><dd class="num">{amount(pool.mayPromise, "ETH")}</dd></div>
        </dl>
      </div>
    </Card>
  );
}
