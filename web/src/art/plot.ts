/** The arithmetic of small drawings: values to places, places to SVG paths. */

export interface Box {
  width: number;
  height: number;
  left: number;
  right: number;
  top: number;
  bottom: number;
}

export interface Scale {
  (value: number): number;
  from: number;
  to: number;
}

export type Point = readonly [x: number, y: number];

/** Return what puts values of `[from, to]` linearly onto `[start, end]`; an empty range goes to the middle. */
export function scale(from: number, to: number, start: number, end: number): Scale {
  const place = (value: number) =>
    to === from ? (start + end) / 2 : start + ((value - from) / (to - from)) * (end - start);
  return Object.assign(place, { from, to });
}

/** Return both scales of a box: x to the right, y upwards. */
export function scales(box: Box, xs: Point, ys: Point): [x: Scale, y: Scale] {
  return [
    scale(xs[0], xs[1], box.left, box.width - box.right),
    scale(ys[0], ys[1], box.height - box.bottom, box.top),
  ];
}

/** Return the path through points, one decimal each. */
export function linePath(points: readonly Point[]): string {
  return points.map(([x, y], at) => `${at ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");
}

/** Return the path around the area between points and a base line. */
export function areaPath(points: readonly Point[], base: number): string {
  const first = points[0];
  const last = points.at(-1);
  if (!first || !last) return "";
  return `${linePath(points)}L${last[0].toFixed(1)} ${base.toFixed(1)}L${first[0].toFixed(1)} ${base.toFixed(1)}Z`;
}

/** Return `count` + 1 evenly spaced values from `from` to `to`. */
export function steps(from: number, to: number, count: number): number[] {
  return Array.from({ length: count + 1 }, (_, at) => from + ((to - from) * at) / count);
}

/** Return about `count` round values inside `[from, to]`: multiples of 1, 2 or 5 times a power of ten. */
export function ticks(from: number, to: number, count: number): number[] {
  if (!(to > from) || count < 1) return [from];
  const rough = (to - from) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((times) => times * power >= rough) ?? 10);
  const values: number[] = [];
  for (let at = Math.ceil(from / step - 1e-9); at * step <= to + step * 1e-9; at += 1) values.push(at * step);
  return values.map((value) => Number(value.toPrecision(12)));
}
