import type { PublishResult } from './publishing.ts';

interface Entry {
  until: number;
  readonly results: Map<string, PublishResult>;
}

/**
 * Remembers what channels answered to an idempotency key, for a time and up to a number of results.
 * A broadcast to many channels has one entry. A Map keeps insertion order, and a key that is used for
 * one more channel moves to the end: so the first entry is always the oldest.
 */
export class IdempotencyKeys {
  readonly #entries = new Map<string, Entry>();
  /** Stands at the oldest entry: a new iterator would walk over all that has been deleted before it. */
  #oldest = this.#entries.entries();
  readonly #keepMs: number;
  readonly #most: number;
  #size = 0;

  constructor(keepMs: number, most: number) {
    this.#keepMs = keepMs;
    this.#most = most;
  }

  /** Results remembered. */
  get size(): number {
    return this.#size;
  }

  get(key: string, channel: string, now: number): PublishResult | undefined {
    const entry = this.#entries.get(key);
    return entry !== undefined && entry.until > now ? entry.results.get(channel) : undefined;
  }

  set(key: string, channel: string, result: PublishResult, now: number): void {
    const until = now + this.#keepMs;
    let entry = this.#entries.get(key);
    if (entry === undefined || entry.until !== until) {
      this.#entries.delete(key);
      if (entry !== undefined && entry.until <= now) {
        this.#size -= entry.results.size;
        entry = undefined;
      }
      entry ??= { until, results: new Map() };
      entry.until = until;
      this.#entries.set(key, entry);
    }
    if (!entry.results.has(channel)) this.#size += 1;
    entry.results.set(channel, result);
    if (this.#size > this.#most) this.#dropOldest(entry);
  }

  /** Drops what has run out. */
  sweep(now: number): void {
    for (const [key, { until, results }] of this.#entries) {
      if (until > now) return;
      this.#entries.delete(key);
      this.#size -= results.size;
    }
  }

  /** Never the one in use: a broadcast larger than the bound is remembered whole, and alone. */
  #dropOldest(inUse: Entry): void {
    while (this.#size > this.#most) {
      let next = this.#oldest.next();
      if (next.done === true) {
        this.#oldest = this.#entries.entries();
        next = this.#oldest.next();
      }
      if (next.done === true) return;
      const [key, entry] = next.value;
      if (entry === inUse) {
        this.#oldest = this.#entries.entries();
        return;
      }
      this.#entries.delete(key);
      this.#size -= entry.results.size;
    }
  }
}
