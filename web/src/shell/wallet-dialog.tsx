import { useState } from "preact/hooks";
import { useAccountAnswer, useVenue } from "../api/live";
import { amount, shortAddress } from "../format/numbers";
import { go } from "../router";
import { useStore } from "../store";
import { ActionButton, Button, Dialog, Notice, Stat, Stats, attempt, toast } from "../ui";
import { type Announced, announced } from "../wallet/browser";
import {
  act, connectBrowser, connectDemoKey, demoKeySecret, disconnect, enableTrading, useWallet, walletDialog,
} from "../wallet/wallet";

const close = () => walletDialog.set(false);

export function WalletDialog() {
  const isOpen = useStore(walletDialog);
  const { address } = useWallet();
  if (!isOpen) return null;
  return (
    <Dialog title={address ? "Your wallet" : "Connect"} onClose={close} testid="wallet-dialog">
      {address ? <Connected /> : <Choose />}
    </Dialog>
  );
}

function Choose() {
  const wallets = useStore(announced);
  const venue = useVenue();
  const isDemo = venue?.hasFaucet ?? false;
  return (
    <>
      <p class="dim">Orders and loans are signed by you; the exchange checks each signature and keeps no password.</p>
      <div class="wallets">
        {wallets.map((found) => <Found key={found.info.uuid} found={found} />)}
        <button type="button" class="wallet-choice" data-testid="connect-demo" onClick={() => connectDemoKey()}>
          <span class="wallet-icon" aria-hidden="true">◇</span>
          <span><strong>{demoKeySecret() ? "Your demo key" : "Make a demo key"}</strong>
            <small>Lives in this browser, needs nothing installed</small></span>
        </button>
      </div>
      {!wallets.length && <p class="dim">No browser wallet announced itself (EIP-6963).</p>}
      <Notice tone="warn">
        A demo key is only for trying things out: it is stored unprotected in this browser. Never send it anything of value
        {isDemo ? "." : "; this exchange is not a demo."}
      </Notice>
    </>
  );
}

function Found({ found }: { found: Announced }) {
  const [isBusy, setBusy] = useState(false);
  const connect = async () => {
    setBusy(true);
    await attempt(() => connectBrowser(found));
    setBusy(false);
  };
  return (
    <button type="button" class="wallet-choice" aria-busy={isBusy} disabled={isBusy} onClick={connect}
      data-testid={`connect-${found.info.rdns}`}>
      <img class="wallet-icon" src={found.info.icon} alt="" />
      <span><strong>{found.info.name}</strong><small>{isBusy ? "Waiting for the wallet" : "Browser wallet"}</small></span>
    </button>
  );
}

function Connected() {
  const { address = "", kind, name, trader } = useWallet();
  const { data: account, isUnknown } = useAccountAnswer();
  const venue = useVenue();
  return (
    <>
      <div class="wallet-card">
        <div>
          <strong>{name}</strong>
          <code class="num" data-testid="wallet-full-address">{address}</code>
        </div>
        <Button small onClick={() => copy(address)}>Copy</Button>
      </div>
      {account && (
        <Stats>
          <Stat label="Equity" value={amount(account.equity, "ETH")} />
          <Stat label="Free margin" value={amount(account.freeMargin, "ETH")} />
        </Stats>
      )}
      {isUnknown && <FirstFunds />}
      {kind === "browser" && !trader && (
        <Notice>
          <p>To trade without a wallet window for each order, let this page trade for you. It cannot withdraw.</p>
          <p><ActionButton small tone="primary" testid="enable-trading" action={enableTrading} done="This page may trade for you now.">
            Enable trading</ActionButton></p>
        </Notice>
      )}
      {kind === "demo" && (
        <Notice tone="warn">This is only a demo key, stored unprotected in this browser. Clear the browser and it is gone.</Notice>
      )}
      <div class="row">
        {account && venue?.hasFaucet && <FaucetButton small />}
        <Button small tone="quiet" class="push" testid="disconnect" onClick={() => { disconnect(); close(); }}>
          Disconnect {shortAddress(address)}
        </Button>
      </div>
    </>
  );
}

/** What a wallet without an account sees: the demo gives, a real exchange wants a deposit. */
export function FirstFunds() {
  const venue = useVenue();
  if (!venue?.hasFaucet) {
    return <Notice>This address has no account here yet. The first deposit opens one{venue?.hasChain && <>: <a href="#/portfolio" onClick={close}>deposit</a></>}.</Notice>;
  }
  return (
    <Notice tone="good">
      <p>{venue.hasChain
        ? "This address has no account yet. Take demo money into your wallet on the chain, then deposit some in your portfolio: that opens an account."
        : "This address has no account yet. Take demo money: 20 ETH, 20,000 USDC and three tokens to borrow against."}</p>
      <p><FaucetButton tone="primary" /></p>
    </Notice>
  );
}

export function FaucetButton({ small, tone }: { small?: boolean; tone?: "primary" }) {
  const hasChain = useVenue()?.hasChain;
  const toDeposit = () => {
    close();
    if (hasChain) go("portfolio");
  };
  return (
    <ActionButton small={small} tone={tone} testid="faucet" action={() => act({ type: "faucet" })}
      done={hasChain ? "Demo funds are in your wallet on the chain." : "Demo funds arrived."} onDone={toDeposit}>
      Get demo funds
    </ActionButton>
  );
}

async function copy(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    toast("Address copied.");
  } catch {
    toast("The browser did not allow copying.", "bad");
  }
}
