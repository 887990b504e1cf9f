/**
 * The parts of a portrait, drawn by hand on a grid of 20 x 20.
 *
 * A symmetric part gives its left half (ten columns), the right one is its mirror image; others give twenty.
 * `.` is transparent, every other letter is a colour of the part.  The figures are ours: a bust seen from
 * the front, in a knitted jumper.  Only the names of traits come from the collections.
 */

export interface Part {
  top: number; // row of the first line
  rows: readonly string[];
  colours: Readonly<Record<string, string>>;
  slot: Slot;
}

/** Later slots are painted over earlier ones. */
export const SLOTS = [
  "behind", "skin", "cheeks", "eyes", "beard", "mouth", "glasses", "hair", "hat", "prop", "ear", "neck", "front",
] as const;
export type Slot = (typeof SLOTS)[number];

const BLACK = "#16131f";
const WHITE = "#f6f1e7";
const BROWN = "#6b4226";
const DARK = "#2a2230";
const BLONDE = "#e8c05a";
const GOLD = "#f2b632";
const SILVER = "#c9d1da";
const RED = "#c8323c";
const PINK = "#f08bb4";

function part(slot: Slot, top: number, colours: Record<string, string>, ...rows: string[]): Part {
  return { slot, top, rows, colours };
}

// ---- skin --------------------------------------------------------------------------------------

export const SKINS: Readonly<Record<string, readonly [light: string, shade: string]>> = {
  albino: ["#f4e3d7", "#d9b9a8"],
  light: ["#e5b48c", "#bd8560"],
  medium: ["#b97b4b", "#8f5730"],
  dark: ["#75462a", "#51301d"],
  zombie: ["#86ab72", "#5b7d50"],
  ape: ["#8a5a3c", "#593520"],
  alien: ["#9fd6dd", "#68a3b4"],
};

export const HEAD = part(
  "skin", 4, {},
  "......####", ".....#####", ".....#####", ".....#####", "....+#####", "....+#####", ".....#####", ".....#####",
  ".....#####", "......####", "........++",
);
export const JAW_NARROW = part("skin", 12, {}, ".....+####", "......+###");
export const APE_FACE = part("skin", 3, { o: "#d9b08a" }, "......####", "......####", ".....#####", "...+######",
  "..+##ooo##", "..+##ooooo", "...+#ooooo", ".....#oooo", ".....ooooo", ".....ooooo", "......oooo");
export const ALIEN_HEAD = part("skin", 1, { k: BLACK, g: "#d8f3c4" }, "....g.....", "....+.....", ".....+####",
  "....######", "....######", "....######", "....#kk###", "....#kkk##", "....##kk##", ".....#####", ".....#####",
  "......####", ".......###");
export const ZOMBIE_SCAR = part("cheeks", 10, { r: "#a83b3b", k: "#4b6a42" },
  ".....k........k.....", "............r.k.....", "............rr......");

export const EYES = part("eyes", 8, { k: BLACK, w: WHITE }, "......wk..", "......wk..");
export const EYES_LASHED = part("eyes", 7, { k: BLACK, w: WHITE }, ".....kkk..", "......wk..", "......wk..");
export const NOSE = part("eyes", 10, {}, ".........+");
export const MOUTH = part("mouth", 12, { m: "#5b2a2a" }, "........mm");
export const LIPS = part("mouth", 12, { m: "#b4505a" }, "........mm");

// ---- hair --------------------------------------------------------------------------------------

const crop = (h: string) => part("hair", 3, { h }, "......hhhh", ".....hhhhh", ".....hhhhh", ".....hh...");
const strip = (h: string) => part("hair", 0, { h }, "........hh", "........hh", ".......hhh", ".......hhh", "........hh", "........hh");
const stripThin = (h: string) => part("hair", 0, { h }, ".........h", ".........h", ".........h", ".........h", ".........h");
const spikes = (h: string) => part("hair", 1, { h }, "....h..h.h", "...hhhhhhh", "..hhhhhhhh", "...hhhhhhh", "..hhhhhhhh", "...hhh....", "...hh.....", "..hhh.....", "...h......");
const curls = (h: string) => part("hair", 1, { h }, ".....hh.hh", "...hhhhhhh", "..hhhhhhhh", "..hhhhhhhh", ".hhhhhhh.h", ".hhhh.....", "..hhh.....", ".hhh......", ".hhh......", "..hh......");
const straight = (h: string) => part("hair", 2, { h }, "......hhhh", "....hhhhhh", "...hhhhhhh", "...hhhhhh.", "...hhh....", "...hh.....", "...hh.....", "...hh.....", "...hh.....", "...hh.....", "...hhh....", "...hhh....", "...hhh....", "....hh....");
const bob = (h: string) => part("hair", 2, { h }, "......hhhh", "....hhhhhh", "...hhhhhhh", "...hhhhhhh", "...hhhhh..", "...hh.....", "...hh.....", "...hhh....", "...hhh....", "....hh....");
const peak = (h: string) => part("hair", 2, { h }, ".........h", "......hhhh", ".....hhhhh", ".....h.hhh", "....hh...h", "....h.....");
const strings = (h: string) => part("hair", 3, { h }, "......hhhh", "....hhhhhh", "....hh.hh.", "....h.h...", "...h..h...", "...h.h....", "...h......", "..h.......", "..h.......");
const tails = (h: string) => part("hair", 3, { h, r: RED }, "......hhhh", "....hhhhhh", "..rhhhhh..", ".hhr......", "hhh.......", "hhh.......", "hhh.......", ".hh.......", ".h........");
const half = (h: string) => part("hair", 2, { h, s: "#8a7a72" }, "......ssshhhhh......", ".....ssssshhhhhh....", ".....ssssshhhhhhh...", ".....ss......hhhh...", "..............hhh...", "..............hhh...", "...............hh...", "...............hh...", "...............h....");
const side = (h: string) => part("hair", 2, { h }, "........hhhhhh......", ".....hhhhhhhhhh.....", "...hhhhhhhhhhhh.....", "...hhhhhhh..........", "..hhhhh.............", "..hhh...............", "..hhh...............", "..hhh...............", "...hh...............");

// ---- everything a trait can say ------------------------------------------------------------------

export const PARTS: Readonly<Record<string, readonly Part[]>> = {
  // hair
  "mohawk": [strip(BROWN)],
  "mohawk dark": [strip(DARK)],
  "red mohawk": [strip(RED)],
  "mohawk thin": [stripThin(DARK)],
  "wild hair": [spikes(DARK)],
  "wild blonde": [spikes(BLONDE)],
  "wild white hair": [spikes("#e7e4ee")],
  "crazy hair": [curls("#d2442f")],
  "frumpy hair": [curls("#4a3226")],
  "clown hair green": [curls("#3fa64b")],
  "messy hair": [spikes("#5a3a22")],
  "stringy hair": [strings("#3c2c24")],
  "peak spike": [peak(BROWN)],
  "vampire hair": [peak(BLACK)],
  "purple hair": [crop("#8a4fc4")],
  "dark hair": [bob(BLACK)],
  "blonde bob": [bob(BLONDE)],
  "blonde short": [crop(BLONDE)],
  "straight hair": [straight("#7a4a28")],
  "straight hair dark": [straight(DARK)],
  "straight hair blonde": [straight(BLONDE)],
  "half shaved": [half("#3a2a4a")],
  "shaved head": [part("hair", 4, { s: "#00000038" }, "......ssss", ".....sssss", ".....ss...")],
  "orange side": [side("#e87b2a")],
  "pigtails": [tails("#9a5a2c")],
  "pink with hat": [
    part("hair", 5, { h: PINK }, "....h.....", "...hh.....", "...hh.....", "...hh.....", "...hh.....", "...hh.....", "...hhh...."),
    part("hat", 1, { c: "#3fae9a", d: "#2c7d70" }, "......cccc", ".....ccccc", "....cccccc", "..dddddddd"),
  ],
  // hats
  "cap": [part("hat", 1, { c: "#5457c8", d: "#393b94" }, "......cccccccc......", ".....cccccccccc.....", "....cccccccccccc....", "....cccccccccccc....", "ddddddddddddddd.....")],
  "cap forward": [part("hat", 1, { c: "#4b5563", d: "#2e3540" }, "......cccc", ".....ccccc", "....cccccc", "....cccccc", "....dddddd", ".....ddddd")],
  "bandana": [part("hat", 2, { c: "#3a6fd0", w: WHITE }, "......cccccccc......", ".....cwccwccwcc.....", "....cccccccccccc....", "....ccwccwccwccccc..", "...............ccc..", "................cc..")],
  "do-rag": [part("hat", 2, { c: "#4a2f7a", d: "#33205a" }, "......cccc", ".....ccccc", "....cccccc", "....dddddd", "...d......")],
  "headband": [part("hat", 5, { c: RED, w: WHITE }, ".....ccccc", ".....wwwww")],
  "knitted cap": [part("hat", 0, { c: "#b5443c", d: "#8c302a", w: WHITE }, ".........w", "......cdcd", ".....cdcdc", "....cdcdcd", "....wwwwww", "....wwwwww")],
  "beanie": [part("hat", 0, { r: RED, y: GOLD, b: "#3a6fd0", k: BLACK }, "......kkkk", ".........k", "......rryy", ".....rrryy", "....brrryy", "....bbbbbb")],
  "fedora": [part("hat", 1, { c: "#6a5240", d: "#2e2420" }, "......ccc.", "......cccc", ".....ccccc", ".....ddddd", "..cccccccc")],
  "cowboy hat": [part("hat", 0, { c: "#a8703c", d: "#5e3c20" }, "......cccc", "......cccc", ".....ccccc", "cc...ddddd", "cccccccccc", ".ccccccccc")],
  "top hat": [part("hat", 0, { c: BLACK, d: RED }, "......cccc", "......cccc", "......cccc", "......dddd", "...ccccccc")],
  "police cap": [part("hat", 1, { c: "#26365e", g: GOLD, k: BLACK }, "....cccccc", "...ccccccg", "....cccccg", ".....kkkkk", "......kkkk")],
  "tassle hat": [part("hat", 1, { c: "#7a3fa0", g: GOLD }, "........cccc........", "......cccccccc......", "...cccccccccccccc...", ".....cccccccccc.g...", "................g...", "................g...", "................gg..")],
  "tiara": [part("hat", 2, { g: GOLD, b: "#59c3f0" }, ".........b", "......g.gg", ".....ggggg")],
  "pilot helmet": [part("hat", 1, { c: "#7a4a24", d: "#54311a", g: SILVER, b: "#8fd0e8" }, "......cccc", "....cccccc", "....dggggg", "....dgbbbg", "...cdggggg", "...ccd....", "...ccd....", "...ccd....", "...cc.....", "...cc.....")],
  "hoodie": [part("hat", 1, { c: "#4c5568", d: "#343b4a" }, "......cccc", "....cccccc", "...ccddddd", "...cdd....", "..ccd.....", "..ccd.....", "..ccd.....", "..ccd.....", "..ccd.....", "..ccd.....", "..cccd....", "...cccdd..", "...cccccdd", "....cccccc")],
  // eyes
  "nerd glasses": [part("glasses", 7, { k: BLACK, g: "#cfeaff88" }, ".....kkkk.", ".....kggkk", ".....kggk.", ".....kkkk.")],
  "horned rim glasses": [part("glasses", 7, { k: "#5a2f1c", g: "#fff3d088" }, "....kkkkkk", ".....kggk.", ".....kkkk.")],
  "big shades": [part("glasses", 7, { k: "#1c1430", g: "#6a3fa8" }, "....kkkkkk", ".....kgggk", ".....kgggk", ".....kkkk.")],
  "regular shades": [part("glasses", 7, { k: BLACK }, "....kkkkkk", ".....kkkk.", "......kk..")],
  "classic shades": [part("glasses", 8, { k: BLACK, g: "#2c4a3a" }, "....kkkkkk", ".....kggk.", "......kk..")],
  "small shades": [part("glasses", 8, { k: BLACK, g: "#3a1c1c" }, "......kkkk", "......kg..")],
  "3d glasses": [part("glasses", 7, { w: WHITE, r: "#e03a3a", b: "#3a7ae0" }, "....wwwwwwwwwwww....", ".....wrrrwwbbbw.....", ".....wrrrwwbbbw.....", ".....wwwwwwwwww.....")],
  "vr": [part("glasses", 7, { k: "#2b2e36", g: "#59e0c8", s: "#565c68" }, "....sskkkk", "....skgggg", "....skgggg", "....sskkkk")],
  "welding goggles": [part("glasses", 7, { k: "#3a3a3a", g: "#2f8f5b", s: "#8a6a3a" }, "....skkkk.", "....skggkk", "....skggkk", ".....kkkk.")],
  "eye mask": [part("glasses", 7, { k: "#232040", w: WHITE }, "....kkkkkk", ".....kwkkk", ".....kkkk.")],
  "eye patch": [part("glasses", 6, { k: BLACK }, ".....k..............", "......k.............", "....kkkkk...........", ".....kkkk...........", "......kk............")],
  "clown eyes blue": [part("eyes", 6, { c: "#4f8df0", k: BLACK, w: WHITE }, "......cc..", ".....cwwc.", ".....cwkc.", ".....cwkc.", "......cc..")],
  "clown eyes green": [part("eyes", 6, { c: "#45b35a", k: BLACK, w: WHITE }, "......cc..", ".....cwwc.", ".....cwkc.", ".....cwkc.", "......cc..")],
  "green eye shadow": [part("eyes", 7, { c: "#4fbf6a", k: BLACK }, "......ccc.", ".....k....")],
  "blue eye shadow": [part("eyes", 7, { c: "#5a8df5", k: BLACK }, "......ccc.", ".....k....")],
  "purple eye shadow": [part("eyes", 7, { c: "#a05ae0", k: BLACK }, "......ccc.", ".....k....")],
  // mouths
  "hot lipstick": [part("mouth", 12, { m: "#e0284a" }, "........mm", ".........m")],
  "purple lipstick": [part("mouth", 12, { m: "#8a3fb0" }, "........mm", ".........m")],
  "black lipstick": [part("mouth", 12, { m: BLACK }, "........mm", ".........m")],
  "smile": [part("mouth", 11, { m: "#5b2a2a", w: WHITE }, ".......m..", "........ww", "........mm")],
  "frown": [part("mouth", 12, { m: "#5b2a2a" }, "........mm", ".......m..")],
  "buck teeth": [part("mouth", 12, { m: "#5b2a2a", w: WHITE }, ".......mmm", ".........w")],
  "medical mask": [part("front", 10, { c: "#bfe3ea", d: "#8fc0ca" }, "....d.cccc", ".....ccccc", ".....cdddd", ".....ccccc", "......cccc")],
  "cigarette": [part("prop", 11, { w: WHITE, r: "#ff6a2a", s: "#cfd3da99" }, "...............s....", "..........wwwwr.....")],
  "pipe": [part("prop", 12, { p: "#6a3a1c", d: "#3c2010", s: "#cfd3da99" }, "..........pppp.d.d..", ".............p.ddd..", "..............pdd...")],
  "vape": [part("prop", 12, { v: "#4a515e", b: "#59c3f0" }, "..........vvvvvb....")],
  // beards
  "shadow beard": [part("beard", 11, { s: "#00000040" }, ".....sssss", ".....sssss", "......ssss")],
  "muttonchops": [part("beard", 9, { h: "#4a3020" }, ".....h....", ".....hh...", ".....hh...", ".....hh...")],
  "goat": [part("beard", 13, { h: DARK }, "........hh", "........hh", ".........h")],
  "normal beard": [part("beard", 11, { h: BROWN }, ".....hhhhh", ".....hhh..", "......hhhh")],
  "normal beard black": [part("beard", 11, { h: BLACK }, ".....hhhhh", ".....hhh..", "......hhhh")],
  "mustache": [part("beard", 11, { h: "#4a3020" }, ".......hhh")],
  "luxurious beard": [part("beard", 9, { h: "#3a241a" }, ".....h....", ".....hh...", ".....hhhhh", ".....hhh..", ".....hhhhh", "......hhhh", ".......hhh")],
  "chinstrap": [part("beard", 9, { h: DARK }, ".....h....", ".....h....", ".....h....", ".....h....", "......hhhh")],
  "front beard": [part("beard", 11, { h: "#8a5a30" }, ".......hhh", ".......h..", ".......hhh", "........hh")],
  "front beard dark": [part("beard", 11, { h: DARK }, ".......hhh", ".......h..", ".......hhh", "........hh")],
  "handlebars": [part("beard", 11, { h: "#6a4020" }, ".......hhh", ".......h..", ".......h..")],
  "big beard": [part("beard", 9, { h: "#b0b0b8" }, ".....h....", ".....hh...", ".....hhhhh", ".....hhh..", ".....hhhhh", ".....hhhhh", "......hhhh", ".......hhh", "........hh")],
  // the rest
  "mole": [part("cheeks", 11, { k: "#3a2018" }, "............k.......")],
  "rosy cheeks": [part("cheeks", 10, { r: "#ee7f86" }, ".....rr...", ".....rr...")],
  "spots": [part("cheeks", 6, { s: "#7a3a2a88" }, "......s....s........", ".......s.....s......", "....................", "....................", ".....s..s...s.......", "......s......s......")],
  "clown nose": [part("mouth", 9, { r: "#ee2f3a", w: "#ff9aa0" }, ".........wr.........", ".........rr.........")],
  "earring": [part("ear", 10, { g: GOLD }, "....g...............")],
  "gold chain": [part("neck", 15, { g: GOLD }, ".......g..", ".......gg.", "........gg")],
  "silver chain": [part("neck", 15, { g: SILVER }, ".......g..", ".......gg.", "........gg")],
  "choker": [part("neck", 14, { k: BLACK, g: "#d0508a" }, "........kk", ".........g")],
};

// Lenses for accessories that name glasses we have no drawing of.
export const LENSES = part("glasses", 7, { k: BLACK, g: "#9fc8ea99" }, ".....kkkkk", ".....kggk.", ".....kkkk.");
