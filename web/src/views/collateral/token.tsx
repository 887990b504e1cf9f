/** A token as a card: portrait, value with its band, what it counts, and pledging it. */

import { useState } from "preact/hooks";
import { useInfo } from "../../api/live";
import { Portrait, describe, lookOf } from "../../art";
import { amount, percent } from "../../format/numbers";
import { ActionButton, Explain, Tag } from "../../ui";
import { act } from "../../wallet/wallet";
import { bandOf, custodyWord, noteSentence, number } from "./model";
import type { TokenLine, TokenPreview } from "./types";

const CUSTODY_TONES: Readonly<Record<string, "up" | "down">> = { pledged: "up", sale: "down" };
const NOT_PLEDGED = "not pledged";

interface Props {
  line: TokenLine;
  address: string;
}

export function TokenCard({ line, address }: Props) {
  const name = `${line.collection} ${line.token}`;
  const id = `${line.collection}-${line.token}`;
  return (
    <article class="token-card" aria-label={name} data-testid={`token-${id}`}>
      <header>
        <Portrait collection={line.collection} token={line.token} traits={line.traits} />
        <div>
          <h3>{name}</h3>
          <p class="token-tags">
            <Tag tone={CUSTODY_TONES[line.custody] ?? "plain"}>{custodyWord(line.custody)}</Tag>
            {line.rarityRank ? <Tag>Rarity {line.rarityRank}</Tag> : null}
          </p>
          <p class="token-traits">{describe(lookOf(line.traits))}</p>
        </div>
      </header>
      <ValueBand line={line} />
      {number(line.liquidation) > 0 && <Counts line={line} />}
      {line.note && line.note !== NOT_PLEDGED && <p class="token-note" data-testid={`note-${id}`}>{noteSentence(line.note)}</p>}
      <Controls line={line} address={address} />
    </article>
  );
}

function Counts({ line }: { line: TokenLine }) {
  return (
    <dl class="token-counts">
      <div>
        <dt>
          Lending value
          <Explain title="Lending value">
            What new credit may count: the least of the floor, its average of a week and the best bid, times what this
            token is worth of a floor. You may borrow up to the loan-to-value part of it.
          </Explain>
        </dt>
        <dd class="num">{amount(line.borrow, "ETH")}</dd>
      </div>
      <div>
        <dt>
          Liquidation value
          <Explain title="Liquidation value">
            What protects a loan you already have. It follows the floor's average of six hours and falls by at most
            20 % an hour, so one bad listing does not sell your token.
          </Explain>
        </dt>
        <dd class="num">{amount(line.liquidation, "ETH")}</dd>
      </div>
      <div><dt>Lends you</dt><dd class="num">{amount(line.loan, "ETH")}</dd></div>
      <div><dt>Backs debt of</dt><dd class="num">{amount(line.backing, "ETH")}</dd></div>
    </dl>
  );
}

function Controls({ line, address }: Props) {
  const token = { collection: line.collection, token: line.token };
  const id = `${line.collection}-${line.token}`;
  if (line.custody === "account") return <Free line={line} address={address} />;
  if (line.custody === "sale") return <footer><a href="#/auctions" data-testid={`sale-link-${id}`}>See its sale</a></footer>;
  if (line.custody !== "pledged") return null;
  return (
    <footer>
      <ActionButton action={() => act({ type: "releaseToken", ...token })} done="Released: the token is free." testid={`release-${id}`}>
        Release
      </ActionButton>
    </footer>
  );
}

/** A token that is not pledged: what it would count, asked before anything is signed. */
function Free({ line, address }: Props) {
  const token = { collection: line.collection, token: line.token };
  const id = `${line.collection}-${line.token}`;
  const [isLeaving, setLeaving] = useState(false);
  // Of a token that has left the exchange knows nothing.
  const { data, error } = useInfo<TokenPreview>(isLeaving ? null : { type: "tokenPreview", user: address, ...token }, 15_000);
  const withdraw = async () => {
    setLeaving(true);
    await act({ type: "withdrawToken", ...token }).catch((fault) => {
      setLeaving(false);
      throw fault;
    });
  };
  return (
    <footer>
      <p class="token-preview" data-testid={`preview-${id}`}>{isLeaving ? "It leaves for your wallet." : previewSentence(data, error)}</p>
      <ActionButton tone="primary" disabled={!!data?.rejection} action={() => act({ type: "pledgeToken", ...token })} done="Pledged: it counts from the next tick." testid={`pledge-${id}`}>
        Pledge
      </ActionButton>
      <ActionButton tone="quiet" action={withdraw} done="On its way to your wallet." testid={`withdraw-${id}`}>
        Withdraw
      </ActionButton>
    </footer>
  );
}

function previewSentence(preview: TokenPreview | undefined, error: string | undefined): string {
  if (error) return error;
  if (!preview) return "Asking what it would count…";
  const refused = preview.rejection || (number(preview.loan) > 0 ? "" : noteSentence(preview.note));
  if (/moments ago/.test(refused)) return "It came moments ago. It may be pledged ten minutes after it came.";
  if (refused) return refused;
  return `Pledged now it would lend you ${amount(preview.loan, "ETH")} and back ${amount(preview.backing, "ETH")}.`;
}

function ValueBand({ line }: { line: TokenLine }) {
  const band = bandOf(line);
  if (!band) return <p class="band-none">No appraisal yet: it counts as a token at the floor ({amount(line.floor ?? line.spot, "ETH")}).</p>;
  const share = (place: number) => `${(place * 100).toFixed(1)}%`;
  return (
    <figure class="band">
      <svg viewBox="0 0 100 18" preserveAspectRatio="none" aria-hidden="true">
        <line class="band-axis" x1="0" x2="100" y1="9" y2="9" />
        <rect class="band-range" x={band.p10 * 100} width={Math.max(0.5, (band.p90 - band.p10) * 100)} y="5" height="8" />
        <rect class="band-mid" x={band.p50 * 100 - 0.5} width="1" y="3" height="12" />
        {band.floor !== null && <rect class="band-floor" x={band.floor * 100 - 0.4} width="0.8" y="0" height="18" />}
      </svg>
      {band.counts !== null && <span class="band-counts" style={{ left: share(band.counts) }} aria-hidden="true" />}
      <figcaption>
        <span><b class="num">{amount(line.p10)}</b> careful</span>
        <span><b class="num">{amount(line.p50)}</b> likely</span>
        <span><b class="num">{amount(line.p90)}</b> high</span>
        <span><b class="num band-floor-text">{amount(line.floor ?? line.spot)}</b> floor</span>
        <Explain title="What is this band?">
          The appraisal's 10th, 50th and 90th percentile, in ETH: nine times in ten this token should sell above the
          careful value. Only that one is lent against. The dashed line is the collection's floor, the dot below marks
          what counts for a liquidation ({percent(line.factor, 0)} of its collection's value).
        </Explain>
      </figcaption>
    </figure>
  );
}
