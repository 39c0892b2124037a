import type { ApiClient, ApiOutcome } from './api.ts';
import type { Directory, DirectoryOutcome } from './directory.ts';
import { type Fault, makeFault } from './faults.ts';
import type { Clock, Random } from './ports.ts';
import type { TokenBook } from './token-book.ts';

/** Tries at once when the reply of a refresh gets lost; the server repeats its answer for 60 s. */
const QUICK_TRIES = 3;
const QUICK_SPACING_MS = 1_000;
const FIRST_RETRY_MS = 5_000;
const LAST_RETRY_MS = 60_000;

export type RenewOutcome =
  | { readonly kind: 'renewed' }
  /** Could not be done now; tried again by itself. */
  | { readonly kind: 'failed'; readonly fault: Fault }
  /** The session is over. */
  | { readonly kind: 'over'; readonly reason: 'expired' | 'ended'; readonly fault: Fault };

export interface RenewalOptions {
  readonly api: ApiClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly book: TokenBook;
  readonly fetchDirectory: () => Promise<DirectoryOutcome>;
  readonly onDirectory: (directory: Directory) => void;
  readonly onOver: (outcome: Extract<RenewOutcome, { kind: 'over' }>) => void;
  readonly onFailed: (fault: Fault) => void;
}

/**
 * Keeps the tokens of one session fresh: before they expire, or when told to; never twice at a time
 * (SPEC.md T1 to T6).
 */
export class Renewal {
  readonly #options: RenewalOptions;
  #running: Promise<RenewOutcome> | undefined;
  #listing: Promise<DirectoryOutcome> | undefined;
  #cancelTimer = () => {};
  #cancelPause = () => {};
  #failures = 0;
  #isStopped = false;

  constructor(options: RenewalOptions) {
    this.#options = options;
  }

  /** Plans the next renewal; without a refresh token there is nothing to plan. */
  start(): void {
    const { book, clock, random } = this.#options;
    if (book.refresh === undefined) return;
    this.#plan(Math.max(0, book.renewAt(random()) - clock.now()));
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancelTimer();
    this.#cancelPause();
  }

  /** New tokens and a new list of organisations, or why not. */
  renew(): Promise<RenewOutcome> {
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  /** A new list of organisations with the tokens there are. */
  relist(): Promise<DirectoryOutcome> {
    this.#listing ??= this.#list().finally(() => {
      this.#listing = undefined;
    });
    return this.#listing;
  }

  async #run(): Promise<RenewOutcome> {
    this.#cancelTimer();
    const outcome = await this.#refreshAndList();
    if (this.#isStopped) return outcome;
    if (outcome.kind === 'over') {
      this.stop();
      this.#options.onOver(outcome);
    } else if (outcome.kind === 'failed') {
      this.#options.onFailed(outcome.fault);
      this.#plan(this.#retryMs(outcome.fault));
    } else {
      this.#failures = 0;
      this.start();
    }
    return outcome;
  }

  async #refreshAndList(): Promise<RenewOutcome> {
    const { book, clock, api } = this.#options;
    if (book.refresh !== undefined) {
      const at = clock.now();
      const reply = await this.#refresh(api, book.refresh);
      if (!reply.ok) return failureOf(reply);
      book.renew(reply.value, at);
    }
    const listed = await this.relist();
    return listed.ok ? { kind: 'renewed' } : failureOf(listed);
  }

  async #refresh(api: ApiClient, token: string) {
    const { clock, random } = this.#options;
    for (let tries = 1; ; tries += 1) {
      const reply = await api.request('refresh', {
        credential: { kind: 'none' },
        body: { refresh_token: token },
      });
      // Only a lost reply is repeated at once, with the very same token.
      if (reply.ok || reply.status !== 0 || tries >= QUICK_TRIES || this.#isStopped) return reply;
      await new Promise<void>((resolve) => {
        this.#cancelPause = resolve;
        clock.after(QUICK_SPACING_MS * (0.5 + random()), resolve);
      });
    }
  }

  async #list(): Promise<DirectoryOutcome> {
    const listed = await this.#options.fetchDirectory();
    if (listed.ok && !this.#isStopped) this.#options.onDirectory(listed.value);
    return listed;
  }

  #plan(delayMs: number): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#options.clock.after(delayMs, () => {
      // The outcome is reported by the hooks.
      void this.renew();
    });
  }

  #retryMs(fault: Fault): number {
    const window = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(this.#failures, 6));
    this.#failures += 1;
    return Math.max(fault.waitMs ?? 0, window * (0.5 + this.#options.random() / 2));
  }
}

function failureOf(reply: Extract<ApiOutcome<never>, { ok: false }>): RenewOutcome {
  if (reply.status !== 401) return { kind: 'failed', fault: reply.fault };
  return reply.code === 'session_ended'
    ? { kind: 'over', reason: 'ended', fault: makeFault('ended_elsewhere') }
    : { kind: 'over', reason: 'expired', fault: makeFault('expired') };
}
