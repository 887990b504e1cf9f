/** Transactions of the connected wallet: the demo key signs here, a browser wallet asks its owner. */

import { url } from "../api/http";
import { type Provider, chainOf } from "../wallet/browser";
import { ownProvider, wallet } from "../wallet/wallet";
import { type Value, encodeCall } from "./abi";
import { wordsOfRevert } from "./errors";
import { ChainError, type Receipt, rpc, rpcs } from "./rpc";
import { signTransaction } from "./rlp";
import type { Terms } from "./types";

const PATIENCE_MS = 180_000;
const LOOK_MS = 500;
const GAS_PERCENT = 125n; // of the estimate: the state may differ when it is mined

export interface Sending {
  to: string;
  signature: string;
  values: readonly Value[];
  value?: bigint; // [wei]
}

/** Sends and waits until it is mined; throws what went wrong in words. */
export async function send(terms: Terms, { to, signature, values, value = 0n }: Sending): Promise<Receipt> {
  const data = encodeCall(signature, values);
  const provider = ownProvider();
  try {
    const hash = provider ? await sendBrowser(provider, terms, to, data, value) : await sendDemo(terms, to, data, value);
    return await mined(hash);
  } catch (error) {
    throw inWords(error);
  }
}

async function sendDemo(terms: Terms, to: string, data: string, value: bigint): Promise<string> {
  const { address, kind, trader } = wallet.get();
  if (!address || kind !== "demo" || !trader) throw new Error("Connect a wallet first.");
  const call = { from: address, to, data, value: `0x${value.toString(16)}` };
  const [nonce, gas, tip, block] = (await rpcs([
    { method: "eth_getTransactionCount", params: [address, "pending"] },
    { method: "eth_estimateGas", params: [call] },
    { method: "eth_maxPriorityFeePerGas", params: [] },
    { method: "eth_getBlockByNumber", params: ["latest", false] },
  ])) as [string, string, string, { baseFeePerGas: string }];
  const maxPriorityFeePerGas = BigInt(tip);
  const raw = signTransaction(
    {
      chainId: terms.chainId, nonce: Number(nonce), gas: (BigInt(gas) * GAS_PERCENT) / 100n, to, value, data,
      maxPriorityFeePerGas, maxFeePerGas: 2n * BigInt(block.baseFeePerGas) + maxPriorityFeePerGas,
    },
    trader,
  );
  return rpc("eth_sendRawTransaction", raw);
}

async function sendBrowser(provider: Provider, terms: Terms, to: string, data: string, value: bigint): Promise<string> {
  const from = wallet.get().address;
  await enterChain(provider, terms);
  const params = [{ from, to, data, value: `0x${value.toString(16)}` }];
  return (await provider.request({ method: "eth_sendTransaction", params })) as string;
}

/** Brings the wallet to the exchange's chain, which it may have to learn first. */
export async function enterChain(provider: Provider, terms: Terms): Promise<void> {
  if ((await chainOf(provider)) === terms.chainId) return;
  const chainId = `0x${terms.chainId.toString(16)}`;
  const nativeCurrency = { name: "Ether", symbol: "ETH", decimals: 18 };
  try {
    await provider.request({ method: "wallet_switchEthereumChain", params: [{ chainId }] });
  } catch {
    const chain = { chainId, chainName: terms.name, rpcUrls: [url("rpc")], nativeCurrency };
    await provider.request({ method: "wallet_addEthereumChain", params: [chain] });
  }
}

async function mined(hash: string): Promise<Receipt> {
  const until = Date.now() + PATIENCE_MS;
  while (Date.now() < until) {
    const receipt = await rpc<Receipt | null>("eth_getTransactionReceipt", hash);
    if (receipt?.status === "0x1") return receipt;
    if (receipt) throw new ChainError(`The chain refused the transaction ${hash}; only its gas was spent.`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  throw new ChainError(`The transaction ${hash} is not mined yet. It may still be.`);
}

function inWords(error: unknown): Error {
  const { code, message, data } = error as { code?: number; message?: string; data?: unknown };
  if (code === 4001) return new Error("You declined in the wallet.");
  const reason = wordsOfRevert(typeof data === "string" ? data : "");
  if (reason) return new Error(reason);
  if (/insufficient funds/i.test(message ?? "")) return new Error("Your wallet has not enough ETH on the chain for this and its gas.");
  return error instanceof Error ? error : new Error(message || "The transaction was not sent.");
}
