import { Store, memory } from "../store";

export type Theme = "dark" | "light";

const system = matchMedia("(prefers-color-scheme: light)");
const chosen = () => memory.read("theme") as Theme | undefined;
const ofSystem = (): Theme => (system.matches ? "light" : "dark");

/** The visitor's choice, else the system's. */
export const theme = new Store<Theme>(chosen() ?? ofSystem());
document.documentElement.dataset.theme = theme.get();

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
  if (!chosen()) apply(ofSystem());
});
