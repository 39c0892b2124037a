import type { ChannelKind } from './channel-kinds.ts';
import { disconnects } from './codes.ts';
import {
  expiryResult,
  publicationPush,
  refreshPush,
  subscribePush,
  subscribeResult,
} from './frames.ts';
import type { SubGrant } from './ports.ts';
import type { Session } from './session.ts';
import type { Position } from './stream.ts';
import { placeIn } from './subscription.ts';

/** What the host does with a client's session. */

/** A subscription that the host gives to a client. */
export interface ServerSubscription extends SubGrant {
  /** Unix seconds; then the connection is closed with 3006. Undefined: never. */
  readonly expiresAt?: number;
  /** What was published after it comes at once, as far as it is there. */
  readonly since?: Position;
}

/** What the host changes of a connection. */
export interface ServerRefresh {
  /** It is over: close 3005. */
  readonly expired?: boolean;
  /** Unix seconds; 0: it lasts for ever. Undefined: as before. */
  readonly expiresAt?: number;
  /** What others learn of it; JSON text. */
  readonly info?: string;
}

/** Subscribes a client, or renews what the server gave it. A client's own subscription stays as it is. */
export function subscribeFromServer(
  session: Session,
  name: string,
  kind: ChannelKind,
  { expiresAt, since, ...grant }: ServerSubscription,
): boolean {
  const { host, peer } = session;
  const known = session.find(name);
  if (known?.terms.origin === 'client') return false;
  if (known === undefined && session.subscriptionCount >= host.limits.channels) {
    peer.close(disconnects.channelLimit);
    return false;
  }
  const channel = host.channel(name, kind);
  const terms = session.terms(kind, 'server', grant);
  const now = host.clock.now();
  const place = placeIn(channel, terms, { since, room: peer.room }, host, now);
  const { publications = [], recovered, was_recovering, ...rest } = place;
  if (known === undefined) session.add(channel, terms, expiresAt);
  else session.change(known, terms, expiresAt);
  peer.send(subscribePush(name, subscribeResult({ ...rest, data: grant.data })));
  for (const publication of publications) peer.send(publicationPush(name, publication));
  const added = known === undefined ? session.find(name) : undefined;
  if (added !== undefined) session.announce('join', added);
  return true;
}

export function refreshFromServer(session: Session, refresh: ServerRefresh): void {
  const { expired = false, expiresAt, info } = refresh;
  const { clock } = session.host;
  const isPast = expiresAt !== undefined && expiresAt !== 0 && expiresAt * 1000 <= clock.unixMs();
  if (expired || isPast) {
    session.peer.close(disconnects.expired);
    return;
  }
  const { expiresAt: before, info: infoBefore, ...grant } = session.grant;
  const until = expiresAt === undefined ? before : expiresAt === 0 ? undefined : expiresAt;
  const about = info ?? infoBefore;
  session.renew({
    ...grant,
    ...(until === undefined ? {} : { expiresAt: until }),
    ...(about === undefined ? {} : { info: about }),
  });
  session.peer.send(refreshPush(expiryResult(session.ttl(until))));
}
