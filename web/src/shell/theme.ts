import { Store, memory } from "../store";

export type Theme = "dark" | "light";

const system = matchMedia("(prefers-color-scheme: light)");
export const theme = new Store<Theme>((document.documentElement.dataset.theme as Theme) || "dark");

export function toggleTheme(): void {
  const next = theme.get() === "dark" ? "light" : "dark";
  memory.write("theme", next);
  apply(next);
}

function apply(next: Theme): void {
  document.documentElement.dataset.theme = next;
  theme.set(next);
}

system.addEventListener("change", () => {
  if (!memory.read("theme")) apply(system.matches ? "light" : "dark");
});
