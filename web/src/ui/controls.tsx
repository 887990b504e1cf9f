import type { ComponentChildren, JSX } from "preact";
import { useId, useState } from "preact/hooks";
import { refreshAll } from "../api/live";
import { toast } from "./toast";

type Tone = "up" | "down" | "warn" | "plain" | "primary" | "quiet" | "danger";

export interface ButtonProps extends Omit<JSX.IntrinsicElements["button"], "ref" | "size"> {
  tone?: Tone;
  small?: boolean;
  isBusy?: boolean;
  testid?: string;
  children?: ComponentChildren;
}

export function Button({ tone = "plain", small, isBusy, testid, children, class: own, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      data-testid={testid}
      aria-busy={isBusy || undefined}
      {...rest}
      disabled={rest.disabled || isBusy}
      class={`button is-${tone}${small ? " is-small" : ""}${own ? ` ${own}` : ""}`}
    >
      {children}
    </button>
  );
}

/** A button that does something at the exchange: busy meanwhile, then a word of how it went. */
export function ActionButton({
  action, done, onDone, ...rest
}: ButtonProps & { action: () => Promise<unknown>; done?: string; onDone?: () => void }) {
  const [isBusy, setBusy] = useState(false);
  const run = async () => {
    setBusy(true);
    await attempt(action, done, onDone);
    setBusy(false);
  };
  return <Button {...rest} isBusy={isBusy} onClick={run} />;
}

export async function attempt(action: () => Promise<unknown>, done?: string, onDone?: () => void): Promise<boolean> {
  try {
    await action();
    if (done) toast(done, "good");
    refreshAll();
    onDone?.();
    return true;
  } catch (error) {
    toast(error instanceof Error ? error.message : String(error), "bad");
    return false;
  }
}

export function Field({
  label, value, onInput, unit, hint, error, testid, children, ...rest
}: {
  label: ComponentChildren;
  value: string;
  onInput: (value: string) => void;
  unit?: ComponentChildren;
  hint?: ComponentChildren;
  error?: string | null;
  testid?: string;
  placeholder?: string;
  disabled?: boolean;
  inputMode?: "decimal" | "numeric" | "text";
  children?: ComponentChildren;
}) {
  const id = useId();
  return (
    <div class={`field${error ? " has-error" : ""}`}>
      <label for={id}>{label}</label>
      <div class="field-box">
        <input
          id={id} type="text" value={value} data-testid={testid} autocomplete="off" spellcheck={false}
          inputMode="decimal" {...rest}
          aria-invalid={error ? true : undefined}
          aria-describedby={hint || error ? `${id}-h` : undefined}
          onInput={(event) => onInput(event.currentTarget.value)}
        />
        {children}
        {unit && <span class="field-unit">{unit}</span>}
      </div>
      {(error || hint) && <p id={`${id}-h`} class="field-hint">{error || hint}</p>}
    </div>
  );
}

export function Select({
  label, value, onChange, options, testid, isLabelHidden,
}: {
  label: string;
  value: string;
  onChange: (value: string) => void;
  options: { value: string; label: string }[];
  testid?: string;
  isLabelHidden?: boolean;
}) {
  const id = useId();
  return (
    <div class="field">
      <label for={id} class={isLabelHidden ? "sr-only" : undefined}>{label}</label>
      <div class="field-box">
        <select id={id} value={value} data-testid={testid} onChange={(event) => onChange(event.currentTarget.value)}>
          {options.map((option) => <option key={option.value} value={option.value}>{option.label}</option>)}
        </select>
      </div>
    </div>
  );
}

export interface Choice<T extends string> {
  value: T;
  label: ComponentChildren;
  tone?: string;
  testid?: string;
}

/** One of a few, in a row; arrow keys move as in any group of radio buttons. */
export function Segmented<T extends string>({
  label, value, onChange, options, small, testid,
}: {
  label: string;
  value: T;
  onChange: (value: T) => void;
  options: Choice<T>[];
  small?: boolean;
  testid?: string;
}) {
  const name = useId();
  return (
    <div class={`segmented${small ? " is-small" : ""}`} role="radiogroup" aria-label={label} data-testid={testid}>
      {options.map((option) => (
        <label key={option.value} class={option.tone ? `is-${option.tone}` : undefined}>
          <input
            type="radio" name={name} value={option.value} checked={option.value === value}
            data-testid={option.testid ?? (testid && `${testid}-${option.value}`)}
            onChange={() => onChange(option.value)}
          />
          <span>{option.label}</span>
        </label>
      ))}
    </div>
  );
}

export function Check({
  label, checked, onChange, testid, disabled,
}: {
  label: ComponentChildren;
  checked: boolean;
  onChange: (checked: boolean) => void;
  testid?: string;
  disabled?: boolean;
}) {
  return (
    <label class="check">
      <input
        type="checkbox" checked={checked} disabled={disabled} data-testid={testid}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
      <span>{label}</span>
    </label>
  );
}

/** Tabs whose panel stands below; left and right move between them. */
export function Tabs<T extends string>({
  label, value, onChange, tabs, panelId,
}: {
  label: string;
  value: T;
  onChange: (value: T) => void;
  tabs: { value: T; label: ComponentChildren; count?: number }[];
  panelId: string;
}) {
  const move = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const at = tabs.findIndex((tab) => tab.value === value);
    const next = tabs[(at + step + tabs.length) % tabs.length];
    if (!next) return;
    onChange(next.value);
    document.getElementById(`${panelId}-${next.value}`)?.focus();
  };
  return (
    <div class="tabs" role="tablist" aria-label={label} onKeyDown={move}>
      {tabs.map((tab) => (
        <button
          key={tab.value} type="button" role="tab" id={`${panelId}-${tab.value}`} data-testid={`tab-${tab.value}`}
          aria-selected={tab.value === value} aria-controls={panelId} tabIndex={tab.value === value ? 0 : -1}
          onClick={() => onChange(tab.value)}
        >
          {tab.label}
          {tab.count ? <span class="tab-count num">{tab.count}</span> : null}
        </button>
      ))}
    </div>
  );
}
