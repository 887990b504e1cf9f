/**
 * A token's portrait: 20 x 20 cells, computed from its traits and its number and from nothing else.
 *
 * The face shows the traits.  The knit of the jumper is the token's number in binary, so no two of the first
 * 65,536 tokens of a collection look alike, and the colours come from collection and number.
 */

import { EYES, EYES_LASHED, HEAD, JAW_NARROW, ALIEN_HEAD, APE_FACE, LENSES, LIPS, MOUTH, NOSE, PARTS, SKINS, SLOTS, ZOMBIE_SCAR } from "./sprites";
import type { Part, Slot } from "./sprites";
import { type Look, type Traits, describe, hash, lookOf } from "./traits";

export const SIZE = 20;
const BITS = 16;

/** Rows of colours, `""` nowhere: the backdrop covers everything. */
export type Grid = string[][];

export interface Shape {
  colour: string;
  path: string; // SVG, one rectangle a run of cells
}

export interface Portrait {
  title: string; // for those who do not see it
  shapes: Shape[];
}

/** Return the portrait of a token; the same traits and number always give the same one. */
export function portrait(collection: string, token: number, traits?: Traits | null): Portrait {
  const look = lookOf(traits);
  return {
    title: `${collection} ${token}: ${describe(look)}`,
    shapes: shapesOf(gridOf(collection, token, look)),
  };
}

/** Return the cells of a token's portrait. */
export function gridOf(collection: string, token: number, look: Look): Grid {
  const seed = hash(`${collection}#${token}`);
  const face = faceOf(look, seed);
  const [light, shade] = skinOf(look, seed);
  const grid = backdrop(seed);
  wear(grid, jumper(token, seed, shade));
  for (const slot of SLOTS) {
    for (const part of face.filter((each) => each.slot === slot)) paint(grid, part, light, shade);
  }
  return grid;
}

/** Return one path for every colour, in the order of their first cells. */
export function shapesOf(grid: Grid): Shape[] {
  const paths = new Map<string, string>();
  grid.forEach((row, y) => {
    for (let x = 0; x < row.length; ) {
      const colour = row[x] ?? "";
      const from = x;
      while (x < row.length && row[x] === colour) x += 1;
      if (colour) paths.set(colour, `${paths.get(colour) ?? ""}M${from} ${y}h${x - from}v1h${from - x}z`);
    }
  });
  return [...paths].map(([colour, path]) => ({ colour, path }));
}

// ---- the figure --------------------------------------------------------------------------------

function faceOf(look: Look, seed: number): Part[] {
  const known = look.accessories.flatMap((name) => own(PARTS, name) ?? guess(name));
  const worn = look.type || known.length ? known : invented(seed);
  const slots = new Set(worn.map((part) => part.slot));
  return [...body(look, slots), ...worn];
}

/** Return head, eyes, nose and mouth, unless something worn draws them itself. */
function body(look: Look, slots: ReadonlySet<Slot>): Part[] {
  if (look.type === "alien") return [HEAD, ALIEN_HEAD, ...(slots.has("mouth") ? [] : [MOUTH])];
  const isFemale = look.gender === "female";
  const head = look.type === "ape" ? [HEAD, APE_FACE] : [HEAD];
  const eyes = isFemale ? EYES_LASHED : EYES;
  return [
    ...head, ...(isFemale ? [JAW_NARROW] : []), eyes, NOSE, ...(slots.has("mouth") ? [] : [isFemale ? LIPS : MOUTH]),
    ...(look.type === "zombie" ? [ZOMBIE_SCAR] : []),
  ];
}

/** Return the closest drawing of an accessory nobody has drawn: its last word decides. */
function guess(name: string): readonly Part[] {
  if (/glass|shade|goggle|lens|eyewear|visor/.test(name)) return [LENSES];
  const like = Object.keys(PARTS).filter((known) => known.split(" ").at(-1) === name.split(" ").at(-1));
  const chosen = like[hash(name) % (like.length || 1)];
  return (chosen && PARTS[chosen]) || [];
}

/** Return hair and an accessory for a token whose traits are unknown. */
function invented(seed: number): Part[] {
  const names = Object.keys(PARTS);
  const pick = (salt: number) => PARTS[names[hash(`${seed}.${salt}`) % names.length] ?? ""] ?? [];
  return [...pick(1), ...pick(2)];
}

function skinOf(look: Look, seed: number): readonly [string, string] {
  const known = own(SKINS, look.type) ?? own(SKINS, look.skin);
  if (known) return known;
  const hue = hash(`skin ${look.type}${look.skin}${look.type ? "" : seed}`) % 360;
  return [hsl(hue, 34, 66), hsl(hue, 34, 46)];
}

/** Return a table's own entry: a trait may be called "constructor". */
function own<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

// ---- behind and below it -----------------------------------------------------------------------

/** Return a backdrop: one of six patterns in two shades of one hue. */
function backdrop(seed: number): Grid {
  const hue = seed % 360;
  const [near, far] = [hsl(hue, 38, 44), hsl((hue + 24) % 360, 40, 36)];
  const pattern = (seed >>> 9) % 6;
  return Array.from({ length: SIZE }, (_, y) =>
    Array.from({ length: SIZE }, (_, x) => (isFar(pattern, x, y, seed) ? far : near)),
  );
}

function isFar(pattern: number, x: number, y: number, seed: number): boolean {
  const across = Math.abs(2 * x - SIZE + 1);
  const up = Math.abs(2 * y - SIZE + 3);
  if (pattern === 0) return y > 7 + ((seed >>> 12) % 6);
  if (pattern === 1) return (x + y) % 6 < 3;
  if (pattern === 2) return across * across + up * up > 260;
  if (pattern === 3) return Math.floor(x / 4) % 2 === Math.floor(y / 4) % 2;
  if (pattern === 4) return Math.floor(x / 3) % 2 === (seed >>> 12) % 2;
  return x % 4 === 1 && y % 4 === (seed >>> 12) % 4;
}

interface Cell {
  x: number;
  y: number;
  colour: string;
}

/** Return shoulders in a jumper; the two rows across the chest are the number, lowest bit last. */
function jumper(token: number, seed: number, skinShade: string): Cell[] {
  const hue = (seed >>> 16) % 360;
  const [wool, dark, light] = [hsl(hue, 46, 42), hsl(hue, 46, 30), hsl((hue + 40) % 360, 62, 72)];
  const cells: Cell[] = [];
  for (let y = 15; y < SIZE; y += 1) {
    const edge = y === 15 ? 4 : y === 16 ? 3 : 2;
    for (let x = edge; x < SIZE - edge; x += 1) {
      const isSleeve = y > 16 && (x === 4 || x === SIZE - 5);
      cells.push({ x, y, colour: isSleeve ? dark : wool });
    }
  }
  for (let x = 8; x < 12; x += 1) cells.push({ x, y: 15, colour: skinShade });
  for (let bit = 0; bit < BITS; bit += 1) {
    const colour = Math.floor(token / 2 ** bit) % 2 ? light : dark;
    cells.push({ x: 13 - (bit % 8), y: bit < 8 ? 18 : 17, colour });
  }
  return cells;
}

function wear(grid: Grid, cells: readonly Cell[]): void {
  for (const { x, y, colour } of cells) {
    const row = grid[y];
    if (row) row[x] = colour;
  }
}

// ---- paint -------------------------------------------------------------------------------------

function paint(grid: Grid, part: Part, light: string, shade: string): void {
  part.rows.forEach((line, index) => {
    const row = grid[part.top + index];
    const letters = line.length === SIZE ? line : line + [...line].reverse().join("");
    for (let x = 0; row && x < SIZE; x += 1) {
      const letter = letters[x] ?? ".";
      const colour = letter === "#" ? light : letter === "+" ? shade : part.colours[letter];
      if (colour) row[x] = over(colour, row[x] ?? "");
    }
  });
}

/** Return a colour with alpha (`#rrggbbaa`) laid over an opaque one; others as they are. */
function over(colour: string, below: string): string {
  const under = rgb(below);
  if (colour.length !== 9 || !under) return colour.slice(0, 7);
  const alpha = parseInt(colour.slice(7), 16) / 255;
  const mixed = (rgb(colour) ?? under).map((value, at) => Math.round(value * alpha + (under[at] ?? 0) * (1 - alpha)));
  return `#${mixed.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
}

function rgb(colour: string): number[] | undefined {
  const digits = /^#([0-9a-f]{6})/.exec(colour)?.[1];
  return digits ? [0, 2, 4].map((at) => parseInt(digits.slice(at, at + 2), 16)) : undefined;
}

/** Return a colour of hue [degrees], saturation and lightness [%] as `#rrggbb`. */
function hsl(hue: number, saturation: number, lightness: number): string {
  const span = (saturation * Math.min(lightness, 100 - lightness)) / 10000;
  const channel = (offset: number) => {
    const place = (offset + hue / 30) % 12;
    const value = lightness / 100 - span * Math.max(-1, Math.min(place - 3, 9 - place, 1));
    return Math.round(value * 255).toString(16).padStart(2, "0");
  };
  return `#${channel(0)}${channel(8)}${channel(4)}`;
}
