import type { ChannelKind } from './channel-kinds.ts';
import { channelNameFault, isTooLong } from './channel-name.ts';
import { disconnects, type ErrorName } from './codes.ts';
import type { CommandOf } from './commands.ts';
import { reply, subscribeResult } from './frames.ts';
import { judge, type Soon, subscriptionError, whenThere } from './judging.ts';
import { may, maySubscribe } from './permissions.ts';
import type { SubGrant, SubscriptionGrant } from './ports.ts';
import type { Session } from './session.ts';
import { placeIn } from './subscription.ts';
import { type Asked, type Terms, termsOf } from './terms.ts';

type Subscribe = CommandOf<'subscribe'>;

/** A promise where the token must be waited for. */
export function runSubscribe(session: Session, command: Subscribe): Soon<undefined> {
  const { host, peer } = session;
  const kind = host.kindOf(command.channel);
  const fault = subscribeFault(session, command, kind);
  if (fault !== undefined || kind === undefined) {
    peer.fail(command.id, fault ?? 'unknownChannel');
    return undefined;
  }
  if (command.token === '') {
    establish(session, command, kind, {});
    return undefined;
  }
  session.startSubscribing(command.channel);
  return whenThere(
    judge(() => host.verifier.subscription(command.token)),
    (verdict): undefined => {
      const isStillWanted = session.stopSubscribing();
      if (session.isOver) return;
      const { grant } = verdict;
      if (grant !== undefined && !isOwn(session, grant, command.channel)) {
        peer.close(disconnects.invalidToken);
      } else if (!verdict.ok) peer.fail(command.id, subscriptionError(verdict.fault));
      else if (!isStillWanted) peer.fail(command.id, 'permissionDenied');
      else if (session.find(command.channel) !== undefined) {
        // The server was quicker.
        peer.fail(command.id, 'alreadySubscribed');
      } else establish(session, command, kind, verdict.grant);
    },
  );
}

/** Whether a token is this client's, for this channel. */
export function isOwn(session: Session, grant: SubscriptionGrant, channel: string): boolean {
  const { user, client } = grant;
  if (user !== session.user || grant.channel !== channel) return false;
  return client === undefined || client === session.client;
}

/** In the order in which stock Centrifugo finds fault. */
function subscribeFault(
  session: Session,
  { channel, token }: Subscribe,
  kind: ChannelKind | undefined,
): ErrorName | undefined {
  const { limits, isInsecure } = session.host;
  if (isTooLong(channel, limits.channelNameBytes)) return 'badRequest';
  if (session.find(channel) !== undefined) return 'alreadySubscribed';
  if (session.subscriptionCount >= limits.channels) return 'limitExceeded';
  const nameFault = channelNameFault(channel, kind);
  if (nameFault !== undefined || kind === undefined) return nameFault;
  if (token !== '' || isInsecure || maySubscribe(kind, channel, session.user)) return undefined;
  return 'permissionDenied';
}

function establish(
  session: Session,
  command: Subscribe,
  kind: ChannelKind,
  grant: SubGrant & { readonly expiresAt?: number },
): void {
  const { host, peer } = session;
  const channel = host.channel(command.channel, kind);
  const terms = clientTerms(session, command, kind, grant);
  const since = command.recover ? command : undefined;
  const now = host.clock.now();
  const place = placeIn(channel, terms, { since, room: peer.room }, host, now);
  const isUnrecovered = since !== undefined && terms.isRecoverable && place.recovered !== true;
  if (command.rejectUnrecovered && isUnrecovered) {
    peer.fail(command.id, 'unrecoverablePosition');
    host.released(channel);
    return;
  }
  const ttl = session.ttl(grant.expiresAt);
  const expiry = ttl === undefined ? {} : ({ expires: true, ttl } as const);
  // Both in one turn, so that no push can come before the reply (H1).
  const subscription = session.add(channel, terms, grant.expiresAt);
  const result = subscribeResult({ ...expiry, ...place, data: grant.data });
  peer.send(reply(command.id, 'subscribe', result));
  session.announce('join', subscription);
}

function clientTerms(
  session: Session,
  { recoverable, positioned, joinLeave }: Subscribe,
  kind: ChannelKind,
  grant: SubGrant,
): Terms {
  if (!recoverable && !positioned && !joinLeave) return session.terms(kind, 'client', grant);
  const { isInsecure } = session.host;
  const mayRead = isInsecure || may('history', kind, session.user, true);
  const asked: Asked = {
    recoverable: recoverable && (kind.allowRecovery || mayRead),
    positioned: positioned && (kind.allowPositioning || mayRead),
    joinLeave:
      joinLeave && kind.joinLeave && (isInsecure || may('presence', kind, session.user, true)),
  };
  return termsOf(kind, 'client', { info: grant.info, override: grant.override, asked });
}
