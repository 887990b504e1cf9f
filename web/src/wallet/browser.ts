/** Wallets that announce themselves (EIP-6963); none is asked for anything before the visitor picks it. */

import { Store } from "../store";
import { DOMAIN_MEMBERS, type TypedData } from "./eip712";

export interface Provider {
  request: (call: { method: string; params?: unknown[] }) => Promise<unknown>;
  on?: (event: string, listener: (value: any) => void) => void;
}

export interface Announced {
  info: { uuid: string; name: string; icon: string; rdns: string };
  provider: Provider;
}

export const announced = new Store<Announced[]>([]);

export function discoverWallets(): void {
  addEventListener("eip6963:announceProvider", (event) => {
    const found = (event as CustomEvent<Announced>).detail;
    if (!found?.info?.uuid || announced.get().some(({ info }) => info.uuid === found.info.uuid)) return;
    announced.update((wallets) => [...wallets, found]);
  });
  dispatchEvent(new Event("eip6963:requestProvider"));
}

export async function requestAddress(provider: Provider): Promise<string> {
  const accounts = (await asked(provider, "eth_requestAccounts")) as string[];
  if (!accounts[0]) throw new Error("The wallet shared no account.");
  return accounts[0].toLowerCase();
}

export async function chainOf(provider: Provider): Promise<number> {
  return Number((await asked(provider, "eth_chainId")) as string);
}

/** Returns the 65 bytes as hex. */
export async function signTypedData(provider: Provider, address: string, data: TypedData): Promise<string> {
  const complete = { ...data, types: { EIP712Domain: DOMAIN_MEMBERS, ...data.types } };
  return (await asked(provider, "eth_signTypedData_v4", [address, JSON.stringify(complete)])) as string;
}

/** Wallets sign typed data only of the chain they are on; the exchange's own may have to be added first. */
export async function switchChain(provider: Provider, chainId: number): Promise<void> {
  if ((await chainOf(provider)) === chainId) return;
  const hex = `0x${chainId.toString(16)}`;
  try {
    await provider.request({ method: "wallet_switchEthereumChain", params: [{ chainId: hex }] });
  } catch {
    // Many wallets sign all the same; the one that does not says why.
  }
}

async function asked(provider: Provider, method: string, params: unknown[] = []): Promise<unknown> {
  try {
    return await provider.request({ method, params });
  } catch (error) {
    const { code, message } = error as { code?: number; message?: string };
    if (code === 4001) throw new Error("You declined in the wallet.");
    if (/chain ?id/i.test(message ?? "")) {
      throw new Error(`The wallet is on another chain and will not sign: ${message}`);
    }
    throw new Error(message || "The wallet did not answer.");
  }
}
