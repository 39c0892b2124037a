import type { ChannelOptions } from './channel-options.ts';
import type { Random } from './ports.ts';

/** A publication as it was taken; `data` is JSON text, handed on unchanged. */
export interface Publication {
  readonly offset: number;
  readonly data: string;
  readonly tags: Readonly<Record<string, string>> | undefined;
  /** The client that published it; JSON text. */
  readonly info: string | undefined;
}

/** What a channel's options say about its history. */
export type HistoryOptions = Pick<
  ChannelOptions,
  'historySize' | 'historyTtlMs' | 'historyMetaTtlMs'
>;

/** A place in a stream. An empty epoch is not compared. */
export interface Position {
  readonly epoch: string;
  readonly offset: number;
}

/** What recovery from a position gives (centrifugo.md §8). */
export type Recovery =
  | { readonly recovered: true; readonly publications: readonly Publication[] }
  | { readonly recovered: false };

/** What to read of a stream. */
export interface StreamQuery {
  readonly since: number | undefined;
  readonly limit: number;
  readonly reverse: boolean;
}

const EPOCH_LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
const EPOCH_LENGTH = 8;

export function newEpoch(random: Random): string {
  let epoch = '';
  while (epoch.length < EPOCH_LENGTH) {
    epoch += EPOCH_LETTERS[Math.floor(random() * EPOCH_LETTERS.length)] ?? 'a';
  }
  return epoch;
}

/**
 * A channel's history: offsets from 1, at most `size` publications. The TTL belongs to the stream and
 * is renewed by every publication; when it ends the items go, offset and epoch stay (centrifugo.md §7).
 */
export class Stream {
  readonly #options: HistoryOptions;
  /** Items from `#head` on; the part before it is cut off now and then. */
  #items: Publication[] = [];
  #head = 0;
  #top = 0;
  #lastAt: number;
  #characters = 0;

  constructor(options: HistoryOptions, now: number) {
    this.#options = options;
    this.#lastAt = now;
  }

  /** Offset of the newest publication, 0 before the first. */
  get top(): number {
    return this.#top;
  }

  /** Characters of data held. */
  get characters(): number {
    return this.#characters;
  }

  /** @returns its offset */
  append({ data, tags, info }: Omit<Publication, 'offset'>, now: number): number {
    this.expire(now);
    this.#lastAt = now;
    this.#top += 1;
    this.#items.push({ offset: this.#top, data, tags, info });
    this.#characters += data.length;
    if (this.#items.length - this.#head > this.#options.historySize) this.#dropFirst();
    return this.#top;
  }

  /** What a client that knows `offset` has missed; unrecovered when more than `limit` or not all of it is there. */
  recover(offset: number, limit: number, now: number): Recovery {
    this.expire(now);
    const missed = this.#top - offset;
    const kept = this.#items.length - this.#head;
    if (missed < 0 || missed > kept || missed > limit) return { recovered: false };
    return { recovered: true, publications: this.#items.slice(this.#items.length - missed) };
  }

  /** Publications after (or, reversed, before) `since`, or from the end of the stream, at most `limit`. */
  read({ since, limit, reverse }: StreamQuery, now: number): Publication[] {
    this.expire(now);
    // Nothing can be before a place that the stream has not come to.
    if (since !== undefined && since > this.#top + 1) return [];
    const all = this.#items.slice(this.#head);
    if (reverse) all.reverse();
    const wanted =
      since === undefined
        ? all
        : all.filter(({ offset }) => (reverse ? offset < since : offset > since));
    return wanted.slice(0, limit);
  }

  /** Nobody needs this stream any more, offset and epoch included. */
  isForgotten(now: number): boolean {
    return now - this.#lastAt >= this.#options.historyMetaTtlMs;
  }

  /** Drops items whose time is over. */
  expire(now: number): void {
    if (this.#items.length > 0 && now - this.#lastAt >= this.#options.historyTtlMs) this.cut(0);
  }

  /** Drops the oldest items beyond `most`. */
  cut(most: number): void {
    while (this.#items.length - this.#head > most) this.#dropFirst();
    if (this.#items.length === this.#head) {
      this.#items = [];
      this.#head = 0;
    }
  }

  get length(): number {
    return this.#items.length - this.#head;
  }

  #dropFirst(): void {
    this.#characters -= this.#items[this.#head]?.data.length ?? 0;
    this.#head += 1;
    // Cutting now and then keeps an append O(1) on average, and frees what was dropped.
    if (this.#head > 16 && this.#head * 4 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
  }
}
