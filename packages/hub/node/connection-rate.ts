/** So many connections a second, that many at once after a quiet second. */
export class ConnectionRate {
  readonly #perSecond: number;
  readonly #now: () => number;
  #left: number;
  #lastAt: number;

  /** @param now monotonic milliseconds */
  constructor(perSecond: number, now: () => number) {
    this.#perSecond = perSecond;
    this.#now = now;
    this.#left = perSecond;
    this.#lastAt = now();
  }

  /** Counts one more; false: there may be no more now. */
  take(): boolean {
    const now = this.#now();
    const regained = ((now - this.#lastAt) / 1000) * this.#perSecond;
    this.#left = Math.min(this.#perSecond, this.#left + regained);
    this.#lastAt = now;
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
