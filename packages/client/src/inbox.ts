import { type PushEvent, parsePush } from '@telex/contract';
import { type Fault, makeFault } from './faults.ts';
import { SeqSpans } from './seq-spans.ts';
import type { ReceivedPush } from './session-events.ts';
import type { Organisation } from './state.ts';

/** Most pushes held back for one organisation while it catches up. */
export const MAX_HELD = 500;
/** Most pushes held back in all. */
export const MAX_HELD_TOTAL = 2_000;
/** Most notification ids remembered, for pushes without `seq`. */
export const MAX_IDS = 2_000;

/**
 * How the stream of one organisation stands.
 * `whole`: nothing is missing up to the mark, and each push moves it.
 * `behind`: something may be missing; live pushes are held back until catching up has ended.
 * `loose`: catching up failed for now; live pushes are delivered, the mark stays where it is.
 */
type Phase = 'whole' | 'behind' | 'loose';

interface Stream {
  readonly organisation: Organisation;
  readonly channel: string;
  phase: Phase;
  /** Everything up to this `seq` has been delivered; undefined where there was never one. */
  mark: number | undefined;
  /** Delivered ahead of the mark while `loose`. */
  readonly ahead: SeqSpans;
  held: Held[];
  /** Held pushes were dropped: catch up once more. */
  hasOverflowed: boolean;
  /** Turn of the last break: an answer asked for before it cannot make the stream whole. */
  brokenAt: number;
  /** Has been whole in this session: what is missing now is a gap, not a beginning. */
  hasBeenWhole: boolean;
}

export interface Incoming {
  readonly event: PushEvent;
  readonly via: ReceivedPush['via'];
  readonly receivedAt: number;
  readonly receivedAtUnixMs: number;
}

/** A push that waits, with the turn of the break before it. */
interface Held {
  readonly incoming: Incoming;
  readonly turn: number;
}

export interface InboxPorts {
  /** Hands a push on; resolved when all listeners are done with it. */
  readonly deliver: (push: ReceivedPush) => void | Promise<void>;
  /** The mark moved; `isDone` settles when what it covers has been dealt with. */
  readonly onMark: (organisationId: string, mark: number, isDone: void | Promise<void>) => void;
  readonly onFault: (fault: Fault, organisation: Organisation) => void;
  readonly userId: string;
}

/** What catching up brought for one organisation, as the server answered. */
export interface CaughtUpPage {
  readonly events: readonly unknown[];
  readonly upto: number;
  readonly hasMore: boolean;
  readonly isReset: boolean;
}

/**
 * Puts the pushes of each organisation in order, once each: live ones, replayed ones and fetched ones
 * (design.md, "The way of one message"; SPEC.md, rules I). Memory is bounded by the two limits above.
 */
export class Inbox {
  readonly #ports: InboxPorts;
  readonly #streams = new Map<string, Stream>();
  readonly #ids = new Set<string>();
  #heldInAll = 0;
  #turn = 0;

  constructor(ports: InboxPorts) {
    this.#ports = ports;
  }

  /** A new organisation; it begins `behind`. */
  open(organisation: Organisation, channel: string, mark: number | undefined): void {
    if (this.#streams.has(organisation.id)) return;
    this.#streams.set(organisation.id, {
      organisation,
      channel,
      phase: 'behind',
      mark,
      ahead: new SeqSpans(),
      held: [],
      hasOverflowed: false,
      brokenAt: this.#turn,
      hasBeenWhole: false,
    });
  }

  drop(organisationId: string): void {
    const stream = this.#streams.get(organisationId);
    if (stream !== undefined) this.#takeHeld(stream);
    this.#streams.delete(organisationId);
  }

  /** Counts breaks: what is asked for at one turn says nothing about a break at a later one. */
  get turn(): number {
    return this.#turn;
  }

  /** Something may be missing from here on. */
  break(organisationId: string): void {
    const stream = this.#streams.get(organisationId);
    if (stream === undefined) return;
    this.#turn += 1;
    stream.brokenAt = this.#turn;
    stream.phase = 'behind';
    stream.ahead.break();
  }

  /** Ids of the organisations that must catch up. */
  behind(): string[] {
    return [...this.#streams.values()]
      .filter((stream) => stream.phase !== 'whole')
      .map((stream) => stream.organisation.id);
  }

  /** The marks to ask from; an organisation without one is left out and gets a reset. */
  cursors(): { organisation_id: string; seq: number }[] {
    return [...this.#streams.values()].flatMap(({ organisation, mark }) =>
      mark === undefined ? [] : [{ organisation_id: organisation.id, seq: mark }],
    );
  }

  /** A publication as it came; a bad one is reported and left out. */
  receive(organisationId: string, data: unknown, around: Omit<Incoming, 'event'>): void {
    const stream = this.#streams.get(organisationId);
    if (stream === undefined) return;
    const event = this.#parse(stream, data);
    if (event === undefined) return;
    const incoming = { event, ...around };
    if (stream.phase !== 'behind') this.#deliver(stream, incoming);
    else if (stream.held.length < MAX_HELD && this.#heldInAll < MAX_HELD_TOTAL) {
      stream.held.push({ incoming, turn: stream.brokenAt });
      this.#heldInAll += 1;
    } else {
      this.#takeHeld(stream);
      stream.hasOverflowed = true;
    }
  }

  /**
   * Applies one page of catching up.
   * @param askedAt the `turn` when the page was asked for
   * @returns how many pushes were delivered, whether the stream is whole, whether events are missing
   * for good, and `again` where it was whole but for what happened since it was asked.
   */
  async apply(
    organisationId: string,
    page: CaughtUpPage,
    around: Omit<Incoming, 'event' | 'via'>,
    askedAt = this.#turn,
  ): Promise<{ pushes: number; isDone: boolean; gap: boolean; again?: true }> {
    const stream = this.#streams.get(organisationId);
    if (stream === undefined || stream.phase === 'whole') {
      return { pushes: 0, isDone: true, gap: false };
    }
    const gap = page.isReset && stream.mark !== undefined;
    let pushes = 0;
    for (const data of page.events) {
      const event = this.#parse(stream, data);
      if (event === undefined) continue;
      const done = this.#deliverFetched(stream, { event, via: 'catch-up', ...around });
      if (done === 'duplicate') continue;
      pushes += 1;
      // Backpressure: a page may be long, and its listeners slow.
      await done;
    }
    if (this.#streams.get(organisationId) !== stream) return { pushes, isDone: true, gap };
    const mustAskAgain = stream.hasOverflowed || stream.brokenAt > askedAt;
    if (page.isReset && !mustAskAgain) {
      this.#reset(stream, page.upto);
      return { pushes, isDone: true, gap };
    }
    this.#move(stream, page.isReset ? page.upto : Math.max(stream.mark ?? 0, page.upto));
    if (page.hasMore && !page.isReset) return { pushes, isDone: false, gap };
    if (mustAskAgain) {
      // What was held after dropping some comes again with the next page.
      if (stream.hasOverflowed) this.#takeHeld(stream);
      stream.hasOverflowed = false;
      return { pushes, isDone: false, gap, again: true };
    }
    this.#release(stream, 'whole');
    return { pushes, isDone: true, gap };
  }

  /** There is nothing to fetch from: goes on live. @returns whether something may be missing. */
  giveUp(organisationId: string): boolean {
    const stream = this.#streams.get(organisationId);
    if (stream === undefined || stream.phase === 'whole') return false;
    const gap = stream.hasBeenWhole || stream.mark !== undefined || stream.hasOverflowed;
    stream.hasOverflowed = false;
    this.#release(stream, 'whole');
    return gap;
  }

  /** Catching up failed for now: live pushes must not wait for it. */
  loosen(): void {
    for (const stream of this.#streams.values()) {
      if (stream.phase === 'behind') this.#release(stream, 'loose');
    }
  }

  /**
   * Begins anew at `upto`. That is past what came live while the snapshot was made, which nobody has
   * seen yet: it is delivered before the mark passes it.
   */
  #reset(stream: Stream, upto: number): void {
    if (stream.mark !== undefined && stream.mark > upto) {
      // The log is younger than what we know of it: its numbers mean something else now.
      stream.mark = undefined;
      stream.ahead.forgetUpTo(Number.POSITIVE_INFINITY);
    }
    this.#release(stream, 'whole');
    this.#move(stream, Math.max(stream.mark ?? 0, upto));
  }

  #release(stream: Stream, phase: 'whole' | 'loose'): void {
    const held = this.#takeHeld(stream);
    stream.phase = phase;
    if (phase === 'whole') stream.hasBeenWhole = true;
    let before: number | undefined;
    for (const { incoming, turn } of held) {
      // Something may be missing between two that a break lies between.
      if (turn !== before) stream.ahead.break();
      before = turn;
      this.#deliver(stream, incoming);
    }
    if (before !== stream.brokenAt) stream.ahead.break();
  }

  #takeHeld(stream: Stream): Held[] {
    const { held } = stream;
    stream.held = [];
    this.#heldInAll -= held.length;
    return held;
  }

  #parse(stream: Stream, data: unknown): PushEvent | undefined {
    const parsed = parsePush(data);
    if (parsed.ok) return parsed.value;
    const { path, message } = parsed.faults[0];
    const detail = `${path === '' ? 'the push' : path} ${message}`;
    this.#ports.onFault(makeFault('bad_push', { detail }), stream.organisation);
    return undefined;
  }

  /** A live or replayed push, or one that was held. */
  #deliver(stream: Stream, incoming: Incoming): void {
    const { seq } = incoming.event.push.data;
    if (this.#isDuplicate(stream, incoming)) return;
    const done = this.#handOn(stream, incoming);
    if (seq === undefined) return;
    if (stream.phase === 'whole') this.#move(stream, seq, done);
    else stream.ahead.add(seq);
  }

  /** A fetched event: everything before it in the log has been dealt with, so the mark moves along. */
  #deliverFetched(stream: Stream, incoming: Incoming): void | Promise<void> | 'duplicate' {
    const { seq } = incoming.event.push.data;
    const isDuplicate = this.#isDuplicate(stream, incoming);
    const done = isDuplicate ? undefined : this.#handOn(stream, incoming);
    if (seq !== undefined && seq > (stream.mark ?? -1)) this.#move(stream, seq, done);
    return isDuplicate ? 'duplicate' : done;
  }

  #handOn(stream: Stream, incoming: Incoming): void | Promise<void> {
    return this.#ports.deliver({
      ...incoming,
      organisation: stream.organisation,
      channel: stream.channel,
      userId: this.#ports.userId,
    });
  }

  #isDuplicate(stream: Stream, incoming: Incoming): boolean {
    const { seq } = incoming.event.push.data;
    if (seq === undefined) return this.#isKnown(stream, incoming);
    return (stream.mark !== undefined && seq <= stream.mark) || stream.ahead.has(seq);
  }

  #isKnown(stream: Stream, { event }: Incoming): boolean {
    const { notification_id: id } = event.push;
    if (id === undefined) return false;
    const key = `${stream.organisation.id} ${id}`;
    if (this.#ids.has(key)) return true;
    this.#ids.add(key);
    if (this.#ids.size > MAX_IDS) {
      const [oldest] = this.#ids;
      if (oldest !== undefined) this.#ids.delete(oldest);
    }
    return false;
  }

  #move(stream: Stream, mark: number, isDone: void | Promise<void> = undefined): void {
    if (stream.mark === mark) return;
    stream.mark = mark;
    stream.ahead.forgetUpTo(mark);
    this.#ports.onMark(stream.organisation.id, mark, isDone);
  }
}
