import { disconnects, unsubscribes } from './codes.ts';
import type { CommandOf } from './commands.ts';
import { expiryResult, reply } from './frames.ts';
import { judge, type Soon, whenThere } from './judging.ts';
import type { ConnectionGrant, TokenFault } from './ports.ts';
import type { Session } from './session.ts';
import { isOwn } from './subscribe-command.ts';

type Refresh = CommandOf<'refresh'>;
type SubRefresh = CommandOf<'sub_refresh'>;

export function runRefresh(session: Session, command: Refresh): Soon<undefined> {
  const { host, peer } = session;
  return whenThere(
    judge(() => host.verifier.connection(command.token)),
    (verdict): undefined => {
      if (session.isOver) return;
      const { grant } = verdict;
      if (grant !== undefined && grant.user !== session.user) {
        peer.close(disconnects.invalidToken);
      } else if (grant !== undefined && !hasSameChannels(grant, session.grant)) {
        peer.close(disconnects.insufficientState);
      } else if (!verdict.ok) {
        refuse(session, command, verdict.fault, () => peer.close(disconnects.expired));
      } else {
        // A token without info leaves the one that there is.
        const info = verdict.grant.info ?? session.connInfo;
        session.renew(info === undefined ? verdict.grant : { ...verdict.grant, info });
        answer(session, command, verdict.grant.expiresAt);
      }
    },
  );
}

export function runSubRefresh(session: Session, command: SubRefresh): Soon<undefined> {
  const { host, peer } = session;
  const subscription = session.find(command.channel);
  if (subscription === undefined) {
    peer.fail(command.id, 'permissionDenied');
    return undefined;
  }
  if (subscription.terms.origin === 'server') {
    // What the server gave, the server prolongs.
    peer.close(disconnects.badRequest);
    return undefined;
  }
  if (command.token === '') {
    peer.fail(command.id, 'badRequest');
    return undefined;
  }
  return whenThere(
    judge(() => host.verifier.subscription(command.token)),
    (verdict): undefined => {
      if (session.isOver) return;
      const { grant } = verdict;
      if (grant !== undefined && !isOwn(session, grant, command.channel)) {
        peer.close(disconnects.invalidToken);
      } else if (!verdict.ok) {
        refuse(session, command, verdict.fault, () => {
          // The client subscribes again with a new token; 109 here would end it for good (§6).
          peer.send(reply(command.id, command.method, '{}'));
          session.unsubscribe(command.channel, unsubscribes.expired);
        });
      } else {
        const { expiresAt, info } = verdict.grant;
        const { terms } = subscription;
        session.change(subscription, info === terms.info ? terms : { ...terms, info }, expiresAt);
        answer(session, command, expiresAt);
      }
    },
  );
}

function refuse(
  { peer }: Session,
  { id }: Refresh | SubRefresh,
  fault: TokenFault,
  whenExpired: () => void,
): void {
  switch (fault) {
    case 'expired':
      whenExpired();
      break;
    case 'ended':
      peer.fail(id, 'expired');
      break;
    case 'unavailable':
      peer.fail(id, 'internal');
      break;
    case 'invalid':
    case 'denied':
      peer.close(disconnects.invalidToken);
      break;
  }
}

function answer(
  session: Session,
  { id, method }: Refresh | SubRefresh,
  expiresAt: number | undefined,
): void {
  session.peer.send(reply(id, method, expiryResult(session.ttl(expiresAt))));
}

function hasSameChannels({ subs: one }: ConnectionGrant, { subs: other }: ConnectionGrant) {
  if ((one?.size ?? 0) !== (other?.size ?? 0)) return false;
  return one === undefined || [...one.keys()].every((name) => other?.has(name) === true);
}
