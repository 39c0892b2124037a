import type { Clock } from '../../clock.ts';
import type { Log } from '../../log/log.ts';
import type { ApiAnswer, CentrifugoApi } from './api-client.ts';

export interface RevokerOptions {
  readonly api: CentrifugoApi;
  readonly clock: Clock;
  /** From 0 to below 1: jitter of the retries. */
  readonly random: () => number;
  readonly log: Log;
  /** After this time no token from before is alive, and what it opened has ended by itself. */
  readonly worthMs: number;
}

/**
 * Centrifugo's own code for a connection whose token ran out (centrifugo.md §4). Clients come back
 * after it, ours with a new token: whose session is over gets none.
 */
const CONNECTION_EXPIRED = { code: 3005, reason: 'connection expired' };
const AT_ONCE = 4;
const MAX_WAITING = 10_000;
const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 5000;

interface Task {
  readonly method: 'disconnect' | 'unsubscribe';
  readonly body: string;
  readonly untilMs: number;
}

/**
 * Ends what someone has open at Centrifugo. What cannot be told to it now is kept and tried again with
 * back-off, for as long as it is worth anything; bounded, the oldest is dropped first.
 */
export class Revoker {
  readonly #options: RevokerOptions;
  /** By what is to be ended, oldest first. */
  readonly #waiting = new Map<string, Task>();
  #running = 0;
  #failures = 0;
  #isPaused = false;
  #isClosed = false;
  #cancelRetry = () => {};

  constructor(options: RevokerOptions) {
    this.#options = options;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /**
   * Makes all connections of a user show a token again. Centrifugo knows no sessions of ours, so the
   * user's other sessions come back a moment later.
   */
  disconnect(userId: string): void {
    // Without a user it would be all anonymous connections (centrifugo.md §11).
    if (userId === '') return;
    this.#add(`user ${userId}`, 'disconnect', { user: userId, disconnect: CONNECTION_EXPIRED });
  }

  unsubscribe(userId: string, channel: string): void {
    if (userId === '' || channel === '') return;
    this.#add(`channel ${channel} ${userId}`, 'unsubscribe', { user: userId, channel });
  }

  close(): void {
    this.#isClosed = true;
    this.#cancelRetry();
  }

  #add(key: string, method: Task['method'], body: object): void {
    const { clock, worthMs, log } = this.#options;
    this.#waiting.delete(key);
    if (this.#waiting.size >= MAX_WAITING) {
      const oldest = this.#waiting.keys().next();
      if (oldest.done === false) this.#waiting.delete(oldest.value);
      log.error({ method }, 'too much waits to be ended at Centrifugo; the oldest was given up');
    }
    const untilMs = clock.monotonic() + worthMs;
    this.#waiting.set(key, { method, body: JSON.stringify(body), untilMs });
    this.#startNext();
  }

  #startNext(): void {
    while (this.#running < AT_ONCE && !this.#isPaused && !this.#isClosed) {
      const next = this.#waiting.entries().next();
      if (next.done === true) return;
      const [key, task] = next.value;
      this.#waiting.delete(key);
      this.#running += 1;
      void this.#run(key, task);
    }
  }

  async #run(key: string, task: Task): Promise<void> {
    const { api, clock, log } = this.#options;
    if (task.untilMs > clock.monotonic()) {
      const answer = await api.call(task.method, task.body);
      if (isPassing(answer)) this.#keep(key, task);
      else {
        this.#failures = 0;
        if (answer.kind === 'error') {
          const { code, message } = answer;
          log.error({ method: task.method, code, message }, 'Centrifugo refused to end something');
        }
      }
    }
    this.#running -= 1;
    this.#startNext();
  }

  /** Waits, before anything that came meanwhile for the same. */
  #keep(key: string, task: Task): void {
    const { clock, random, log } = this.#options;
    if (!this.#waiting.has(key)) this.#waiting.set(key, task);
    if (this.#isPaused || this.#isClosed) return;
    this.#isPaused = true;
    const ceilingMs = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(this.#failures, 16));
    const delayMs = ceilingMs * (0.5 + random() / 2);
    this.#failures += 1;
    if (this.#failures === 1) {
      log.warn({ delay_ms: delayMs }, 'Centrifugo did not end a connection; it is tried again');
    }
    this.#cancelRetry = clock.after(delayMs, () => {
      this.#isPaused = false;
      this.#startNext();
    });
  }
}

/** Whether the same call can succeed later. */
function isPassing(answer: ApiAnswer): boolean {
  switch (answer.kind) {
    case 'result':
      return false;
    case 'error':
      return answer.code === 100 || answer.code === 111;
    default:
      return true;
  }
}
