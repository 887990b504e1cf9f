/** The wallet on the chain beside the account at the exchange. */

import { useState } from "preact/hooks";
import { Portrait } from "../../art";
import { useAccount } from "../../api/live";
import { type Holdings, fromAtoms, holdingsOf } from "../../chain/contracts";
import { useRead } from "../../chain/hooks";
import type { Chain } from "../../chain/types";
import { amount } from "../../format/numbers";
import { FirstFunds } from "../../shell/wallet-dialog";
import { Button, Card, ErrorState, Explain, Loading, Notice, Tag } from "../../ui";
import { DepositDialog, type Target } from "./deposit";

const EVERY_MS = 4_000;

export function ChainWallet({ chain, address, isUnknown }: { chain: Chain; address: string; isUnknown: boolean }) {
  const account = useAccount();
  const [target, setTarget] = useState<Target>();
  const { data, error, refresh } = useRead(address, () => holdingsOf(chain.terms, address), EVERY_MS);
  const close = () => {
    setTarget(undefined);
    refresh();
  };
  return (
    <Card
      title="Your wallet on the chain" testid="chain-wallet" actions={chain.terms.isTest ? <Tag tone="warn">test chain</Tag> : undefined}
      explain={<Explain title="Two places">What is in your wallet only you can move. What is at the exchange lies in the vault contract: you trade with it, and take it back with a withdrawal, or by contract alone if the exchange should ever refuse.</Explain>}
    >
      {!data ? (error ? <ErrorState error={error} retry={refresh} /> : <Loading label="Asking the chain" />) : (
        <>
          {isUnknown && (isEmpty(data) ? <FirstFunds /> : <Notice tone="good">You have no account at the exchange yet. The first deposit opens one.</Notice>)}
          <ul class="chain-assets">
            {chain.terms.assets.map((asset) => {
              const balance = data.money[asset.name] ?? 0n;
              const own = account?.cash.find((line) => line.asset === asset.name);
              return (
                <li key={asset.name}>
                  <strong>{asset.name}</strong>
                  <span class="num" data-testid={`onchain-${asset.name}`}><small>In your wallet</small>{amount(fromAtoms(balance / BigInt(asset.unit), asset))}</span>
                  <span class="num"><small>At the exchange</small>{amount(own?.cash ?? "0")}</span>
                  <Button small tone="primary" testid={`deposit-${asset.name}`} disabled={balance < BigInt(asset.unit)} onClick={() => setTarget({ asset, balance })}>
                    Deposit<span class="sr-only"> {asset.name}</span>
                  </Button>
                </li>
              );
            })}
          </ul>
          {data.tokens.length > 0 && (
            <ul class="chain-tokens" data-testid="onchain-tokens" aria-label="Tokens in your wallet">
              {data.tokens.map(({ collection, token }) => (
                <li key={`${collection.name}-${token}`}>
                  <Portrait collection={collection.name} token={token} size={36} />
                  <span>{collection.name} {token}</span>
                  <Button small testid={`deposit-token-${collection.name}-${token}`} onClick={() => setTarget({ collection, token })}>
                    Deposit<span class="sr-only"> {collection.name} {token}</span>
                  </Button>
                </li>
              ))}
            </ul>
          )}
        </>
      )}
      {target && <DepositDialog chain={chain} address={address} target={target} onClose={close} />}
    </Card>
  );
}

const isEmpty = ({ money, tokens }: Holdings): boolean => !tokens.length && Object.values(money).every((held) => held === 0n);
