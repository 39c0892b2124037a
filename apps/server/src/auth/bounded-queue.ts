import { TelexError } from '@telex/contract';

export interface BoundedQueueOptions {
  readonly atOnce: number;
  /** One more than so many waiting is refused with 429 `busy`. */
  readonly maxWaiting: number;
}

/** Runs costly work a few at a time, in order, and refuses what would wait too long. */
export class BoundedQueue {
  readonly #options: BoundedQueueOptions;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(options: BoundedQueueOptions) {
    this.#options = options;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#options.atOnce) await this.#turn();
    else this.#running += 1;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      // The place is handed over, so that nobody who comes now can take it.
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }

  #turn(): Promise<void> {
    if (this.#waiting.length >= this.#options.maxWaiting) {
      return Promise.reject(
        new TelexError('busy', 'Too many are logging in at the moment; try again in 2 s.', {
          retryAfterS: 2,
        }),
      );
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
