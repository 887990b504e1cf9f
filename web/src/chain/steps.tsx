/** Steps one after another, each with a mark that has a shape beside its colour. */

import type { ComponentChildren } from "preact";
import "./chain.css";

export type Progress = "todo" | "doing" | "done" | "failed";

const MARKS: Record<Progress, string> = { todo: "", doing: "", done: "✓", failed: "!" };
const WORDS: Record<Progress, string> = { todo: "not yet", doing: "now", done: "done", failed: "failed" };

export function StepLine({ at, progress, title, children, testid }: {
  at: number;
  progress: Progress;
  title: ComponentChildren;
  children?: ComponentChildren;
  testid?: string;
}) {
  return (
    <li data-step={progress} data-testid={testid}>
      <span class="step-mark" aria-hidden="true">{MARKS[progress] || (progress === "todo" ? at : "")}</span>
      <div>
        <h3>{title}<span class="sr-only">, {WORDS[progress]}</span></h3>
        {children}
      </div>
    </li>
  );
}

export function Hash({ value }: { value: string }) {
  return <code class="hash" title={value}>{value.slice(0, 10)}…{value.slice(-6)}</code>;
}
