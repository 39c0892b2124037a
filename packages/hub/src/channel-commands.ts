import type { ChannelKind } from './channel-kinds.ts';
import { isTooLong } from './channel-name.ts';
import { clientInfo, memberIn } from './client-info.ts';
import type { ErrorName } from './codes.ts';
import type { CommandOf } from './commands.ts';
import { publicationText, reply } from './frames.ts';
import { readHistory } from './history.ts';
import { may, type Right } from './permissions.ts';
import { presenceResult, presenceStatsResult } from './presence.ts';
import { isFitting } from './publication-data.ts';
import type { Session } from './session.ts';

export function runPublish(session: Session, command: CommandOf<'publish'>): undefined {
  const { channel: name, data, id } = command;
  const { host, peer } = session;
  const kind = host.kindOf(name);
  const fault = rightFault(session, 'publish', name, kind);
  if (fault !== undefined || kind === undefined) {
    peer.fail(id, fault ?? 'unknownChannel');
  } else if (!isFitting(kind, data)) {
    peer.fail(id, 'badRequest');
  } else {
    const publisher = memberIn(session, session.find(name)?.terms.info);
    host.publish(name, kind, data, { info: clientInfo(publisher) });
    peer.send(reply(id, 'publish', '{}'));
  }
}

export function runHistory(session: Session, command: CommandOf<'history'>): undefined {
  const { channel: name, since, reverse, id } = command;
  const { host, peer } = session;
  const kind = host.kindOf(name);
  const fault = rightFault(session, 'history', name, kind);
  if (fault !== undefined || kind === undefined) {
    peer.fail(id, fault ?? 'unknownChannel');
    return;
  }
  const most = host.limits.historyPublications;
  const limit = command.limit < 0 ? most : Math.min(command.limit, most);
  const channel = host.channel(name, kind);
  const history = readHistory(channel, { limit, since, reverse }, host.clock.now());
  host.released(channel);
  if (typeof history === 'string') {
    peer.fail(id, history);
    return;
  }
  const { publications, epoch, offset } = history;
  const texts = publications.map((one) => publicationText(one, epoch));
  const result = `{"publications":[${texts.join(',')}],"epoch":"${epoch}","offset":${offset}}`;
  peer.send(reply(id, 'history', result));
}

export function runPresence(
  session: Session,
  { channel: name, method, id }: CommandOf<'presence' | 'presence_stats'>,
): undefined {
  const { host, peer } = session;
  const kind = host.kindOf(name);
  const fault = rightFault(session, 'presence', name, kind);
  if (fault !== undefined || kind === undefined) {
    peer.fail(id, fault ?? 'unknownChannel');
    return;
  }
  const channel = host.channel(name, kind);
  const members = channel.members();
  host.released(channel);
  const result = method === 'presence' ? presenceResult : presenceStatsResult;
  peer.send(reply(id, method, result(members)));
}

/** In stock Centrifugo's order: no such namespace, not kept at all, not allowed. Names are bounded besides. */
function rightFault(
  session: Session,
  right: Right,
  name: string,
  kind: ChannelKind | undefined,
): ErrorName | undefined {
  if (kind === undefined) return 'unknownChannel';
  const isOff =
    (right === 'history' && !kind.hasHistory) || (right === 'presence' && !kind.presence);
  if (isOff) return 'notAvailable';
  const isSubscribed = session.find(name) !== undefined;
  const { isInsecure, limits } = session.host;
  if (!isInsecure && !may(right, kind, session.user, isSubscribed)) return 'permissionDenied';
  return isTooLong(name, limits.channelNameBytes) ? 'badRequest' : undefined;
}
