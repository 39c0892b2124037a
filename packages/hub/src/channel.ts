import { publicationPush, publicationText } from './frames.ts';
import type { IdempotencyKeys } from './idempotency.ts';
import type { HistoryOptions } from './options.ts';
import type { Frame } from './outbox.ts';
import type { FrameEncoder } from './ports.ts';
import type { PublishOptions, PublishResult } from './publishing.ts';
import { type Position, type Recovery, Stream } from './stream.ts';

/** Who is given a channel's publications. */
export interface Subscriber {
  /** False: it cannot keep up and has to be closed. */
  deliver(frame: Frame): boolean;
  /** Closes a subscriber that could not keep up. */
  closeSlow(): void;
}

/** A subscriber's place in a channel. */
export interface Seat {
  readonly subscriber: Subscriber;
  /** Where it is in the channel's list; kept by the channel. */
  index: number;
}

/** What channels need of their hub; one for all. */
export interface ChannelHost {
  readonly history: HistoryOptions;
  readonly keys: IdempotencyKeys;
  readonly encodeFrame: FrameEncoder;
  /** Called with what a publication or its loss has changed. */
  countHistory(characters: number): void;
  countPublication(deliveries: number): void;
}

const NO_POSITION: PublishResult = {};

/**
 * A channel: its subscribers and its stream. The check of an idempotency key, the append and the fan-out
 * happen in one synchronous step, so nothing comes between them, and offsets leave in the order taken.
 */
export class Channel {
  readonly name: string;
  /** Of the stream, also before its first publication. */
  readonly epoch: string;
  readonly #host: ChannelHost;
  readonly #seats: Seat[] = [];
  #stream: Stream | undefined;

  constructor(host: ChannelHost, name: string, epoch: string) {
    this.#host = host;
    this.name = name;
    this.epoch = epoch;
  }

  get subscriberCount(): number {
    return this.#seats.length;
  }

  /** Offset of the newest publication. */
  get top(): number {
    return this.#stream?.top ?? 0;
  }

  get hasHistory(): boolean {
    return this.#host.history.size > 0;
  }

  /** Something was published, so offset and epoch must be kept for a time. */
  get hasStream(): boolean {
    return this.#stream !== undefined;
  }

  subscribers(): Subscriber[] {
    return this.#seats.map(({ subscriber }) => subscriber);
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

  /** @param data JSON text without raw newlines */
  publish(data: string, { idempotencyKey, tags }: PublishOptions, now: number): PublishResult {
    const { keys } = this.#host;
    if (idempotencyKey !== undefined) {
      const known = keys.get(idempotencyKey, this.name, now);
      if (known !== undefined) return known;
    }
    const offset = this.hasHistory ? this.#append(data, tags, now) : 0;
    const result = offset === 0 ? NO_POSITION : { offset, epoch: this.epoch };
    if (idempotencyKey !== undefined) keys.set(idempotencyKey, this.name, result, now);
    this.#host.countPublication(this.#seats.length);
    if (this.#seats.length > 0) {
      const text = publicationText({ offset, data, tags }, this.epoch);
      this.#fanOut(publicationPush(this.name, text));
    }
    return result;
  }

  recover(since: Position, limit: number, now: number): Recovery {
    if (since.epoch !== '' && since.epoch !== this.epoch) return { recovered: false };
    if (since.offset === this.top) return { recovered: true, publications: [] };
    return this.#stream?.recover(since.offset, limit, now) ?? { recovered: false };
  }

  read(query: Parameters<Stream['read']>[0], now: number) {
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

  /** Gives up half of the history: there is too much of it in all channels together. */
  halveHistory(): void {
    const stream = this.#stream;
    if (stream === undefined) return;
    const before = stream.characters;
    stream.cut(Math.floor(stream.length / 2));
    this.#host.countHistory(stream.characters - before);
  }

  #append(data: string, tags: PublishOptions['tags'], now: number): number {
    this.#stream ??= new Stream(this.#host.history, now);
    const before = this.#stream.characters;
    const { offset } = this.#stream.append(data, tags, now);
    this.#host.countHistory(this.#stream.characters - before);
    return offset;
  }

  /** The hot path: framed once, the same bytes for everyone, and nobody is waited for. */
  #fanOut(push: string): void {
    const frame: Frame = { bytes: this.#host.encodeFrame(push), channel: this };
    let slow: Subscriber[] | undefined;
    for (const { subscriber } of this.#seats) {
      if (subscriber.deliver(frame)) continue;
      slow ??= [];
      slow.push(subscriber);
    }
    // Closing leaves the channel, which the loop above must not see.
    if (slow !== undefined) for (const subscriber of slow) subscriber.closeSlow();
  }
}
