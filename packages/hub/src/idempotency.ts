import type { PublishResult } from './publishing.ts';

/**
 * Remembers what a channel answered to an idempotency key, for a time and up to a number of keys. A
 * Map keeps insertion order, so the oldest are always first.
 */
export class IdempotencyKeys {
  readonly #results = new Map<string, { readonly result: PublishResult; readonly until: number }>();
  readonly #keepMs: number;
  readonly #most: number;

  constructor(keepMs: number, most: number) {
    this.#keepMs = keepMs;
    this.#most = most;
  }

  get(key: string, now: number): PublishResult | undefined {
    const known = this.#results.get(key);
    return known !== undefined && known.until > now ? known.result : undefined;
  }

  set(key: string, result: PublishResult, now: number): void {
    this.#results.delete(key);
    this.#results.set(key, { result, until: now + this.#keepMs });
    if (this.#results.size > this.#most) {
      for (const oldest of this.#results.keys()) {
        this.#results.delete(oldest);
        break;
      }
    }
  }

  /** Drops what has run out; true when nothing is left. */
  sweep(now: number): boolean {
    for (const [key, { until }] of this.#results) {
      if (until > now) return false;
      this.#results.delete(key);
    }
    return true;
  }
}
