import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { signed } from "../format/numbers";
import { Button } from "./controls";

export function Card({
  title, explain, actions, children, testid, class: own,
}: {
  title?: ComponentChildren;
  explain?: ComponentChildren;
  actions?: ComponentChildren;
  children?: ComponentChildren;
  testid?: string;
  class?: string;
}) {
  return (
    <section class={`card${own ? ` ${own}` : ""}`} data-testid={testid}>
      {title && (
        <header class="card-head">
          <h2>{title}</h2>
          {explain}
          {actions && <div class="card-actions">{actions}</div>}
        </header>
      )}
      {children}
    </section>
  );
}

export function Stats({ children }: { children: ComponentChildren }) {
  return <dl class="stats">{children}</dl>;
}

export function Stat({
  label, value, hint, tone, explain, testid,
}: {
  label: ComponentChildren;
  value: ComponentChildren;
  hint?: ComponentChildren;
  tone?: "up" | "down" | "warn";
  explain?: ComponentChildren;
  testid?: string;
}) {
  return (
    <div class="stat">
      <dt>{label}{explain}</dt>
      <dd class={`num${tone ? ` is-${tone}` : ""}`} data-testid={testid}>
        {value}
        {hint && <small>{hint}</small>}
      </dd>
    </div>
  );
}

/** A share between none and all; `value` past 1 shows as full. */
export function Meter({
  label, value, tone = "good", text, testid,
}: {
  label: string;
  value: number;
  tone?: "good" | "warn" | "bad";
  text?: ComponentChildren;
  testid?: string;
}) {
  const share = Math.max(0, Math.min(1, Number.isFinite(value) ? value : 0));
  return (
    <div class="meter" data-testid={testid}>
      <div class="meter-head"><span>{label}</span><span class="num">{text}</span></div>
      <div
        class={`meter-track is-${tone}`} role="meter" aria-label={label} aria-valuemin={0} aria-valuemax={100}
        aria-valuenow={Math.round(share * 100)}
      >
        <div class="meter-fill" style={{ width: `${share * 100}%` }} />
      </div>
    </div>
  );
}

export interface Column<Row> {
  key: string;
  head: ComponentChildren;
  cell: (row: Row) => ComponentChildren;
  align?: "right";
  /** What a phone writes before the value, where the head is more than a word. */
  label?: string;
  /** On a phone the row becomes a card: the column that names it. */
  isName?: boolean;
}

export function Table<Row>({
  caption, columns, rows, rowKey, empty, testid, isCaptionShown, rowClass,
}: {
  caption: string;
  columns: Column<Row>[];
  rows: Row[];
  rowKey: (row: Row) => string | number;
  empty?: ComponentChildren;
  testid?: string;
  isCaptionShown?: boolean;
  rowClass?: (row: Row) => string | undefined;
}) {
  if (!rows.length && empty) return <>{empty}</>;
  return (
    <div class="table-wrap" tabIndex={0} role="region" aria-label={caption}>
      <table class="table" data-testid={testid}>
        <caption class={isCaptionShown ? undefined : "sr-only"}>{caption}</caption>
        <thead>
          <tr>{columns.map((column) => <th key={column.key} scope="col" class={column.align}>{column.head}</th>)}</tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={rowKey(row)} class={rowClass?.(row)} data-row={rowKey(row)}>
              {columns.map((column, i) => {
                const Cell = (column.isName ?? i === 0) ? "th" : "td";
                return (
                  <Cell key={column.key} {...(Cell === "th" ? { scope: "row" } : {})} class={column.align}
                    data-head={column.label ?? (typeof column.head === "string" ? column.head : column.key)}>
                    {column.cell(row)}
                  </Cell>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** A "?" where a newcomer would ask; opens on click, closes on Escape or a click elsewhere. */
export function Explain({ title, children }: { title: string; children: ComponentChildren }) {
  const id = useId();
  const [isOpen, setOpen] = useState(false);
  const [at, setAt] = useState({ left: 0, top: 0 });
  const button = useRef<HTMLButtonElement>(null);
  const panel = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!isOpen) return undefined;
    const close = (event: Event) => {
      if (event instanceof KeyboardEvent ? event.key === "Escape" : !panel.current?.contains(event.target as Node)) {
        setOpen(false);
      }
    };
    addEventListener("keydown", close);
    addEventListener("pointerdown", close, true);
    addEventListener("scroll", close, true);
    return () => {
      removeEventListener("keydown", close);
      removeEventListener("pointerdown", close, true);
      removeEventListener("scroll", close, true);
    };
  }, [isOpen]);
  const toggle = () => {
    const box = button.current?.getBoundingClientRect();
    if (box) {
      const width = Math.min(320, innerWidth - 24);
      const below = box.bottom + 8;
      setAt({
        left: Math.max(12, Math.min(box.left - 16, innerWidth - width - 12)),
        top: below > innerHeight - 220 ? Math.max(12, box.top - 228) : below,
      });
    }
    setOpen(!isOpen);
  };
  return (
    <span class="explain">
      <button ref={button} type="button" class="explain-mark" aria-label={title} aria-expanded={isOpen}
        aria-controls={id} onClick={toggle}>?</button>
      {isOpen && (
        <div ref={panel} id={id} class="popover" role="note" style={{ left: `${at.left}px`, top: `${at.top}px` }}>
          <strong>{title}</strong>
          <div>{children}</div>
        </div>
      )}
    </span>
  );
}

export function Empty({ title, children, action }: { title: string; children?: ComponentChildren; action?: ComponentChildren }) {
  return (
    <div class="state" data-state="empty">
      <p class="state-title">{title}</p>
      {children && <div class="state-text">{children}</div>}
      {action}
    </div>
  );
}

export function Loading({ label = "Loading" }: { label?: string }) {
  return (
    <div class="state" role="status" data-state="loading">
      <span class="pulse" aria-hidden="true"><i /><i /><i /></span>
      <p class="state-text">{label}</p>
    </div>
  );
}

export function ErrorState({ error, retry }: { error: string; retry?: () => void }) {
  return (
    <div class="state is-error" role="alert" data-state="error">
      <p class="state-title">That did not work</p>
      <p class="state-text">{error}</p>
      {retry && <Button small onClick={retry}>Try again</Button>}
    </div>
  );
}

export function Notice({ tone = "plain", children }: { tone?: "plain" | "warn" | "bad" | "good"; children: ComponentChildren }) {
  return <div class={`notice is-${tone}`}>{children}</div>;
}

export function Tag({ tone = "plain", children }: { tone?: "plain" | "up" | "down" | "warn" | "accent"; children: ComponentChildren }) {
  return <span class={`tag is-${tone}`}>{children}</span>;
}

/** A change: colour, and a shape for those who do not see the colour. */
export function Delta({ value, decimals = 4, unit, text }: { value: string | number | null | undefined; decimals?: number; unit?: string; text?: string }) {
  const number = Number(value);
  const tone = number > 0 ? "up" : number < 0 ? "down" : "";
  return (
    <span class={`delta num${tone ? ` is-${tone}` : ""}`}>
      {tone && <i aria-hidden="true">{number > 0 ? "▲" : "▼"}</i>}
      {text ?? signed(value, decimals, unit)}
    </span>
  );
}

export function Dialog({
  title, onClose, children, testid, wide,
}: {
  title: string;
  onClose: () => void;
  children: ComponentChildren;
  testid?: string;
  wide?: boolean;
}) {
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const dialog = ref.current;
    if (dialog && !dialog.open) dialog.showModal();
    return () => dialog?.close();
  }, []);
  return (
    <dialog
      ref={ref} class={`dialog${wide ? " is-wide" : ""}`} aria-labelledby={id} data-testid={testid}
      onClose={onClose}
      onPointerDown={(event) => event.target === ref.current && onClose()}
    >
      <div class="dialog-body">
        <header class="dialog-head">
          <h2 id={id}>{title}</h2>
          <button type="button" class="dialog-close" aria-label="Close" onClick={onClose}>×</button>
        </header>
        {children}
      </div>
    </dialog>
  );
}
