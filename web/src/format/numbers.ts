/**
 * Decimal strings, exact on the way in and out.
 *
 * The wire carries decimals as strings because JavaScript loses integers above 2^53.  What is computed for
 * an order goes through `Decimal`; what is only looked at may go through a float.
 */

const GAP = "\u202f"; // thin, never broken
const MINUS = "\u2212";

/** An exact decimal: digits * 10^-scale. */
export interface Decimal {
  digits: bigint;
  scale: number;
}

/** Returns undefined for anything but a plain decimal: no exponent, no separators. */
export function parseDecimal(text: string): Decimal | undefined {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?$/.exec(text.trim());
  if (!match || !(match[2] || match[3])) return undefined;
  const fraction = match[3] ?? "";
  const digits = BigInt((match[2] || "0") + fraction);
  return { digits: match[1] === "-" ? -digits : digits, scale: fraction.length };
}

/** Writes it without trailing zeros, as signed actions want it. */
export function wire({ digits, scale }: Decimal): string {
  const sign = digits < 0n ? "-" : "";
  const text = (digits < 0n ? -digits : digits).toString().padStart(scale + 1, "0");
  const whole = text.slice(0, text.length - scale);
  const fraction = text.slice(text.length - scale).replace(/0+$/, "");
  return sign + whole + (fraction ? `.${fraction}` : "");
}

/** The same number at `scale` decimals, towards zero. */
export function rescale({ digits, scale }: Decimal, to: number): Decimal {
  return to >= scale
    ? { digits: digits * 10n ** BigInt(to - scale), scale: to }
    : { digits: digits / 10n ** BigInt(scale - to), scale: to };
}

/** Rounds a decimal to a multiple of `step`: towards zero, or to the nearest. */
export function toMultiple(text: string, step: string, nearest = false): string | undefined {
  const value = parseDecimal(text);
  const unit = parseDecimal(step);
  if (!value || !unit || unit.digits <= 0n) return undefined;
  const scale = Math.max(value.scale, unit.scale);
  const one = rescale(unit, scale).digits;
  const all = rescale(value, scale).digits;
  const half = nearest ? (all < 0n ? -one / 2n : one / 2n) : 0n;
  return wire({ digits: ((all + half) / one) * one, scale });
}

export function isMultiple(text: string, step: string): boolean {
  const value = parseDecimal(text);
  return value !== undefined && toMultiple(text, step) === wire(value);
}

/** A float as a plain decimal of at most `decimals`, for a field that a person goes on editing. */
export function plain(value: number, decimals: number): string {
  if (!Number.isFinite(value)) return "";
  return wire(parseDecimal(value.toFixed(decimals)) ?? { digits: 0n, scale: 0 });
}

type Shown = string | number | null | undefined;

/** "12 345.60": grouped, a real minus sign; an en dash for what is not known. */
export function grouped(value: Shown, decimals: number): string {
  const number = asNumber(value);
  if (number === undefined) return "–";
  const [whole = "0", fraction] = Math.abs(number).toFixed(decimals).split(".");
  const text = whole.replace(/\B(?=(\d{3})+$)/g, GAP) + (fraction ? `.${fraction}` : "");
  return (number < 0 && /[1-9]/.test(text) ? MINUS : "") + text;
}

/** A money amount with its asset; decimals follow its size unless given. */
export function amount(value: Shown, unit = "", decimals?: number): string {
  const number = asNumber(value);
  if (number === undefined) return "–";
  const text = grouped(number, decimals ?? decimalsFor(number, unit));
  return unit ? `${text}${GAP}${unit}` : text;
}

function decimalsFor(value: number, unit: string): number {
  if (unit === "USDC") return 2;
  const size = Math.abs(value);
  if (size === 0 || size >= 1000) return 2;
  return size >= 0.1 ? 4 : 6;
}

/** A price of a market, at the market's decimals. */
export function price(value: Shown, decimals = 4): string {
  return grouped(value, decimals);
}

/** "0.05" as "5.00 %". */
export function percent(value: Shown, decimals = 2): string {
  const number = asNumber(value);
  return number === undefined ? "–" : `${grouped(number * 100, decimals)}${GAP}%`;
}

/** Always with its sign, zero aside. */
export function signed(value: Shown, decimals = 4, unit = ""): string {
  const number = asNumber(value);
  if (number === undefined) return "–";
  const text = grouped(number, decimals);
  return (number > 0 && /[1-9]/.test(text) ? "+" : "") + text + (unit ? GAP + unit : "");
}

/** 1 230 000 as "1.23 M". */
export function compact(value: Shown, unit = ""): string {
  const number = asNumber(value);
  if (number === undefined) return "–";
  const size = Math.abs(number);
  const steps: [number, string][] = [[1e9, "B"], [1e6, "M"], [1e4, "k"]];
  const step = steps.find(([from]) => size >= from);
  const divisor = step ? (step[1] === "k" ? 1e3 : step[0]) : 1;
  const text = grouped(number / divisor, size >= 100 && !step ? 0 : 2);
  return text + (step ? GAP + step[1] : "") + (unit ? GAP + unit : "");
}

export function shortAddress(address: string): string {
  return address.length > 12 ? `${address.slice(0, 6)}…${address.slice(-4)}` : address;
}

export function asNumber(value: Shown): number | undefined {
  if (value === null || value === undefined || value === "") return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}
