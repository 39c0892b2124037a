import { publicationPush, publicationText } from './frames.ts';
import { IdempotencyKeys } from './idempotency.ts';
import type { HistoryOptions } from './options.ts';
import type { Random, SharedMessage } from './ports.ts';
import type { PublishOptions, PublishResult } from './publishing.ts';
import { Stream } from './stream.ts';

/** Who is given a channel's publications. */
export interface Subscriber {
  deliver(message: SharedMessage): void;
}

export interface ChannelOptions {
  readonly random: Random;
  readonly history: HistoryOptions;
  readonly idempotencyMs: number;
  readonly idempotencyKeys: number;
}

/**
 * A channel: its subscribers, its stream, its idempotency keys. The check of a key, the append and the
 * fan-out happen in one synchronous step, so nothing comes between them.
 */
export class Channel {
  readonly name: string;
  /** The name as JSON text, written once. */
  readonly nameJson: string;
  readonly subscribers = new Set<Subscriber>();
  readonly #options: ChannelOptions;
  #stream: Stream | undefined;
  #keys: IdempotencyKeys | undefined;

  constructor(name: string, options: ChannelOptions) {
    this.name = name;
    this.nameJson = JSON.stringify(name);
    this.#options = options;
  }

  /** The stream, made when it is first needed; undefined where history is off. */
  stream(now: number): Stream | undefined {
    const { history, random } = this.#options;
    if (history.size === 0) return undefined;
    this.#stream ??= new Stream(history, random, now);
    return this.#stream;
  }

  /** @param data JSON text without raw newlines */
  publish(data: string, options: PublishOptions, now: number): PublishResult {
    const { idempotencyKey } = options;
    if (idempotencyKey !== undefined) {
      const known = this.#keys?.get(idempotencyKey, now);
      if (known !== undefined) return known;
    }
    const stream = this.stream(now);
    const publication = stream?.append(data, options.tags, now) ?? {
      offset: 0,
      data,
      ...(options.tags === undefined ? {} : { tags: options.tags }),
    };
    const result: PublishResult =
      stream === undefined ? {} : { offset: publication.offset, epoch: stream.epoch };
    if (idempotencyKey !== undefined) {
      this.#keys ??= new IdempotencyKeys(
        this.#options.idempotencyMs,
        this.#options.idempotencyKeys,
      );
      this.#keys.set(idempotencyKey, result, now);
    }
    if (this.subscribers.size > 0) {
      const pushed = publicationText(publication, stream?.epoch ?? '');
      const message: SharedMessage = { text: publicationPush(this.nameJson, pushed) };
      for (const subscriber of this.subscribers) subscriber.deliver(message);
    }
    return result;
  }

  /** Drops what has run out; true when nobody needs the channel any more. */
  sweep(now: number): boolean {
    if (this.#keys?.sweep(now) === true) this.#keys = undefined;
    this.#stream?.sweep(now);
    if (this.#stream?.isForgotten(now) === true && this.subscribers.size === 0)
      this.#stream = undefined;
    return this.isIdle;
  }

  /** Nothing is kept here: the channel can be made anew when it is next named. */
  get isIdle(): boolean {
    return this.subscribers.size === 0 && this.#stream === undefined && this.#keys === undefined;
  }
}
