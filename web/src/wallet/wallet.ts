/**
 * Who is trading, and how an action gets its signature.
 *
 *     act(action)    native typed data: the wallet, or the demo key          whatever moves value
 *     trade(action)  Hyperliquid's L1 scheme: the agent, or the demo key     orders, cancels, leverage
 *
 * A wallet approves the page's agent once (`enableTrading`); the agent cannot withdraw.
 */

import { type SignedAction, type Signature, exchange, info } from "../api/http";
import { Store, memory, useStore } from "../store";
import { type Announced, type Provider, announced, chainOf, requestAddress, signTypedData, switchChain } from "./browser";
import { type Domain, type Member, type TypedData, typedDataHash } from "./eip712";
import { approveAgentData, l1Digest } from "./hyperliquid";
import { type Key, keyOf, newKey, splitSignature } from "./key";
import type { Packable } from "./msgpack";

export type Action = { type: string; [field: string]: unknown };

export interface Wallet {
  kind?: "demo" | "browser";
  address?: string;
  name?: string;
  icon?: string;
  /** The key that signs orders without asking; the demo key is its own. */
  trader?: Key;
}

interface SigningTypes {
  domain: Domain;
  types: Record<string, Member[]>;
}

const AGENT_NAME = "page";
const AGENT_DAYS = 30;
const DAY_MS = 86_400_000;

export const wallet = new Store<Wallet>({});
export const walletDialog = new Store(false);
let provider: Provider | undefined;

/** The connected browser wallet's way to be asked; the demo key has none. */
export const ownProvider = (): Provider | undefined => provider;
export const useWallet = (): Wallet => useStore(wallet);
export const openWalletDialog = (): void => walletDialog.set(true);

export function demoKeySecret(): string | undefined {
  return memory.read("demo-key");
}

export function connectDemoKey(): void {
  const secret = demoKeySecret() ?? newKey().secret;
  memory.write("demo-key", secret);
  memory.write("wallet", "demo");
  const key = keyOf(secret);
  wallet.set({ kind: "demo", address: key.address, name: "Demo key", trader: key });
}

export async function connectBrowser(found: Announced): Promise<void> {
  provider = found.provider;
  takeAddress(found, await requestAddress(found.provider));
  memory.write("wallet", found.info.rdns);
  found.provider.on?.("accountsChanged", (accounts: string[]) => {
    if (accounts[0]) takeAddress(found, accounts[0].toLowerCase());
    else disconnect();
  });
}

export function disconnect(): void {
  memory.forget("wallet");
  provider = undefined;
  wallet.set({});
}

/** Comes back to what was connected, without opening a wallet's window. */
export function reconnect(): void {
  const last = memory.read("wallet");
  if (last === "demo") connectDemoKey();
  else if (last) {
    const tryAnnounced = async () => {
      const found = announced.get().find(({ info: { rdns } }) => rdns === last);
      if (!found || wallet.get().address) return;
      const accounts = (await found.provider.request({ method: "eth_accounts" })) as string[];
      if (accounts[0]) await connectBrowser(found);
    };
    announced.watch(() => void tryAnnounced());
    void tryAnnounced();
  }
}

/** Signs a native action as its owner and sends it; throws what the exchange said. */
export async function act(action: Action, vaultAddress: string | null = null): Promise<{ type: string; data?: any }> {
  const { address } = wallet.get();
  if (!address) throw new Error("Connect a wallet first.");
  const nonce = nextNonce();
  const { data, whole } = await nativeData(action, vaultAddress ?? NO_ADDRESS, nonce);
  return exchange({ action: whole, nonce, signature: await signOwner(data), vaultAddress, expiresAfter: null });
}

/** Signs an order, cancel or setting with the trading key and sends it. */
export async function trade(action: Action): Promise<{ type: string; data?: any }> {
  const key = wallet.get().trader;
  if (!key) throw new Error("Enable trading first: your wallet approves this page once.");
  const request = { action: action as Packable, nonce: nextNonce(), vaultAddress: null, expiresAfter: null };
  return exchange({ ...request, signature: key.sign(l1Digest(request)) } as SignedAction);
}

/** Lets the wallet approve a key that this page made: it may trade, it cannot withdraw. */
export async function enableTrading(): Promise<void> {
  const { address, kind } = wallet.get();
  if (!address || kind !== "browser" || !provider) throw new Error("Connect a wallet first.");
  const agent = newKey();
  const nonce = nextNonce();
  const chainId = await chainOf(provider);
  const data = approveAgentData(agent.address, AGENT_NAME, nonce, chainId);
  const signature = splitSignature(await signTypedData(provider, address, data));
  const action = {
    type: "approveAgent", signatureChainId: `0x${chainId.toString(16)}`, hyperliquidChain: "Testnet",
    agentAddress: agent.address, agentName: AGENT_NAME, nonce,
  };
  await exchange({ action, nonce, signature, vaultAddress: null, expiresAfter: null });
  memory.write(`agent.${address}`, JSON.stringify({ secret: agent.secret, until: Date.now() + AGENT_DAYS * DAY_MS }));
  wallet.update((now) => ({ ...now, trader: agent }));
}

/** The exchange no longer knows the agent: it expired, or another took its name. */
export function forgetAgent(): void {
  const { address, kind } = wallet.get();
  if (!address || kind !== "browser") return;
  memory.forget(`agent.${address}`);
  wallet.update((now) => ({ ...now, trader: undefined }));
}

function takeAddress(found: Announced, address: string): void {
  wallet.set({
    kind: "browser", address, name: found.info.name, icon: found.info.icon, trader: agentOf(address),
  });
}

function agentOf(address: string): Key | undefined {
  try {
    const { secret, until } = JSON.parse(memory.read(`agent.${address}`) ?? "");
    return until > Date.now() ? keyOf(secret) : undefined;
  } catch {
    return undefined;
  }
}

async function signOwner(data: TypedData): Promise<Signature> {
  const { kind, trader, address } = wallet.get();
  if (kind === "demo" && trader) return trader.sign(typedDataHash(data));
  if (!provider || !address) throw new Error("Connect a wallet first.");
  await switchChain(provider, data.domain.chainId);
  return splitSignature(await signTypedData(provider, address, data));
}

let signing: Promise<SigningTypes> | undefined;

/** The action with every member that is signed, and what a wallet shows of it. */
async function nativeData(action: Action, account: string, nonce: number): Promise<{ data: TypedData; whole: Action }> {
  signing ??= info<SigningTypes>({ type: "signingTypes" });
  const { domain, types } = await signing.catch((error) => {
    signing = undefined;
    throw error;
  });
  const primaryType = (action.type[0] ?? "").toUpperCase() + action.type.slice(1);
  const members = types[primaryType];
  if (!members) throw new Error(`This exchange has no action "${action.type}".`);
  const own = members.filter(({ name }) => !(name in SIGNED_BESIDES));
  const fields = Object.fromEntries(own.map(({ name, type }) => [name, action[name] ?? nothing(type)]));
  const message = { ...fields, account, nonce, expiresAfter: 0 };
  return { data: { domain, primaryType, types: { [primaryType]: members }, message }, whole: { type: action.type, ...fields } };
}

const NO_ADDRESS = `0x${"0".repeat(40)}`; // the signer's primary account
const SIGNED_BESIDES = { account: 1, nonce: 1, expiresAfter: 1 };

/** What an action leaves out counts as nothing of its kind, and is signed as that. */
function nothing(type: string): unknown {
  if (type.endsWith("[]")) return [];
  if (type === "bool") return false;
  if (type === "address") return NO_ADDRESS;
  return type === "string" ? "" : 0;
}

let lastNonce = 0;

/** Milliseconds, each larger than the last. */
export function nextNonce(): number {
  lastNonce = Math.max(Date.now(), lastNonce + 1);
  return lastNonce;
}
