import { Store, useStore } from "../store";

export type ToastTone = "good" | "bad" | "plain";

interface Toast {
  id: number;
  text: string;
  tone: ToastTone;
}

const SHOWN_MS = 6_000;
const toasts = new Store<Toast[]>([]);
let last = 0;

/** A sentence in the corner, read out by a screen reader. */
export function toast(text: string, tone: ToastTone = "plain"): void {
  const id = ++last;
  toasts.update((all) => [...all.filter((one) => one.text !== text).slice(-3), { id, text, tone }]);
  setTimeout(() => close(id), tone === "bad" ? 2 * SHOWN_MS : SHOWN_MS);
}

function close(id: number): void {
  toasts.update((all) => all.filter((one) => one.id !== id));
}

export function Toasts() {
  const all = useStore(toasts);
  return (
    <div class="toasts" role="status" aria-live="polite" data-testid="toasts">
      {all.map((one) => (
        <div key={one.id} class={`toast is-${one.tone}`}>
          <span aria-hidden="true" class="toast-mark">{{ good: "✓", bad: "!", plain: "·" }[one.tone]}</span>
          <p>{one.text}</p>
          <button type="button" aria-label="Dismiss" onClick={() => close(one.id)}>×</button>
        </div>
      ))}
    </div>
  );
}
