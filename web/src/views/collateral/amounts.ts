/** Amounts as people type them. */

import { parseDecimal, wire } from "../../format/numbers";

const DECIMALS: Readonly<Record<string, number>> = { ETH: 9, USDC: 6 };

/** Return what is wrong with an amount, "" if nothing is. */
export function amountError(text: string, mayBeZero = false, asset = "ETH"): string {
  const value = parseDecimal(text);
  if (!value) return "Write a plain number, like 1.5.";
  if (value.digits < 0n || (value.digits === 0n && !mayBeZero)) return "Write an amount above zero.";
  const most = DECIMALS[asset] ?? 9;
  return value.scale > most ? `At most ${most} decimals.` : "";
}

/** Return an amount as signed actions want it; throws on what `amountError` names. */
export function exact(text: string): string {
  const value = parseDecimal(text);
  if (!value) throw new Error("Write a plain number, like 1.5.");
  return wire(value);
}
