import { pushChannel } from '@telex/contract';
import type { Kysely } from 'kysely';
import type { Clock } from '../clock.ts';
import type { Commits } from '../db/commits.ts';
import { createQueryCache, type Queries } from '../db/query-cache.ts';
import type { Database } from '../db/schema.ts';
import { nextTurn } from '../next-turn.ts';
import { isPermanent, type PushPublisher } from '../push/push-publisher.ts';
import { type AudienceSpan, activeSince, channelAudience, isFor, isForUser } from './audience.ts';
import {
  type EventRow,
  eventsAfter,
  recordDeadLetter,
  recordSent,
  sentSeqOf,
  unsentOrganisations,
} from './event-store.ts';
import { type Feed, holdEvents, newFeed, takeHeld } from './feed.ts';

/** Events of one organisation sent in one turn; they share the audience query. */
const BATCH = 64;
/** Push channels in one broadcast and in one turn, so that nothing is stalled. */
const CHANNELS_PER_BROADCAST = 500;
/** Organisations being sent for at the same time. */
const MAX_RUNNING = 16;
/** What was sent is recorded this late at most; a crash in between sends it twice. */
const RECORD_AFTER_MS = 50;
const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 10_000;

/** Told what happens, for metrics and the log. */
export interface DispatchObserver {
  published(event: EventRow, receivers: number): void;
  /** The organisation waits; its events are kept. */
  retrying(organisationId: string, error: unknown, delayMs: number): void;
  deadLetter(event: EventRow, error: unknown): void;
  /** The database failed; it is tried again. */
  failed(error: unknown): void;
}

export interface DispatcherOptions {
  readonly db: Kysely<Database>;
  readonly commits: Commits;
  readonly publisher: PushPublisher;
  readonly clock: Clock;
  /** From 0 to below 1: jitter of the retries. */
  readonly random: () => number;
  readonly observer: DispatchObserver;
}

/** Someone in the audience of a chat channel, with their push channel. */
interface Receiver {
  readonly span: AudienceSpan;
  readonly channel: string;
}
/** By chat channel. */
type Audiences = ReadonlyMap<string, readonly Receiver[]>;

/**
 * Sends committed events to the push server, each organisation's in the order of `seq`:
 *
 *   commit ─► committed() ─► feed of the organisation ─► audience ─► broadcast ─► sent mark
 *                              ▲ the table, at start and after a failure
 *
 * What has been sent is recorded only after the push server accepted it, so an event may go out
 * twice, never not at all. A failure makes its organisation wait and no other.
 */
export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #queries: Queries;
  readonly #feeds = new Map<string, Feed>();
  readonly #ready: Feed[] = [];
  readonly #unrecorded = new Map<string, number>();
  readonly #waiters = new Map<string, Set<() => void>>();
  readonly #cancels = new Set<() => void>();
  #running = 0;
  #recordDue = false;
  #recording = Promise.resolve();
  #isSending = false;
  #closed = false;
  #idle: (() => void) | undefined;

  constructor(options: DispatcherOptions) {
    this.#options = options;
    this.#queries = createQueryCache().on(options.db);
  }

  /** Begins to send, with what an earlier run left unsent. Until then events stay in the table. */
  async start(): Promise<void> {
    this.#isSending = true;
    await this.#sendUnsent();
  }

  /** Other servers have written to the database: their events are to be sent, or they have sent ours. */
  async othersCommitted(): Promise<void> {
    if (this.#isSending) await this.#sendUnsent();
    else await this.#readSent();
  }

  /** Committed events of one organisation, oldest first. */
  committed(organisationId: string, events: readonly EventRow[]): void {
    if (!this.#isSending) return;
    const feed = this.#feed(organisationId);
    holdEvents(feed, events);
    this.#wake(feed);
  }

  /** Settles with true when the event has been sent (or is a dead letter), with false in time. */
  whenSent(organisationId: string, seq: number, timeoutMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const waiters = this.#waiters.get(organisationId) ?? new Set();
      const settle = (sent: boolean) => {
        cancel();
        waiters.delete(check);
        if (waiters.size === 0) this.#waiters.delete(organisationId);
        resolve(sent);
      };
      const check = () => {
        if ((this.#feeds.get(organisationId)?.sentSeq ?? -1) >= seq) settle(true);
      };
      const cancel = this.#options.clock.after(timeoutMs, () => settle(false));
      waiters.add(check);
      this.#waiters.set(organisationId, waiters);
      check();
    });
  }

  /** Stops sending and records what was sent. What is left is sent after the next start. */
  async close(): Promise<void> {
    await this.abandon();
    await this.#record();
  }

  /** Stops as a crash does: what was sent and is not recorded goes out again after the next start. */
  async abandon(): Promise<void> {
    this.#closed = true;
    for (const cancel of this.#cancels) cancel();
    if (this.#running > 0) await new Promise<void>((resolve) => (this.#idle = resolve));
    await this.#recording;
  }

  async #sendUnsent(): Promise<void> {
    for (const { organisationId, sentSeq } of await unsentOrganisations(this.#options.db)) {
      const feed = this.#feed(organisationId);
      feed.sentSeq = Math.max(feed.sentSeq ?? 0, sentSeq);
      feed.behind = true;
      this.#wake(feed);
    }
  }

  /** How far another server has sent what somebody waits for here. */
  async #readSent(): Promise<void> {
    for (const organisationId of this.#waiters.keys()) {
      const feed = this.#feed(organisationId);
      feed.sentSeq = await sentSeqOf(this.#options.db, organisationId);
      this.#tellWaiters(organisationId);
    }
  }

  #tellWaiters(organisationId: string): void {
    for (const check of this.#waiters.get(organisationId) ?? []) check();
  }

  #feed(organisationId: string): Feed {
    const known = this.#feeds.get(organisationId);
    if (known !== undefined) return known;
    const feed = newFeed(organisationId);
    this.#feeds.set(organisationId, feed);
    return feed;
  }

  #wake(feed: Feed): void {
    if (feed.phase !== 'idle' || this.#closed) return;
    feed.phase = 'ready';
    this.#ready.push(feed);
    this.#startNext();
  }

  #startNext(): void {
    while (this.#running < MAX_RUNNING && !this.#closed) {
      const feed = this.#ready.shift();
      if (feed === undefined) return;
      feed.phase = 'running';
      this.#running += 1;
      void this.#run(feed);
    }
  }

  async #run(feed: Feed): Promise<void> {
    let outcome: 'done' | 'failed' = 'failed';
    try {
      await this.#sendAll(feed);
      feed.failures = 0;
      outcome = 'done';
    } catch (error) {
      this.#retryLater(feed, error);
    }
    this.#running -= 1;
    if (outcome === 'done') {
      feed.phase = 'idle';
      // What was committed between the last look and now.
      if (feed.held.length > 0 || feed.behind) this.#wake(feed);
    }
    this.#startNext();
    if (this.#running === 0) this.#idle?.();
  }

  #retryLater(feed: Feed, error: unknown): void {
    const ceiling = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(feed.failures, 16));
    const delayMs = ceiling * (0.5 + this.#options.random() / 2);
    feed.failures += 1;
    feed.held = [];
    feed.behind = true;
    feed.phase = 'waiting';
    this.#options.observer.retrying(feed.organisationId, error, delayMs);
    this.#later(delayMs, () => {
      feed.phase = 'idle';
      this.#wake(feed);
    });
  }

  async #sendAll(feed: Feed): Promise<void> {
    while (!this.#closed) {
      const events = await this.#next(feed);
      if (events.length === 0) return;
      const audiences = await this.#audiences(events);
      let published = 0;
      for (const event of events) {
        if (this.#closed) return;
        published += await this.#send(event, audiences);
        this.#sent(feed, event);
        if (published < CHANNELS_PER_BROADCAST) continue;
        published = 0;
        await nextTurn();
      }
      if (feed.held.length === 0 && !feed.behind) return;
      await nextTurn();
    }
  }

  async #next(feed: Feed): Promise<readonly EventRow[]> {
    const { db } = this.#options;
    feed.sentSeq ??= (await sentSeqOf(db, feed.organisationId)) ?? 0;
    const held = takeHeld(feed, BATCH);
    if (held.length > 0 || !feed.behind) return held;
    feed.behind = false;
    const place = { organisationId: feed.organisationId, seq: feed.sentSeq };
    const events = await eventsAfter(db, place, BATCH);
    if (events.length === BATCH) feed.behind = true;
    return events;
  }

  /** The audience of each channel that the events name, for the seqs they span. */
  async #audiences(events: readonly EventRow[]): Promise<Audiences> {
    const audiences = new Map<string, readonly Receiver[]>();
    const [first] = events;
    const last = events.at(-1);
    if (first === undefined || last === undefined) return audiences;
    for (const event of events) {
      const { channel_id: channelId, audience_user_id: only, organisation_id } = event;
      if (channelId === null || only !== null || audiences.has(channelId)) continue;
      const receivers: Receiver[] = [];
      const range = { channelId, fromSeq: first.seq, toSeq: last.seq };
      for await (const page of channelAudience(this.#queries, range)) {
        if (receivers.length > 0) await nextTurn();
        for (const span of page) {
          receivers.push({ span, channel: pushChannel(organisation_id, span.userId) });
        }
      }
      audiences.set(channelId, receivers);
    }
    return audiences;
  }

  /** Gives how many push channels it went to. */
  async #send(event: EventRow, audiences: Audiences): Promise<number> {
    const { publisher, observer, commits, clock } = this.#options;
    const channels = await this.#receivers(event, audiences);
    try {
      for (let from = 0; from < channels.length; from += CHANNELS_PER_BROADCAST) {
        if (from > 0) await nextTurn();
        const some = channels.slice(from, from + CHANNELS_PER_BROADCAST);
        await publisher.broadcast(some, event.payload, event.id);
      }
      observer.published(event, channels.length);
    } catch (error) {
      if (!isPermanent(error)) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      await commits.durable((transaction) =>
        recordDeadLetter(transaction, event, { reason, at: clock.now() }),
      );
      observer.deadLetter(event, error);
    }
    return channels.length;
  }

  async #receivers(event: EventRow, audiences: Audiences): Promise<string[]> {
    const { organisation_id: organisationId, audience_user_id: userId, channel_id } = event;
    if (userId !== null) {
      const since = await activeSince(this.#options.db, organisationId, userId);
      const isReceiver = since !== undefined && isForUser(userId, since, event);
      return isReceiver ? [pushChannel(organisationId, userId)] : [];
    }
    const channels: string[] = [];
    for (const { span, channel } of audiences.get(channel_id ?? '') ?? []) {
      if (isFor(span, event)) channels.push(channel);
    }
    return channels;
  }

  #sent(feed: Feed, event: EventRow): void {
    feed.sentSeq = event.seq;
    this.#unrecorded.set(feed.organisationId, event.seq);
    this.#tellWaiters(feed.organisationId);
    if (this.#recordDue || this.#closed) return;
    this.#recordDue = true;
    this.#later(RECORD_AFTER_MS, () => {
      this.#recordDue = false;
      this.#recording = this.#record();
    });
  }

  async #record(): Promise<void> {
    const marks = [...this.#unrecorded].map(([organisationId, sentSeq]) => ({
      organisationId,
      sentSeq,
    }));
    if (marks.length === 0) return;
    this.#unrecorded.clear();
    try {
      // Lost in a power cut, they are sent twice.
      await this.#options.commits.relaxed((transaction) => recordSent(transaction, marks));
    } catch (error) {
      // Kept for the next time; until then a crash would send these twice.
      for (const { organisationId, sentSeq } of marks) {
        if (!this.#unrecorded.has(organisationId)) this.#unrecorded.set(organisationId, sentSeq);
      }
      this.#options.observer.failed(error);
    }
  }

  #later(delayMs: number, task: () => void): void {
    const cancel = this.#options.clock.after(delayMs, () => {
      this.#cancels.delete(cancel);
      task();
    });
    this.#cancels.add(cancel);
  }
}
