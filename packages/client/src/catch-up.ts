import type { Reply } from '@telex/contract';
import type { ApiOutcome } from './api.ts';
import { type Fault, makeFault } from './faults.ts';
import type { Inbox } from './inbox.ts';
import type { Clock, Random } from './ports.ts';

/** Most pages asked for in one go: 1,000 × 500 events. */
const MAX_PAGES = 1_000;
const FIRST_RETRY_MS = 2_000;
const LAST_RETRY_MS = 60_000;

export interface CatchUpResult {
  readonly organisationId: string;
  readonly pushes: number;
  readonly gap: boolean;
}

export interface CatchUpOptions {
  readonly inbox: Inbox;
  readonly clock: Clock;
  readonly random: Random;
  /** `POST /events/catch-up`, with renewed tokens where that was needed. */
  readonly ask: (
    cursors: readonly { organisation_id: string; seq: number }[],
  ) => Promise<ApiOutcome<Reply<'catchUp'>>>;
  readonly onDone: (results: readonly CatchUpResult[]) => void;
  readonly onFailed: (fault: Fault) => void;
}

/** Fetches what the push server cannot replay, for every organisation that is behind. */
export class CatchUp {
  readonly #options: CatchUpOptions;
  readonly #results = new Map<string, { pushes: number; gap: boolean }>();
  #isRunning = false;
  #isStopped = false;
  #failures = 0;
  #cancelTimer = () => {};

  constructor(options: CatchUpOptions) {
    this.#options = options;
  }

  /** Starts after `delayMs`, unless it is running or planned sooner. */
  request(delayMs = 0): void {
    if (this.#isStopped || this.#isRunning) return;
    this.#cancelTimer();
    if (delayMs <= 0) this.#start();
    else this.#cancelTimer = this.#options.clock.after(delayMs, () => this.#start());
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancelTimer();
  }

  #start(): void {
    if (this.#isStopped || this.#isRunning) return;
    this.#isRunning = true;
    void this.#run().then((retryMs) => {
      this.#isRunning = false;
      // An organisation may have fallen behind while its page was on the way.
      const isBehind = this.#options.inbox.behind().length > 0;
      if (retryMs !== undefined) this.request(retryMs);
      else if (isBehind) this.request(FIRST_RETRY_MS * this.#options.random());
    });
  }

  /** @returns a delay in milliseconds where it has to be tried again. */
  async #run(): Promise<number | undefined> {
    const { inbox } = this.#options;
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const behind = inbox.behind();
      if (behind.length === 0 || this.#isStopped) break;
      const { turn } = inbox;
      const reply = await this.#options.ask(inbox.cursors());
      if (this.#isStopped) return undefined;
      if (!reply.ok && (reply.status === 404 || reply.status === 405)) {
        // Not offered: live only (telex-api.md §6).
        for (const id of behind) this.#note(id, 0, inbox.giveUp(id));
        break;
      }
      if (!reply.ok) return this.#failed(reply.fault);
      const next = await this.#apply(behind, reply.value, turn);
      if (next === 'stuck') return this.#failed(makeFault('bad_reply', { detail: 'no progress' }));
      if (next === 'done') break;
    }
    this.#failures = 0;
    this.#report();
    return undefined;
  }

  async #apply(
    behind: readonly string[],
    reply: Reply<'catchUp'>,
    askedAt: number,
  ): Promise<'done' | 'more' | 'stuck'> {
    const { inbox, clock } = this.#options;
    const around = { receivedAt: clock.now(), receivedAtUnixMs: clock.unixMs() };
    const marksBefore = JSON.stringify(inbox.cursors());
    let isDone = true;
    let mustAskAgain = false;
    for (const id of behind) {
      const item = reply.organisations.find(({ organisation_id }) => organisation_id === id);
      if (item === undefined) {
        this.#note(id, 0, inbox.giveUp(id));
        continue;
      }
      const page = {
        events: item.events,
        upto: item.upto,
        hasMore: item.has_more,
        isReset: item.reset,
      };
      const applied = await inbox.apply(id, page, around, askedAt);
      this.#note(id, applied.pushes, applied.gap);
      isDone &&= applied.isDone;
      mustAskAgain ||= applied.again === true;
    }
    if (isDone) return 'done';
    // A server that says "more" without getting further must not keep us busy.
    const isStuck = !mustAskAgain && JSON.stringify(inbox.cursors()) === marksBefore;
    return isStuck ? 'stuck' : 'more';
  }

  #failed(fault: Fault): number {
    const { inbox, random, onFailed } = this.#options;
    inbox.loosen();
    this.#report();
    onFailed({ ...fault, detail: `catching up: ${fault.detail ?? fault.code}` });
    const window = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(this.#failures, 6));
    this.#failures += 1;
    return Math.max(fault.waitMs ?? 0, window * (0.5 + random() / 2));
  }

  #note(organisationId: string, pushes: number, gap: boolean): void {
    const before = this.#results.get(organisationId);
    this.#results.set(organisationId, {
      pushes: pushes + (before?.pushes ?? 0),
      gap: gap || before?.gap === true,
    });
  }

  #report(): void {
    if (this.#results.size === 0) return;
    const results = [...this.#results].map(([organisationId, result]) => ({
      organisationId,
      ...result,
    }));
    this.#results.clear();
    this.#options.onDone(results);
  }
}
