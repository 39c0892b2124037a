import type { Disconnect, ErrorRow } from './codes.ts';
import type { Publication } from './stream.ts';

/**
 * Writing what a client is sent (centrifugo.md §2). Zero values are left out; the result object is
 * always there, even empty; no text holds a raw newline.
 */

/** Result of a subscription, as a reply to `subscribe` or under `connect.subs`. */
export interface SubscribeResult {
  readonly expires?: true;
  readonly ttl?: number;
  readonly recoverable?: true;
  readonly positioned?: true;
  readonly epoch?: string;
  readonly offset?: number;
  readonly recovered?: true;
  readonly was_recovering?: true;
  /** JSON text of each publication; not part of the object, since data goes out unchanged. */
  readonly publications?: readonly string[];
  /** What the token or the host gives the client with it; JSON text. */
  readonly data?: string | undefined;
}

export interface ConnectResult {
  readonly client: string;
  readonly version: string;
  readonly expires?: true;
  readonly ttl?: number;
  readonly ping?: number;
  readonly pong: true;
}

/** `{"id":2,"subscribe":{…}}` with a result that is already JSON text. */
export function reply(id: number, method: string, result: string): string {
  return `{"id":${id},"${method}":${result}}`;
}

export function errorReply(id: number, { code, message, temporary }: ErrorRow): string {
  const error = temporary ? { code, message, temporary } : { code, message };
  return `{"id":${id},"error":${JSON.stringify(error)}}`;
}

export function subscribeResult({ publications, data, ...rest }: SubscribeResult): string {
  const fields = JSON.stringify(rest);
  const hasPublications = publications !== undefined && publications.length > 0;
  if (!hasPublications && data === undefined) return fields;
  const raw = [
    ...(hasPublications ? [`"publications":[${publications.join(',')}]`] : []),
    ...(data === undefined ? [] : [`"data":${data}`]),
  ].join(',');
  return fields === '{}' ? `{${raw}}` : `${fields.slice(0, -1)},${raw}}`;
}

/** Result of a refresh. `ttl` in seconds; undefined: it never expires. */
export function expiryResult(ttl: number | undefined): string {
  return ttl === undefined ? '{}' : `{"expires":true,"ttl":${ttl}}`;
}

export function connectResult(
  result: ConnectResult,
  subs: readonly (readonly [channel: string, sub: string])[],
): string {
  const fields = JSON.stringify(result);
  if (subs.length === 0) return fields;
  const entries = subs.map(([channel, sub]) => `${JSON.stringify(channel)}:${sub}`);
  return `${fields.slice(0, -1)},"subs":{${entries.join(',')}}}`;
}

/** A publication as the protocol writes it; the one of offset 1 also says its epoch (H4). */
export function publicationText(publication: Publication, epoch: string): string {
  const { offset, data, tags, info } = publication;
  const place = offset === 0 ? '' : `,"offset":${offset}`;
  const start = offset === 1 ? `,"epoch":${JSON.stringify(epoch)}` : '';
  const labels = tags === undefined ? '' : `,"tags":${JSON.stringify(tags)}`;
  const from = info === undefined ? '' : `,"info":${info}`;
  return `{"data":${data}${from}${place}${start}${labels}}`;
}

export function publicationPush(channel: string, publication: string): string {
  return `{"push":{"channel":${JSON.stringify(channel)},"pub":${publication}}}`;
}

/** A server-side subscription that begins while the client is connected. */
export function subscribePush(channel: string, result: string): string {
  return `{"push":{"channel":${JSON.stringify(channel)},"subscribe":${result}}}`;
}

/** @param info of the client that joins or leaves; JSON text */
export function joinLeavePush(channel: string, what: 'join' | 'leave', info: string): string {
  return `{"push":{"channel":${JSON.stringify(channel)},"${what}":{"info":${info}}}}`;
}

export function refreshPush(result: string): string {
  return `{"push":{"refresh":${result}}}`;
}

export function unsubscribePush(channel: string, { code, reason }: Disconnect): string {
  const unsubscribe = JSON.stringify({ code, reason });
  return `{"push":{"channel":${JSON.stringify(channel)},"unsubscribe":${unsubscribe}}}`;
}
