import type { BusSignal } from './bus-signals.ts';

type OwnerListener = (owner: string | undefined) => void;

/** Who owns the names that somebody watches, kept in the order in which messages come. */
export interface NameTable {
  /** `isNew`: its owner must be asked for. */
  watch(name: string, listener: OwnerListener): { readonly isNew: boolean; stop(): void };
  set(name: string, owner: string | undefined): void;
  /** Takes what `NameOwnerChanged` says. */
  changed(signal: BusSignal): void;
  ownerOf(name: string): string | undefined;
  readonly names: Iterable<string>;
}

interface WatchedName {
  /** Null: not known yet. */
  owner: string | undefined | null;
  readonly listeners: Set<{ readonly listener: OwnerListener; isTold: boolean }>;
}

/**
 * @param later runs when the present turn is done.
 * @param guard runs at once, whatever a listener throws.
 */
export function createNameTable(
  later: (run: () => void) => void,
  guard: (run: () => void) => void,
): NameTable {
  const watched = new Map<string, WatchedName>();

  const set = (name: string, owner: string | undefined): void => {
    const entry = watched.get(name);
    if (entry === undefined || entry.owner === owner) return;
    entry.owner = owner;
    for (const each of entry.listeners) {
      each.isTold = true;
      guard(() => each.listener(owner));
    }
  };
  return {
    watch(name, listener) {
      const known = watched.get(name);
      const entry = known ?? { owner: null, listeners: new Set() };
      const mine = { listener, isTold: false };
      watched.set(name, entry);
      entry.listeners.add(mine);
      later(() => {
        const { owner } = entry;
        if (owner !== null && !mine.isTold && entry.listeners.has(mine)) listener(owner);
      });
      return {
        isNew: known === undefined,
        stop() {
          entry.listeners.delete(mine);
          if (entry.listeners.size === 0 && watched.get(name) === entry) watched.delete(name);
        },
      };
    },
    set,
    changed({ body: [name, , owner] }) {
      if (typeof name !== 'string') return;
      set(name, typeof owner === 'string' && owner !== '' ? owner : undefined);
    },
    ownerOf: (name) => watched.get(name)?.owner ?? undefined,
    names: {
      [Symbol.iterator]: () => watched.keys(),
    },
  };
}
