import type { HistoryOptions } from './options.ts';
import type { Random } from './ports.ts';

/** A publication as it was taken; `data` is JSON text, handed on unchanged. */
export interface Publication {
  readonly offset: number;
  readonly data: string;
  readonly tags?: Readonly<Record<string, string>>;
}

/** A place in a stream. An empty epoch is not compared. */
export interface Position {
  readonly epoch: string;
  readonly offset: number;
}

/** What recovery from a position gives (centrifugo.md §8). */
export type Recovery =
  | { readonly recovered: true; readonly publications: readonly Publication[] }
  | { readonly recovered: false };

const EPOCH_LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
const EPOCH_LENGTH = 8;

/**
 * A channel's history: offsets from 1, a random epoch, at most `size` publications. The TTL belongs
 * to the stream and is renewed by every publication; when it ends the items go, offset and epoch stay.
 */
export class Stream {
  readonly epoch: string;
  readonly #options: HistoryOptions;
  /** Items from `#head` on; the part before it is cut off now and then. */
  #items: Publication[] = [];
  #head = 0;
  #top = 0;
  #lastAt: number;

  constructor(options: HistoryOptions, random: Random, now: number) {
    this.#options = options;
    this.#lastAt = now;
    let epoch = '';
    while (epoch.length < EPOCH_LENGTH) {
      epoch += EPOCH_LETTERS[Math.floor(random() * EPOCH_LETTERS.length)] ?? 'a';
    }
    this.epoch = epoch;
  }

  /** Offset of the newest publication, 0 before the first. */
  get top(): number {
    return this.#top;
  }

  append(data: string, tags: Publication['tags'], now: number): Publication {
    this.#expire(now);
    this.#lastAt = now;
    this.#top += 1;
    const publication: Publication = {
      offset: this.#top,
      data,
      ...(tags === undefined ? {} : { tags }),
    };
    this.#items.push(publication);
    if (this.#items.length - this.#head > this.#options.size) this.#head += 1;
    // Cutting in halves keeps an append O(1) on average.
    if (this.#head > this.#options.size) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return publication;
  }

  /** What a client that knows `since` has missed; unrecovered when more than `limit` or not all of it is there. */
  recover(since: Position, limit: number, now: number): Recovery {
    this.#expire(now);
    if (since.epoch !== '' && since.epoch !== this.epoch) return { recovered: false };
    if (since.offset === this.#top) return { recovered: true, publications: [] };
    const missed = this.#top - since.offset;
    const kept = this.#items.length - this.#head;
    if (missed < 0 || missed > kept || missed > limit) return { recovered: false };
    return { recovered: true, publications: this.#items.slice(this.#items.length - missed) };
  }

  /** Publications after `since` (or from the oldest), at most `limit`. */
  read(query: { since?: Position; limit: number; reverse: boolean }, now: number): Publication[] {
    this.#expire(now);
    const all = this.#items.slice(this.#head);
    if (query.reverse) all.reverse();
    const { since } = query;
    const wanted = since
      ? all.filter(({ offset }) => (query.reverse ? offset < since.offset : offset > since.offset))
      : all;
    return wanted.slice(0, query.limit);
  }

  /** Nobody needs this stream any more, offset and epoch included. */
  isForgotten(now: number): boolean {
    return now - this.#lastAt > this.#options.metaTtlMs;
  }

  /** Drops items whose time is over; for the sweep, so that silent channels hold nothing. */
  sweep(now: number): void {
    this.#expire(now);
  }

  #expire(now: number): void {
    if (this.#items.length > 0 && now - this.#lastAt > this.#options.ttlMs) {
      this.#items = [];
      this.#head = 0;
    }
  }
}
