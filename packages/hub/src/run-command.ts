import { runHistory, runPresence, runPublish } from './channel-commands.ts';
import type { Command } from './commands.ts';
import { reply } from './frames.ts';
import type { Soon } from './judging.ts';
import { runRefresh, runSubRefresh } from './refresh-commands.ts';
import type { Session } from './session.ts';
import { runSubscribe } from './subscribe-command.ts';

/** Carries out what a signed-in client asks for. A promise where a token must be waited for. */
export function runCommand(session: Session, command: Command): Soon<undefined> {
  switch (command.method) {
    case 'connect':
      return undefined;
    case 'subscribe':
      return runSubscribe(session, command);
    case 'unsubscribe':
      session.remove(command.channel);
      session.peer.send(reply(command.id, command.method, '{}'));
      return undefined;
    case 'refresh':
      return runRefresh(session, command);
    case 'sub_refresh':
      return runSubRefresh(session, command);
    case 'publish':
      return runPublish(session, command);
    case 'history':
      return runHistory(session, command);
    case 'presence':
    case 'presence_stats':
      return runPresence(session, command);
    case 'rpc':
      session.peer.fail(command.id, 'notAvailable');
      return undefined;
  }
}
