import type { Channel, Seat, Subscriber } from './channel.ts';
import { publicationText, type SubscribeResult, subscribeResult } from './frames.ts';
import type { HubLimits } from './options.ts';
import type { Position } from './stream.ts';
import { utf8Bytes } from './text-frame.ts';

/** One client's subscription to one channel. */
export interface Subscription extends Seat {
  readonly channel: Channel;
  readonly subscriber: Subscriber;
  /** Asked for by a claim, or a token in `connect.subs`; not by a `subscribe`. */
  readonly isServerSide: boolean;
  /** On the monotonic clock, in milliseconds; infinite: never. */
  expiresAtMs: number;
}

export type Established =
  | { readonly ok: true; readonly result: string }
  /** The client wanted an error in place of `recovered: false`, and gets it. */
  | { readonly ok: false };

export interface EstablishRequest {
  /** Only when the client wants to recover. */
  readonly since: Position | undefined;
  readonly rejectUnrecovered: boolean;
  /** Seconds that the subscription lasts; undefined: for ever. */
  readonly ttl: number | undefined;
  /** Bytes that the client's queue has room for. */
  readonly room: number;
}

/** Left free in a client's queue beside a recovery reply, for the other replies of its frame. */
const RESERVE_BYTES = 65_536;

/**
 * Reads position or missed publications of a channel, for a reply that is written in the same turn as
 * the subscriber joins: so nothing can be published in between (H2).
 */
export function establish(
  channel: Channel,
  request: EstablishRequest,
  limits: HubLimits,
  now: number,
): Established {
  const { since, ttl } = request;
  const expiry = ttl === undefined ? {} : ({ expires: true, ttl } as const);
  if (!channel.hasHistory) {
    const asked = since === undefined ? {} : ({ was_recovering: true } as const);
    return { ok: true, result: subscribeResult({ ...expiry, ...asked }) };
  }
  const place = { recoverable: true, positioned: true, epoch: channel.epoch } as const;
  const top = { ...expiry, ...place, ...at(channel.top) };
  if (since === undefined) return { ok: true, result: subscribeResult(top) };
  const recovery = channel.recover(since, limits.replayed, now);
  if (recovery.recovered) {
    const publications = recovery.publications.map((one) => publicationText(one, channel.epoch));
    // A reply too large for the queue would close this client again and again: better unrecovered (H8).
    if (publications.length === 0 || bytesOf(publications) <= request.room - RESERVE_BYTES) {
      const recovered = { recovered: true, was_recovering: true } as const;
      const result = { ...expiry, ...place, ...at(since.offset), ...recovered, publications };
      return { ok: true, result: subscribeResult(result) };
    }
  }
  if (request.rejectUnrecovered) return { ok: false };
  return { ok: true, result: subscribeResult({ ...top, was_recovering: true }) };
}

function at(offset: number): Pick<SubscribeResult, 'offset'> {
  return offset === 0 ? {} : { offset };
}

function bytesOf(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + utf8Bytes(text) + 1, 0);
}
