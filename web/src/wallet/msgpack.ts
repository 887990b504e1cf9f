/** MessagePack of what actions are made of, byte for byte as Hyperliquid's clients write it: keys in their order. */

export type Packable = null | boolean | number | bigint | string | Packable[] | { [key: string]: Packable };

const utf8 = new TextEncoder();

export function pack(value: Packable): Uint8Array {
  const bytes: number[] = [];
  write(bytes, value);
  return Uint8Array.from(bytes);
}

function write(out: number[], value: Packable): void {
  if (value === null) out.push(0xc0);
  else if (typeof value === "boolean") out.push(value ? 0xc3 : 0xc2);
  else if (typeof value === "string") writeString(out, value);
  else if (typeof value === "number" || typeof value === "bigint") writeInteger(out, value);
  else if (Array.isArray(value)) {
    writeHead(out, value.length, 0x90, 0xdc);
    for (const item of value) write(out, item);
  } else {
    const entries = Object.entries(value);
    writeHead(out, entries.length, 0x80, 0xde);
    for (const [key, item] of entries) {
      writeString(out, key);
      write(out, item);
    }
  }
}

/** Lists and maps: up to 15 entries in one byte, then 16 or 32 bits of length. */
function writeHead(out: number[], length: number, small: number, wide: number): void {
  if (length < 16) out.push(small | length);
  else if (length < 0x1_0000) out.push(wide, ...bigEndian(length, 2));
  else out.push(wide + 1, ...bigEndian(length, 4));
}

function writeString(out: number[], text: string): void {
  const bytes = utf8.encode(text);
  if (bytes.length < 32) out.push(0xa0 | bytes.length);
  else if (bytes.length < 0x100) out.push(0xd9, bytes.length);
  else if (bytes.length < 0x1_0000) out.push(0xda, ...bigEndian(bytes.length, 2));
  else out.push(0xdb, ...bigEndian(bytes.length, 4));
  for (const byte of bytes) out.push(byte);
}

function writeInteger(out: number[], value: number | bigint): void {
  if (typeof value === "number" && !Number.isSafeInteger(value)) {
    throw new RangeError(`${value} is no integer that can be signed; decimals are strings`);
  }
  const whole = BigInt(value);
  if (whole >= 0n) writeUnsigned(out, whole);
  else if (whole >= -32n) out.push(Number(BigInt.asUintN(8, whole)));
  else writeSized(out, whole, [0xd0, 0xd1, 0xd2, 0xd3], (bits) => whole >= -(1n << (bits - 1n)));
}

function writeUnsigned(out: number[], whole: bigint): void {
  if (whole < 128n) out.push(Number(whole));
  else writeSized(out, whole, [0xcc, 0xcd, 0xce, 0xcf], (bits) => whole < 1n << bits);
}

function writeSized(out: number[], whole: bigint, tags: number[], fits: (bits: bigint) => boolean): void {
  const size = [1, 2, 4, 8].findIndex((bytes) => fits(BigInt(bytes * 8)));
  if (size < 0) throw new RangeError(`${whole} does not fit 64 bits`);
  const bytes = 2 ** size;
  out.push(tags[size] ?? 0, ...bigEndian(BigInt.asUintN(bytes * 8, whole), bytes));
}

export function bigEndian(value: number | bigint, bytes: number): number[] {
  const whole = BigInt(value);
  return Array.from({ length: bytes }, (_, i) => Number((whole >> BigInt(8 * (bytes - 1 - i))) & 0xffn));
}
