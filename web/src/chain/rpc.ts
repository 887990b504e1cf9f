/** Questions to the chain: through the wallet's own node where there is one, else through the exchange's. */

import { url } from "../api/http";
import type { Provider } from "../wallet/browser";
import { chainOf } from "../wallet/browser";
import { ownProvider } from "../wallet/wallet";
import { type Value, encodeCall, words } from "./abi";

interface Call {
  method: string;
  params: unknown[];
}

export interface Log {
  address: string;
  topics: string[];
  data: string;
  blockNumber: string;
  transactionHash: string;
}

export interface Receipt {
  status: string;
  blockNumber: string;
  transactionHash: string;
  logs: Log[];
}

/** The node's own words; `data` is what a contract said when it refused. */
export class ChainError extends Error {
  constructor(
    message: string,
    readonly data = "",
  ) {
    super(message);
  }
}

export async function rpc<T = string>(method: string, ...params: unknown[]): Promise<T> {
  const [answer] = await rpcs([{ method, params }]);
  return answer as T;
}

/** Several questions at once, answered in their order; throws the first error. */
export async function rpcs(calls: Call[]): Promise<unknown[]> {
  let answers: { id: number; result?: unknown; error?: { message: string; data?: unknown } }[];
  try {
    const body = JSON.stringify(calls.map((call, id) => ({ jsonrpc: "2.0", id, ...call })));
    const response = await fetch(url("rpc"), { method: "POST", headers: { "content-type": "application/json" }, body });
    const told = await response.json();
    answers = Array.isArray(told) ? told : calls.map((_, id) => ({ ...told, id }));
  } catch {
    throw new ChainError("The chain cannot be reached through this exchange.");
  }
  return calls.map((_, id) => {
    const answer = answers.find((each) => each.id === id);
    if (answer?.error || !answer) throw new ChainError(answer?.error?.message ?? "The chain's node left a question out.", dataOf(answer?.error));
    return answer.result;
  });
}

function dataOf(error: { data?: unknown } | undefined): string {
  const data = error?.data as { data?: string } | string | undefined;
  return (typeof data === "object" ? data?.data : data) ?? "";
}

export interface View {
  to: string;
  signature: string;
  values?: readonly Value[];
}

/** What functions that change nothing return, as words. */
export async function views(calls: View[]): Promise<bigint[][]> {
  return (await rpcs(calls.map(({ to, signature, values }) => viewCall(to, signature, values)))).map((hex) => words(String(hex)));
}

export function viewCall(to: string, signature: string, values: readonly Value[] = []): Call {
  return { method: "eth_call", params: [{ to, data: encodeCall(signature, values) }, "latest"] };
}

/** Who a verifier asks: a wallet on the same chain brings a node of its own. */
export async function witness(chainId: number): Promise<{ name: string; ask: (call: Call) => Promise<unknown> }> {
  const provider = ownProvider();
  if (provider && (await isOn(provider, chainId))) {
    return { name: "your wallet's node", ask: (call) => provider.request(call) };
  }
  return { name: "the exchange's node", ask: async (call) => (await rpcs([call]))[0] };
}

async function isOn(provider: Provider, chainId: number): Promise<boolean> {
  try {
    return (await chainOf(provider)) === chainId;
  } catch {
    return false;
  }
}
