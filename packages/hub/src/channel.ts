import type { ChannelKind } from './channel-kinds.ts';
import { clientInfo, type Member, memberIn } from './client-info.ts';
import { joinLeavePush, publicationPush, publicationText } from './frames.ts';
import type { IdempotencyKeys } from './idempotency.ts';
import type { Frame } from './outbox.ts';
import type { FrameEncoder } from './ports.ts';
import type { Publishing, PublishResult } from './publishing.ts';
import {
  type Position,
  type Publication,
  type Recovery,
  Stream,
  type StreamQuery,
} from './stream.ts';
import type { Terms } from './terms.ts';

/** Who is given a channel's publications. */
export interface Subscriber {
  /** False: it cannot keep up and has to be closed. */
  deliver(frame: Frame): boolean;
  /** Closes a subscriber that could not keep up. */
  closeSlow(): void;
  /** As the others see it; undefined when it is signed in no more. */
  readonly member: Member | undefined;
}

/** A subscriber's place in a channel. */
export interface Seat {
  readonly subscriber: Subscriber;
  readonly terms: Terms;
  /** Where it is in the channel's list; kept by the channel. */
  index: number;
}

/** What channels need of their hub; one for all. */
export interface ChannelHost {
  readonly keys: IdempotencyKeys;
  readonly encodeFrame: FrameEncoder;
  /** Called with what a publication or its loss has changed. */
  countHistory(characters: number): void;
  countPublication(deliveries: number): void;
  /** Closes subscribers that cannot keep up, which leaves their channels. */
  closeSlow(slow: readonly Subscriber[]): void;
  /** All are leaving at once: nobody needs to be told of it. */
  readonly isClosed: boolean;
}

const NO_POSITION: PublishResult = {};

/**
 * A channel: its subscribers and its stream. The check of an idempotency key, the append and the fan-out
 * happen in one synchronous step, so nothing comes between them, and offsets leave in the order taken.
 */
export class Channel {
  readonly name: string;
  readonly kind: ChannelKind;
  /** Of the stream, also before its first publication. */
  readonly epoch: string;
  readonly #host: ChannelHost;
  readonly #seats: Seat[] = [];
  #stream: Stream | undefined;

  constructor(host: ChannelHost, name: string, kind: ChannelKind, epoch: string) {
    this.#host = host;
    this.name = name;
    this.kind = kind;
    this.epoch = epoch;
  }

  get subscriberCount(): number {
    return this.#seats.length;
  }

  /** Offset of the newest publication. */
  get top(): number {
    return this.#stream?.top ?? 0;
  }

  /** Something was published, so offset and epoch must be kept for a time. */
  get hasStream(): boolean {
    return this.#stream !== undefined;
  }

  /** Who is there now, as far as their subscriptions say so. */
  members(): Member[] {
    return this.#seats.flatMap(({ subscriber, terms }) => {
      const member = terms.isPresent ? subscriber.member : undefined;
      return member === undefined ? [] : [memberIn(member, terms.info)];
    });
  }

  join(seat: Seat): void {
    seat.index = this.#seats.length;
    this.#seats.push(seat);
  }

  leave(seat: Seat): void {
    const last = this.#seats.pop();
    if (last === undefined || last === seat) return;
    this.#seats[seat.index] = last;
    last.index = seat.index;
  }

  /** Tells those who want to know that a client has joined or left. */
  announce(what: 'join' | 'leave', member: Member): void {
    if (this.#host.isClosed) return;
    const hearing = this.#seats.filter(({ terms }) => terms.hears);
    if (hearing.length === 0) return;
    this.#fanOut(joinLeavePush(this.name, what, clientInfo(member)), hearing);
  }

  /** @param data JSON text without raw newlines */
  publish(data: string, options: Publishing, now: number): PublishResult {
    const { idempotencyKey, tags, info, skipHistory } = options;
    const { keys } = this.#host;
    if (idempotencyKey !== undefined) {
      const known = keys.get(idempotencyKey, this.name, now);
      if (known !== undefined) return known;
    }
    const isKept = this.kind.hasHistory && skipHistory !== true;
    const offset = isKept ? this.#append({ data, tags, info }, now) : 0;
    const result = offset === 0 ? NO_POSITION : { offset, epoch: this.epoch };
    if (idempotencyKey !== undefined) keys.set(idempotencyKey, this.name, result, now);
    this.#host.countPublication(this.#seats.length);
    if (this.#seats.length > 0) {
      const text = publicationText({ offset, data, tags, info }, this.epoch);
      this.#fanOut(publicationPush(this.name, text), this.#seats);
    }
    return result;
  }

  recover(since: Position, limit: number, now: number): Recovery {
    if (since.epoch !== '' && since.epoch !== this.epoch) return { recovered: false };
    if (since.offset === this.top) return { recovered: true, publications: [] };
    return this.#stream?.recover(since.offset, limit, now) ?? { recovered: false };
  }

  read(query: StreamQuery, now: number): readonly Publication[] {
    return this.#stream?.read(query, now) ?? [];
  }

  /** Drops what has run out. */
  sweep(now: number): void {
    const stream = this.#stream;
    if (stream === undefined) return;
    const before = stream.characters;
    stream.expire(now);
    if (this.#seats.length === 0 && stream.isForgotten(now)) this.#stream = undefined;
    this.#host.countHistory((this.#stream?.characters ?? 0) - before);
  }

  /** Drops the oldest publications beyond `most`; offset and epoch stay. */
  cutHistory(most: number): void {
    const stream = this.#stream;
    if (stream === undefined) return;
    const before = stream.characters;
    stream.cut(most);
    this.#host.countHistory(stream.characters - before);
  }

  get historyLength(): number {
    return this.#stream?.length ?? 0;
  }

  #append(publication: Omit<Publication, 'offset'>, now: number): number {
    this.#stream ??= new Stream(this.kind, now);
    const before = this.#stream.characters;
    const offset = this.#stream.append(publication, now);
    this.#host.countHistory(this.#stream.characters - before);
    return offset;
  }

  /** The hot path: framed once, the same bytes for everyone, and nobody is waited for. */
  #fanOut(push: string, seats: readonly Seat[]): void {
    const frame: Frame = { bytes: this.#host.encodeFrame(push), channel: this };
    let slow: Subscriber[] | undefined;
    for (const { subscriber } of seats) {
      if (subscriber.deliver(frame)) continue;
      slow ??= [];
      slow.push(subscriber);
    }
    // Closing leaves the channel, which the loop above must not see.
    if (slow !== undefined) this.#host.closeSlow(slow);
  }
}
