/** `<Portrait>`: a token, drawn. */

import "./art.css";
import { type Traits } from "./traits";
import { SIZE, portrait } from "./portrait";

interface Props {
  collection: string;
  token: number;
  traits?: Traits | null;
  size?: number; // [px] of its side; without one it fills its box
}

export function Portrait({ collection, token, traits, size }: Props) {
  const { title, shapes } = portrait(collection, token, traits);
  return (
    <svg class="portrait" viewBox={`0 0 ${SIZE} ${SIZE}`} width={size} height={size} role="img" aria-label={title} shape-rendering="crispEdges">
      {shapes.map(({ colour, path }) => (
        <path key={colour} d={path} fill={colour} />
      ))}
    </svg>
  );
}

export { describe, lookOf } from "./traits";
export type { Traits } from "./traits";
