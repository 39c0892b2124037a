import type { Channel } from './channel.ts';
import { publicationText, type SubscribeResult, subscribeResult } from './frames.ts';
import type { HubLimits } from './options.ts';
import type { Position } from './stream.ts';

/** One client's subscription to one channel. */
export interface Subscription {
  readonly channel: Channel;
  /** Asked for by the server (claim, or a token in `connect.subs`), not by a `subscribe`. */
  readonly isServerSide: boolean;
  /** Unix seconds. */
  expiresAt: number | undefined;
}

export type Established =
  | { readonly ok: true; readonly result: string }
  /** The client wanted an error in place of `recovered: false`, and gets it. */
  | { readonly ok: false };

/**
 * Reads position or missed publications of a channel, for a reply that is written in the same turn as
 * the subscriber is added: so nothing can be published in between (H2).
 *
 * @param request `since` only when the client wants to recover
 */
export function establish(
  channel: Channel,
  request: {
    readonly since: Position | undefined;
    readonly rejectUnrecovered: boolean;
    readonly expiresInS: number | undefined;
  },
  limits: HubLimits,
  now: number,
): Established {
  const expiry =
    request.expiresInS === undefined ? {} : ({ expires: true, ttl: request.expiresInS } as const);
  const stream = channel.stream(now);
  const { since } = request;
  if (stream === undefined) {
    return {
      ok: true,
      result: subscribeResult(since === undefined ? expiry : { ...expiry, was_recovering: true }),
    };
  }
  const place = { recoverable: true, positioned: true, epoch: stream.epoch } as const;
  const at = (offset: number): Pick<SubscribeResult, 'offset'> => (offset === 0 ? {} : { offset });
  if (since === undefined) {
    return { ok: true, result: subscribeResult({ ...expiry, ...place, ...at(stream.top) }) };
  }
  const recovery = stream.recover(since, limits.replayed, now);
  if (recovery.recovered) {
    const publications = recovery.publications.map((one) => publicationText(one, stream.epoch));
    const bytes = publications.reduce((sum, text) => sum + text.length * 3, 0);
    // A reply over the queue limit would close this client again and again: better unrecovered (H8).
    if (bytes <= limits.queueBytes || exactBytes(publications) <= limits.queueBytes) {
      const recovered = { recovered: true, was_recovering: true } as const;
      const result = { ...expiry, ...place, ...at(since.offset), ...recovered, publications };
      return { ok: true, result: subscribeResult(result) };
    }
  }
  if (request.rejectUnrecovered) return { ok: false };
  const top = { ...expiry, ...place, ...at(stream.top), was_recovering: true } as const;
  return { ok: true, result: subscribeResult(top) };
}

function exactBytes(texts: readonly string[]): number {
  let bytes = 0;
  for (const text of texts) {
    for (let index = 0; index < text.length; index += 1) {
      const unit = text.charCodeAt(index);
      // A surrogate pair is 4 bytes: 2 for each half.
      bytes += unit < 0x80 ? 1 : unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff) ? 2 : 3;
    }
  }
  return bytes;
}
