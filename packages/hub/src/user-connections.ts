/** How many connections each user has; nothing is kept while that is not limited. */
export class UserConnections {
  readonly #most: number;
  readonly #counts = new Map<string, number>();

  /** @param most 0: no limit */
  constructor(most: number) {
    this.#most = most;
  }

  /** Counts one more; false: there may be no more. Anonymous ones are not counted. */
  admit(user: string): boolean {
    if (this.#most === 0 || user === '') return true;
    const count = this.#counts.get(user) ?? 0;
    if (count >= this.#most) return false;
    this.#counts.set(user, count + 1);
    return true;
  }

  left(user: string): void {
    const count = this.#counts.get(user);
    if (count === undefined) return;
    if (count > 1) this.#counts.set(user, count - 1);
    else this.#counts.delete(user);
  }
}
