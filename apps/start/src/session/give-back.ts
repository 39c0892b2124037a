/** Gives memory back to the system once it has become quiet: a sign-in and a burst leave more behind than they need. */
export interface GiveBack {
  /** Something happened. */
  busy(): void;
  close(): void;
}

export interface GiveBackPorts {
  readonly clock: {
    now(): number;
    after(delayMs: number, run: () => void): () => void;
  };
  /** Collects all garbage; takes some 30 ms. Undefined: this Node does not offer it. */
  readonly collect: (() => void) | undefined;
}

/** So long nothing must have happened. */
export const QUIET_MS = 5_000;
/** At most so often: who gets a message every few seconds needs no cleaning after each. */
export const PAUSE_MS = 10_000;

export function createGiveBack({ clock, collect }: GiveBackPorts): GiveBack {
  let busyAt = 0;
  let collectedAt = Number.NEGATIVE_INFINITY;
  let cancel: (() => void) | undefined;

  const look = (): void => {
    const due = Math.max(busyAt + QUIET_MS, collectedAt + PAUSE_MS);
    const wait = due - clock.now();
    if (wait > 0) {
      cancel = clock.after(wait, look);
      return;
    }
    cancel = undefined;
    collectedAt = clock.now();
    collect?.();
  };

  return {
    busy() {
      busyAt = clock.now();
      // No timer is set anew for each of a thousand messages.
      if (collect !== undefined) cancel ??= clock.after(QUIET_MS, look);
    },
    close: () => cancel?.(),
  };
}

/** What Node offers when it runs with `--expose-gc`. */
export function nodeCollector(): (() => void) | undefined {
  const { gc } = globalThis;
  if (gc === undefined) return undefined;
  return () => void gc({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}
