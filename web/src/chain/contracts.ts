/** What the page reads and writes of the contracts. */

import { parseDecimal, rescale, wire } from "../format/numbers";
import { addressOf, topic, words } from "./abi";
import { type Log, type Receipt, rpc, rpcs, viewCall, views } from "./rpc";
import { send } from "./send";
import type { ChainAsset, ChainCollection, Terms } from "./types";

const DEPOSITED = topic("Deposited(uint64,address,uint8,uint32,uint128)");
const PAID = topic("Paid(uint64,address,uint8,uint32,uint128)");
const TRANSFER = topic("Transfer(address,address,uint256)");
const REQUESTED = topic("Requested(uint256,address,uint64,uint8,uint32,uint128,uint64)");
const TOKENS_MAX = 60;
export const MONEY = 0;
export const TOKEN = 1;

export const isCoin = ({ token }: ChainAsset): boolean => /^0x0*$/.test(token);
const padded = (address: string): string => `0x${address.slice(2).toLowerCase().padStart(64, "0")}`;

export function contractOf(terms: Terms, name: string): string {
  const address = terms.contracts[name];
  if (!address) throw new Error(`The exchange names no contract "${name}".`);
  return address;
}

/** [atoms] as a decimal of whole coins. */
export function fromAtoms(atoms: bigint, asset: ChainAsset): string {
  return wire({ digits: atoms * BigInt(asset.unit), scale: asset.decimals });
}

/** A decimal of whole coins in atoms; undefined where it is no whole number of them. */
export function toAtoms(text: string, asset: ChainAsset): bigint | undefined {
  const value = parseDecimal(text);
  if (!value) return undefined;
  const wei = rescale(value, asset.decimals);
  const isExact = value.scale <= asset.decimals || rescale(wei, value.scale).digits === value.digits;
  return isExact && wei.digits % BigInt(asset.unit) === 0n ? wei.digits / BigInt(asset.unit) : undefined;
}

export interface Holdings {
  /** [wei, units of the token] by asset. */
  money: Record<string, bigint>;
  tokens: { collection: ChainCollection; token: number }[];
  vault: Record<string, bigint>;
  /** Tokens that the vault keeps, by collection. */
  custody: Record<string, number>;
}

/** What an address has on the chain, and what the vault has. */
export async function holdingsOf(terms: Terms, address: string): Promise<Holdings> {
  const [mine, vault, tokens, kept] = await Promise.all([
    balancesOf(terms, address), balancesOf(terms, contractOf(terms, "Vault")),
    Promise.all(terms.collections.map((collection) => tokensOf(terms, collection, address))),
    views(terms.collections.map(({ token }) => ({ to: token, signature: "balanceOf(address)", values: [contractOf(terms, "Vault")] }))),
  ]);
  const custody = Object.fromEntries(terms.collections.map(({ name }, at) => [name, Number(kept[at]?.[0] ?? 0n)]));
  return { money: mine, vault, tokens: tokens.flat(), custody };
}

/** What the vault ever took in and paid out, by asset [atoms]. */
export async function flowsOf(terms: Terms): Promise<{ received: bigint[]; paid: bigint[] }> {
  const of = (signature: string) =>
    views(terms.assets.map(({ number }) => ({ to: contractOf(terms, "Vault"), signature, values: [number] })));
  const [received, paid] = await Promise.all([of("received(uint32)"), of("paid(uint32)")]);
  return { received: received.map(([atoms]) => atoms ?? 0n), paid: paid.map(([atoms]) => atoms ?? 0n) };
}

export async function balancesOf(terms: Terms, address: string): Promise<Record<string, bigint>> {
  const calls = terms.assets.map((asset) =>
    isCoin(asset)
      ? { method: "eth_getBalance", params: [address, "latest"] }
      : viewCall(asset.token, "balanceOf(address)", [address]),
  );
  const answers = await rpcs(calls);
  return Object.fromEntries(terms.assets.map(({ name }, at) => [name, BigInt(String(answers[at]))]));
}

/** What was ever sent to an address and is still its own; the standard has no list of them. */
async function tokensOf(terms: Terms, collection: ChainCollection, address: string): Promise<Holdings["tokens"]> {
  const sent = await logs(collection.token, terms, [TRANSFER, null, padded(address)]);
  const ids = [...new Set(sent.map(({ topics }) => BigInt(topics[3] ?? 0)))].slice(-TOKENS_MAX);
  if (!ids.length) return [];
  const owners = await views(ids.map((id) => ({ to: collection.token, signature: "ownerOf(uint256)", values: [id] })));
  const own = ids.filter((_, at) => addressOf(owners[at]?.[0] ?? 0n) === address.toLowerCase());
  return own.map((id) => ({ collection, token: Number(id) })).sort((a, b) => a.token - b.token);
}

function logs(address: string, terms: Terms, topics: (string | null)[]): Promise<Log[]> {
  const fromBlock = `0x${terms.firstBlock.toString(16)}`;
  return rpc<Log[]>("eth_getLogs", { address, topics, fromBlock, toBlock: "latest" });
}

export interface Deposit {
  kind: "money" | "token";
  asset?: ChainAsset;
  atoms?: bigint;
  collection?: ChainCollection;
  token?: number;
}

export interface Step {
  title: string;
  run: () => Promise<Receipt>;
}

/** The transactions of a deposit: an approval of exactly what is deposited, where one is needed, and the deposit. */
export function depositSteps(terms: Terms, owner: string, deposit: Deposit): Step[] {
  const vault = contractOf(terms, "Vault");
  const { asset, atoms = 0n, collection, token = 0 } = deposit;
  if (asset && isCoin(asset)) {
    const value = atoms * BigInt(asset.unit);
    return [{ title: "Deposit into the vault", run: () => send(terms, { to: vault, signature: "depositEther(address)", values: [owner], value }) }];
  }
  const contract = asset?.token ?? collection?.token ?? "";
  const what = asset ? `exactly ${fromAtoms(atoms, asset)} ${asset.name}` : `exactly ${collection?.name} ${token}`;
  const amount = asset ? atoms * BigInt(asset.unit) : BigInt(token);
  const put = asset
    ? { signature: "depositMoney(uint32,uint128,address)", values: [asset.number, atoms, owner] }
    : { signature: "depositToken(uint32,uint256,address)", values: [collection?.number ?? 0, token, owner] };
  return [
    { title: `Let the vault take ${what}`, run: () => send(terms, { to: contract, signature: "approve(address,uint256)", values: [vault, amount] }) },
    { title: "Deposit into the vault", run: () => send(terms, { to: vault, ...put }) },
  ];
}

/** The vault's number of a deposit; the exchange credits them one by one. */
export function sequenceOf(receipt: Receipt): number | undefined {
  const log = receipt.logs.find(({ topics }) => topics[0] === DEPOSITED);
  return log && Number(BigInt(log.topics[1] ?? 0));
}

export interface PaidOut {
  number: number;
  kind: number;
  id: number;
  value: bigint;
  transaction: string;
}

/** What the contracts have paid to an owner, the newest first. */
export async function paidTo(terms: Terms, owner: string): Promise<PaidOut[]> {
  const found = await logs(contractOf(terms, "Withdrawals"), terms, [PAID, null, padded(owner)]);
  return found.reverse().map(({ topics, data, transactionHash }) => {
    const [kind = 0n, id = 0n, value = 0n] = words(data);
    return { number: Number(BigInt(topics[1] ?? 0)), kind: Number(kind), id: Number(id), value, transaction: transactionHash };
  });
}

export interface Delays {
  windowMs: number; // in which a batch can be vetoed
  serveMs: number; // in which a forced request must be answered
  bond: bigint; // [wei]
}

export async function delaysOf(terms: Terms): Promise<Delays> {
  const forced = contractOf(terms, "ForcedExit");
  const answers = await views([
    { to: contractOf(terms, "Settlement"), signature: "window()" }, { to: forced, signature: "serveTime()" }, { to: forced, signature: "bond()" },
  ]);
  const [[window = 0n] = [], [serve = 0n] = [], [bond = 0n] = []] = answers;
  return { windowMs: Number(window) * 1_000, serveMs: Number(serve) * 1_000, bond };
}

/** When the exchange was frozen [ms], 0 while it is not. */
export async function frozenSince(terms: Terms): Promise<number> {
  const [[at = 0n] = []] = await views([{ to: contractOf(terms, "Settlement"), signature: "frozenAt()" }]);
  return Number(at) * 1_000;
}

export const FORCED_STATES = ["", "waits for its answer", "was served", "was refused", "is closed", "froze the exchange"] as const;

export interface Forced {
  request: number;
  kind: number;
  id: number;
  value: bigint;
  state: number; // of FORCED_STATES
  closesAt: number; // [ms] the deadline while it waits
  transaction: string;
}

/** The forced requests of an owner, the newest first, and the bonds to be fetched [wei]. */
export async function forcedOf(terms: Terms, owner: string): Promise<{ requests: Forced[]; owed: bigint }> {
  const contract = contractOf(terms, "ForcedExit");
  const found = (await logs(contract, terms, [REQUESTED, null, padded(owner)])).reverse().slice(0, 10);
  const numbers = found.map(({ topics }) => BigInt(topics[1] ?? 0));
  const [[owed = 0n] = [], ...told] = await views([
    { to: contract, signature: "owed(address)", values: [owner] },
    ...numbers.map((number) => ({ to: contract, signature: "requests(uint256)", values: [number] })),
  ]);
  const requests = told.map(([, , closes = 0n, state = 0n, kind = 0n, id = 0n, , , value = 0n], at) => ({
    request: Number(numbers[at]), kind: Number(kind), id: Number(id), value, state: Number(state),
    closesAt: Number(closes) * 1_000, transaction: found[at]?.transactionHash ?? "",
  }));
  return { requests, owed };
}

/** Asks for value by contract; the bond comes back with the answer, unless the answer is a refusal. */
export function forceExit(terms: Terms, account: number, kind: number, id: number, value: bigint, bond: bigint): Promise<Receipt> {
  const values = [account, kind, id, value];
  return send(terms, { to: contractOf(terms, "ForcedExit"), signature: "request(uint64,uint8,uint32,uint128)", values, value: bond });
}

export function fetchBonds(terms: Terms, owner: string): Promise<Receipt> {
  return send(terms, { to: contractOf(terms, "ForcedExit"), signature: "withdraw(address)", values: [owner] });
}
