/** Forced exit: a demand by contract that the exchange must answer, or anyone may freeze it. */

import { useState } from "preact/hooks";
import { useAccount, useInfo } from "../../api/live";
import {
  type Delays, FORCED_STATES, type Forced, MONEY, TOKEN, delaysOf, fetchBonds, forceExit, forcedOf, fromAtoms, toAtoms,
} from "../../chain/contracts";
import { useRead } from "../../chain/hooks";
import type { Chain } from "../../chain/types";
import { amount, wire } from "../../format/numbers";
import { dateTime, span } from "../../format/time";
import { ActionButton, Button, Card, Dialog, Explain, Field, Select } from "../../ui";

const EVERY_MS = 6_000;
const ETHER_DECIMALS = 18;

interface Mine {
  tokens: { collection: string; token: number }[];
}

export function ForcedExit({ chain, address }: { chain: Chain; address: string }) {
  const [isOpen, setOpen] = useState(false);
  const account = useAccount();
  const delays = useRead("delays", () => delaysOf(chain.terms), 0).data;
  const { data, refresh } = useRead(address, () => forcedOf(chain.terms, address), EVERY_MS);
  if (!chain.terms.contracts["ForcedExit"]) return null;
  return (
    <Card
      title="Leave by contract" testid="forced-exit"
      explain={<Explain title="When would I need it?">When the exchange does not let you withdraw, or does not answer at all. Else a withdrawal is quicker and costs no bond.</Explain>}
    >
      <p class="dim">If the exchange refuses a withdrawal or is silent, the contract takes your demand, and the exchange must answer on chain.</p>
      {data?.requests.map((request) => <p key={request.request} data-testid={`forced-${request.request}`}>{requestText(chain, request)}</p>)}
      <div class="row">
        <Button testid="forced-open" disabled={!account || !delays} onClick={() => setOpen(true)}>Demand an exit</Button>
        {data && data.owed > 0n && (
          <ActionButton testid="forced-bond" done="The bond is in your wallet." onDone={refresh} action={() => fetchBonds(chain.terms, address)}>
            Fetch {ether(data.owed)} of bonds
          </ActionButton>
        )}
      </div>
      {isOpen && account && delays && (
        <ForcedDialog chain={chain} address={address} account={account.account} delays={delays} onClose={() => { setOpen(false); refresh(); }} />
      )}
    </Card>
  );
}

function ForcedDialog({ chain, address, account, delays, onClose }: {
  chain: Chain;
  address: string;
  account: number;
  delays: Delays;
  onClose: () => void;
}) {
  const { terms } = chain;
  const tokens = useInfo<Mine | null>({ type: "collateral", user: address }).data?.tokens ?? [];
  const [what, setWhat] = useState(terms.assets[0]?.name ?? "");
  const [text, setText] = useState("");
  const asset = terms.assets.find(({ name }) => name === what);
  const token = tokens.find((each) => `${each.collection} ${each.token}` === what);
  const atoms = asset ? toAtoms(text, asset) : undefined;
  const request = () => {
    if (asset && atoms) return forceExit(terms, account, MONEY, asset.number, atoms, delays.bond);
    const collection = terms.collections.find(({ name }) => name === token?.collection);
    if (!token || !collection) throw new Error("Choose what is to leave.");
    return forceExit(terms, account, TOKEN, collection.number, BigInt(token.token), delays.bond);
  };
  const choices = [...terms.assets.map(({ name }) => name), ...tokens.map((each) => `${each.collection} ${each.token}`)];
  return (
    <Dialog title="Demand an exit by contract" onClose={onClose} testid="forced-dialog">
      <ol class="rules">
        <li>You pay a bond of <b class="num">{ether(delays.bond)}</b>. It comes back when the demand is served; of a refused one it does not.</li>
        <li>The exchange cancels your orders and closes <b>all your positions</b> at the market, then pays what may leave, up to what you demand.</li>
        <li>It has <b>{span(delays.serveMs)}</b>. Without an answer by then anyone may freeze the exchange: everybody then leaves by the last final batch.</li>
        <li>It may refuse only with a proof that your account is under margin, in an auction, owes, or has less than you demand.</li>
        <li>A token leaves only if nothing is owed on it.</li>
      </ol>
      <div class="ticket-pair">
        <Select label="What" value={what} onChange={setWhat} testid="forced-what" options={choices.map((value) => ({ value, label: value }))} />
        {asset && <Field label="Amount" value={text} onInput={setText} unit={asset.name} testid="forced-amount" error={text && !atoms ? "Write an amount above zero." : null} />}
      </div>
      <ActionButton tone="danger" testid="forced-send" disabled={asset ? !atoms : !token} action={async () => request()} onDone={onClose} done="The contract has your demand.">
        Pay the bond and demand it
      </ActionButton>
    </Dialog>
  );
}

function requestText({ terms }: Chain, { request, kind, id, value, state, closesAt }: Forced): string {
  const asset = terms.assets.find(({ number }) => number === id);
  const collection = terms.collections.find(({ number }) => number === id)?.name ?? "token";
  const what = kind === MONEY && asset ? amount(fromAtoms(value, asset), asset.name) : `${collection} ${value}`;
  const until = state === 1 ? `, until ${dateTime(closesAt)}` : "";
  return `Demand ${request} of ${what} ${FORCED_STATES[state] ?? ""}${until}.`;
}

const ether = (wei: bigint): string => `${wire({ digits: wei, scale: ETHER_DECIMALS })} ETH`;
