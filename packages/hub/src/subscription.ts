import type { Channel, Seat, Subscriber } from './channel.ts';
import { publicationText, type SubscribeResult } from './frames.ts';
import type { HubLimits } from './options.ts';
import type { Position } from './stream.ts';
import type { Terms } from './terms.ts';
import { utf8Bytes } from './text-frame.ts';

/** One client's subscription to one channel. */
export interface Subscription extends Seat {
  readonly channel: Channel;
  readonly subscriber: Subscriber;
  terms: Terms;
  /** On the monotonic clock, in milliseconds; infinite: never. */
  expiresAtMs: number;
}

export interface PlaceRequest {
  /** Only when the client wants to recover. */
  readonly since: Position | undefined;
  /** Bytes that the client's queue has room for. */
  readonly room: number;
}

/** What reading a place needs of the hub. */
export interface PlaceHost {
  readonly limits: HubLimits;
  countRecovery(isRecovered: boolean): void;
}

/** Left free in a client's queue beside a recovery reply, for the other replies of its frame. */
const RESERVE_BYTES = 65_536;

/**
 * Reads position or missed publications of a channel, for a reply that is written in the same turn as
 * the subscriber joins: so nothing can be published in between (H2).
 */
export function placeIn(
  channel: Channel,
  terms: Terms,
  { since, room }: PlaceRequest,
  host: PlaceHost,
  now: number,
): SubscribeResult {
  const asked = since === undefined ? {} : ({ was_recovering: true } as const);
  if (!terms.isPositioned) return asked;
  const place = {
    ...(terms.isRecoverable ? ({ recoverable: true } as const) : {}),
    positioned: true,
    epoch: channel.epoch,
  } as const;
  if (since !== undefined && terms.isRecoverable) {
    const publications = missed(channel, since, room, host.limits, now);
    host.countRecovery(publications !== undefined);
    if (publications !== undefined) {
      return { ...place, ...at(since.offset), recovered: true, ...asked, publications };
    }
  }
  return { ...place, ...at(channel.top), ...asked };
}

/** Texts of the publications after that position; undefined: they cannot be given. */
function missed(
  channel: Channel,
  since: Position,
  room: number,
  limits: HubLimits,
  now: number,
): readonly string[] | undefined {
  const recovery = channel.recover(since, limits.recoveryPublications, now);
  if (!recovery.recovered) return undefined;
  const publications = recovery.publications.map((one) => publicationText(one, channel.epoch));
  // A reply too large for the queue would close this client again and again: better unrecovered (H8).
  const isTooLarge = publications.length > 0 && bytesOf(publications) > room - RESERVE_BYTES;
  return isTooLarge ? undefined : publications;
}

function at(offset: number): Pick<SubscribeResult, 'offset'> {
  return offset === 0 ? {} : { offset };
}

function bytesOf(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + utf8Bytes(text) + 1, 0);
}
