import type { Subscriber } from './channel.ts';

/**
 * Subscribers that cannot keep up, on their way to be closed. Closing one tells others that it leaves,
 * which may show more of them: they wait their turn here, so that the depth of calls stays the same.
 */
export class SlowQueue {
  readonly #waiting: Subscriber[] = [];
  #isClosing = false;

  close(slow: readonly Subscriber[]): void {
    for (const subscriber of slow) this.#waiting.push(subscriber);
    if (this.#isClosing) return;
    this.#isClosing = true;
    for (let one = this.#waiting.pop(); one !== undefined; one = this.#waiting.pop()) {
      one.closeSlow();
    }
    this.#isClosing = false;
  }
}
