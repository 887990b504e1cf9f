import { useEffect, useState } from "preact/hooks";

/** A value that components watch.  Small on purpose: the page has a dozen of them. */
export class Store<T> {
  private readonly watchers = new Set<() => void>();

  constructor(private value: T) {}

  get(): T {
    return this.value;
  }

  set(value: T): void {
    if (Object.is(value, this.value)) return;
    this.value = value;
    for (const watcher of [...this.watchers]) watcher();
  }

  update(change: (value: T) => T): void {
    this.set(change(this.value));
  }

  watch(watcher: () => void): () => void {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  }
}

/** Renders again when what `select` picks has changed. */
export function useStore<T, S = T>(store: Store<T>, select: (value: T) => S = (value) => value as unknown as S): S {
  const picked = select(store.get());
  const [, render] = useState(0);
  useEffect(() => {
    let last = select(store.get());
    if (!Object.is(last, picked)) render((n) => n + 1);
    return store.watch(() => {
      const next = select(store.get());
      if (Object.is(next, last)) return;
      last = next;
      render((n) => n + 1);
    });
    // A selector closes over nothing that changes, or its component is keyed by what does.
  }, [store]);
  return picked;
}

/** A small piece of the browser's memory; private windows may have none. */
export const memory = {
  read(key: string): string | undefined {
    try {
      return localStorage.getItem(`floorbook.${key}`) ?? undefined;
    } catch {
      return undefined;
    }
  },
  write(key: string, value: string): void {
    try {
      localStorage.setItem(`floorbook.${key}`, value);
    } catch {
      // Then the choice lasts as long as the page.
    }
  },
  forget(key: string): void {
    try {
      localStorage.removeItem(`floorbook.${key}`);
    } catch {
      // Nothing was remembered.
    }
  },
};
