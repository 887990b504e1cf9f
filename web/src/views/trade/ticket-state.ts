import { Store } from "../../store";

/** The price last clicked in the book; the ticket takes it. */
export const pickedPrice = new Store<{ px: string; at: number } | undefined>(undefined);

export function pickPrice(px: string): void {
  pickedPrice.set({ px, at: Date.now() });
}
