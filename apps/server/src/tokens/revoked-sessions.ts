/**
 * Sessions that were ended while tokens of theirs may still be alive. Held in memory, so that each
 * request can be checked without asking the database; loaded from it at start.
 */
export class RevokedSessions {
  readonly #nowMs: () => number;
  readonly #tokenLifeMs: number;
  /** Session id to the time from which no token of it can be alive; oldest first. */
  readonly #forgetAtMs = new Map<string, number>();
  readonly #listeners: ((sessionId: string) => void)[] = [];

  constructor(options: { readonly nowMs: () => number; readonly tokenLifeMs: number }) {
    this.#nowMs = options.nowMs;
    this.#tokenLifeMs = options.tokenLifeMs;
  }

  /** Has the listener told of each session that is added. */
  listen(listener: (sessionId: string) => void): void {
    this.#listeners.push(listener);
  }

  add(sessionId: string): void {
    this.#prune();
    const isNew = !this.has(sessionId);
    this.#forgetAtMs.set(sessionId, this.#nowMs() + this.#tokenLifeMs);
    if (isNew) for (const listener of this.#listeners) listener(sessionId);
  }

  has(sessionId: string): boolean {
    return this.#forgetAtMs.has(sessionId);
  }

  get size(): number {
    return this.#forgetAtMs.size;
  }

  #prune(): void {
    const now = this.#nowMs();
    for (const [sessionId, forgetAt] of this.#forgetAtMs) {
      if (forgetAt > now) return;
      this.#forgetAtMs.delete(sessionId);
    }
  }
}
