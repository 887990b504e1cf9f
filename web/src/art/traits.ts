/** What a token wears, read out of whatever shape its traits come in. */

export type Traits = Readonly<Record<string, unknown>>;

export interface Look {
  type: string;
  gender: string;
  skin: string;
  accessories: string[];
}

const NAMED = new Set(["type", "gender", "skin", "attributes", "accessories"]);
const ABSENT = new Set(["", "no", "none", "null", "false", "0"]);

/**
 * Return the look of a token, in lower case, its accessories sorted: the order of traits does not matter.
 *
 * Accessories come as `{"accessory Mohawk": "yes"}`, as a list, or as `"Mohawk|Earring"`; any other trait
 * counts as an accessory named by its value, so that collections we know nothing of have faces as well.
 */
export function lookOf(traits: Traits | null | undefined): Look {
  const plain = new Map(Object.entries(traits ?? {}).map(([name, value]) => [word(name), value]));
  const accessories = [...listed(plain.get("attributes")), ...listed(plain.get("accessories"))];
  for (const [name, value] of plain) {
    if (!NAMED.has(name) && !ABSENT.has(word(value))) accessories.push(accessory(name, word(value)));
  }
  return {
    type: word(plain.get("type")),
    gender: word(plain.get("gender")),
    skin: word(plain.get("skin")),
    accessories: [...new Set(accessories)].sort(),
  };
}

/** Return the look as words for people: `Human, female, medium skin` and then its accessories. */
export function describe(look: Look): string {
  const skin = look.skin ? `${look.skin} skin` : "";
  const words = [look.type, look.gender, skin, ...look.accessories].filter(Boolean);
  return words.length ? capital(words.join(", ")) : "Traits unknown";
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Return a number from 0 to 2^32 - 1 that depends on every character (FNV-1a, then mixed). */
export function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x45d9f3b);
  return (value ^ (value >>> 15)) >>> 0;
}

function accessory(name: string, value: string): string {
  const bare = name.replace(/^accessory\s+/, "");
  return value === "yes" || value === "true" ? bare : value;
}

function listed(value: unknown): string[] {
  const items = Array.isArray(value) ? value : typeof value === "string" ? value.split(/[|,]/) : [];
  return items.map(word).filter(Boolean);
}

function word(value: unknown): string {
  if (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean") return "";
  return String(value).trim().toLowerCase();
}
