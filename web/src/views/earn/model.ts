/** What the Earn view says of a vault and of a member's part in it; floats, for reading only. */

import { asNumber, parseDecimal, rescale } from "../../format/numbers";
import type { Vault } from "./types";

export const DEPOSIT_MIN = 0.001;
const DUST = 1e-6; // [ETH] what an exit may leave behind

/** Return which part of a vault's cash a member's value is, 0 to 1. */
export function partOf(value: number, cash: number): number {
  return cash > 0 ? Math.min(1, Math.max(0, value / cash)) : 0;
}

export interface AfterDeposit {
  part: number;
  exitValue: number; // what it would be paid if it left at once
  problem: string;
}

/** Return what a deposit of `amount` [ETH] would be. */
export function afterDepositing(vault: Vault, amount: number, free: number | undefined): AfterDeposit {
  const [price, exit] = [asNumber(vault.price) ?? 1, asNumber(vault.priceExit) ?? 1];
  const mine = asNumber(vault.mine?.value) ?? 0;
  const exitValue = price > 0 ? amount * Math.min(1, exit / price) : amount;
  return {
    part: partOf(mine + exitValue, (asNumber(vault.cash) ?? 0) + amount),
    exitValue,
    problem: depositProblem(vault, amount, free),
  };
}

function depositProblem(vault: Vault, amount: number, free: number | undefined): string {
  if (vault.isClosed) return "Closed to newcomers until the running sales are settled.";
  if (amount > 0 && amount < DEPOSIT_MIN) return `At least ${DEPOSIT_MIN} ETH.`;
  if (free !== undefined && amount > free) return "More than is free to leave your account: borrowed money and margin stay behind.";
  return "";
}

/** Return whether a member has more than the dust of an exit. */
export function isMember(mine: Vault["mine"]): boolean {
  return (asNumber(mine?.value) ?? 0) > DUST;
}

const SHARE_DECIMALS = 9; // of shares in an answer; actions count the units

/**
 * Return a percentage of shares in their units, an integer that JSON carries exactly, rounded down.
 *
 * There are 10^15 units to the ETH, and beyond 2^53 a float is a multiple of 2^j: a multiple of 10^j is then
 * exact as a float and in its digits.  What stays behind is worth less than 10^-5 ETH.
 */
export function someShares(shares: string, percent: number): number {
  const all = parseDecimal(shares);
  if (!all) return 0;
  const wanted = (rescale(all, SHARE_DECIMALS).digits * BigInt(percent)) / 100n;
  let zeros = 0n;
  while (wanted >> (53n + zeros)) zeros += 1n;
  return Number(wanted - (wanted % 10n ** zeros));
}

/** Return what foreseen losses take off the price of leaving, as a fraction. */
export function provisionShare(vault: Vault): number {
  const [price, exit] = [asNumber(vault.price) ?? 0, asNumber(vault.priceExit) ?? 0];
  return price > 0 ? Math.max(0, 1 - exit / price) : 0;
}

export interface Words {
  title: string;
  what: string;
  earns: string;
  risk: string[];
}

/** What each vault does, earns and may lose.  Spec: docs/spec/vaults.md §3, §4 */
export const WORDS: Readonly<Record<Vault["vault"], Words>> = {
  lending: {
    title: "Lending pool",
    what: "Lends ETH to owners of NFTs and keeps ready what it has promised them.",
    earns: "80 % of their interest and of the fee on promises not drawn.",
    risk: [
      "If a token sold in an auction brings less than its debt, the NFT insurance vault pays first, then the pool's reserve; what is still missing lowers your share price.",
      "As soon as such a loss is foreseen it lowers the price of leaving. It comes back if the sale goes well.",
      "What is promised to borrowers cannot leave. If everything is lent, you wait until somebody repays.",
    ],
  },
  insurance: {
    title: "NFT insurance vault",
    what: "Pays first when sold collateral does not bring its debt, and buys what nobody else buys.",
    earns: "3 of the 5 % penalty on sales with a surplus, and the gain on tokens it bought cheap.",
    risk: [
      "It is the first to lose: in a crash a part or all of it can be gone.",
      "It may hold tokens instead of ETH for days until they are sold on.",
      "It is closed to newcomers while large sales run, so that nobody buys in after seeing how they end.",
    ],
  },
};
