import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { SIZE, gridOf, portrait, shapesOf } from "../../src/art/portrait";
import { PARTS } from "../../src/art/sprites";
import { describe as inWords, lookOf } from "../../src/art/traits";

const TABLE = new URL("../../../src/floorbook/pricing/data/punks_traits.csv.gz", import.meta.url);

interface Row {
  token: number;
  traits: Record<string, string>;
  accessories: string[];
}

function packaged(): Row[] {
  const lines = gunzipSync(readFileSync(TABLE)).toString("utf8").trim().split("\n").slice(1);
  return lines.map((line) => {
    const [token = "", type = "", gender = "", skin = "", attributes = ""] = line.trim().split(",");
    const accessories = attributes.split("|").filter(Boolean);
    const worn = accessories.map((name) => [`accessory ${name}`, "yes"]);
    return { token: Number(token), traits: { type, gender, skin, ...Object.fromEntries(worn) }, accessories };
  });
}

const rows = packaged();

describe("a portrait", () => {
  it("is the same whenever and in whatever order its traits come", () => {
    const one = { type: "Human", gender: "Male", skin: "Dark", "accessory Mohawk": "yes", "accessory Smile": "yes" };
    const other = { "accessory Smile": "yes", "accessory Mohawk": "yes", skin: "Dark", gender: "Male", type: "Human" };
    expect(portrait("PUNKS", 1, one)).toEqual(portrait("PUNKS", 1, other));
    const listed = { TYPE: " human ", gender: "male", skin: "dark", attributes: ["Smile", "Mohawk"] };
    expect(portrait("PUNKS", 1, listed)).toEqual(portrait("PUNKS", 1, one));
  });

  it("differs between any two tokens of the packaged collection", { timeout: 30_000 }, () => {
    expect(rows.length).toBe(10_000);
    const some = rows.filter(({ token }) => token % 4 === 0);
    const drawn = new Set(some.map(({ token, traits }) => gridOf("PUNKS", token, lookOf(traits)).join()));
    expect(drawn.size).toBe(some.length);
  });

  it.each([0, 1, 255, 256, 9_999])("carries the number in its knit: %d can be read back", (token) => {
    const chest = gridOf("PUNKS", token, lookOf(null)).slice(17, 19).flatMap((row) => row.slice(6, 14));
    const unlit = chest[0]; // the highest bit, 0 in all of these
    expect(parseInt(chest.map((colour) => (colour === unlit ? "0" : "1")).join(""), 2)).toBe(token);
  });

  it("differs between tokens without traits, and between collections", () => {
    const drawn = new Set<string>();
    for (let token = 0; token < 500; token += 1) {
      drawn.add(JSON.stringify(portrait("BAYC", token).shapes));
      drawn.add(JSON.stringify(portrait("AZUKI", token).shapes));
    }
    expect(drawn.size).toBe(1000);
  });

  it("shows the traits: each packaged one changes the face", () => {
    const bare = { type: "Human", gender: "Male", skin: "Light" };
    const plain = JSON.stringify(portrait("PUNKS", 7, bare).shapes);
    const names = [...new Set(rows.flatMap((row) => row.accessories))];
    const missing = names.filter((name) => !PARTS[name.toLowerCase()]);
    const invisible = names.filter(
      (name) => JSON.stringify(portrait("PUNKS", 7, { ...bare, [`accessory ${name}`]: "yes" }).shapes) === plain,
    );
    expect({ missing, invisible }).toEqual({ missing: [], invisible: [] });
  });

  it.each([
    ["nothing", null], ["no traits", {}], ["an unknown type", { type: "Robot", head: "Antenna" }],
    ["unknown accessories", { type: "Human", attributes: "Laser Eyes|Space Goggles|Ω" }],
    ["values of any kind", { type: 3, gender: null, skin: {}, wings: true, list: [1] }],
    ["a trait named like a property", { type: "constructor", skin: "__proto__", attributes: "toString" }],
  ])("draws %s", (_, traits) => {
    const { shapes, title } = portrait("PUNKS", 70_000, traits as never);
    expect(shapes.length).toBeGreaterThan(3);
    expect(title).toContain("PUNKS 70000");
    for (const { colour } of shapes) expect(colour).toMatch(/^#[0-9a-f]{6}$/);
  });

  it("covers the whole square, each cell once", () => {
    const grid = gridOf("PUNKS", 9, lookOf({ type: "Ape", attributes: "Hoodie|Pipe|Small Shades" }));
    expect(grid.flat().every(Boolean)).toBe(true);
    const cells = shapesOf(grid).flatMap(({ path }) => [...path.matchAll(/h(\d+)v/g)].map((run) => Number(run[1])));
    expect(cells.reduce((sum, length) => sum + length, 0)).toBe(SIZE * SIZE);
  });
});

describe("the drawings", () => {
  it("are half a grid or a whole grid wide, and inside it", () => {
    const wrong = Object.entries(PARTS).filter(([, parts]) =>
      parts.some((part) => part.top + part.rows.length > SIZE || part.rows.some((row) => ![SIZE, SIZE / 2].includes(row.length))),
    );
    expect(wrong.map(([name]) => name)).toEqual([]);
  });

  it("use only colours they name", () => {
    for (const [name, parts] of Object.entries(PARTS)) {
      for (const part of parts) {
        const unknown = [...part.rows.join("")].filter((letter) => !".#+".includes(letter) && !part.colours[letter]);
        expect(unknown, name).toEqual([]);
      }
    }
  });
});

describe("a look in words", () => {
  it("names type, gender, skin and what is worn", () => {
    expect(inWords(lookOf(rows[4]?.traits))).toBe("Human, male, medium skin, big shades, earring, goat, wild hair");
    expect(inWords(lookOf(null))).toBe("Traits unknown");
  });
});
