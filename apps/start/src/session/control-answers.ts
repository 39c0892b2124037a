import type { Credentials, SignInOutcome } from '@telex/client';
import { commandOf } from '../control/command-of.ts';
import type { ControlHandler } from '../control/server.ts';
import { StartError } from '../errors.ts';
import type { Notifier } from '../notify/notifier.ts';
import type { MenuCommand } from '../tray/menu-command.ts';
import type { CommandOutcome } from './carry-out.ts';
import type { LoginLoop } from './login-loop.ts';
import type { RecentNotifications } from './recent-notifications.ts';
import type { SessionSwitch } from './session-switch.ts';
import { signInSentence } from './sign-in-sentence.ts';
import type { Status } from './status.ts';

export interface ControlAnswerPorts {
  readonly session: Pick<SessionSwitch, 'state' | 'server'>;
  readonly status: () => Status;
  readonly notifier: Pick<Notifier, 'counts'>;
  readonly recent: RecentNotifications;
  readonly login: Pick<LoginLoop, 'raise'>;
  readonly signIn: (credentials: Credentials, server: string | undefined) => Promise<SignInOutcome>;
  readonly carryOut: (command: MenuCommand) => Promise<CommandOutcome>;
  /** Shows a notification of Telex Start's own. */
  readonly tell: (title: string, sentence: string) => void;
}

/** What the commands of the control socket are answered with. */
export function createControlAnswers(ports: ControlAnswerPorts): ControlHandler {
  const statusReply = () => ({
    ...ports.status(),
    server: ports.session.server?.origin ?? null,
    pid: process.pid,
    counts: ports.notifier.counts,
  });

  /** What cannot be done becomes an error; a test tells of its hops itself. */
  const outcomeOf = async (command: MenuCommand): Promise<object> => {
    const { ok, test, title, sentence } = await ports.carryOut(command);
    if (test !== undefined) return test;
    if (ok) return { ...statusReply(), outcome: sentence };
    if (command.kind !== 'test') throw new StartError('main_app_failed', sentence);
    ports.tell(title, sentence);
    throw new StartError('signed_out', sentence);
  };

  return async (request) => {
    switch (request.command) {
      case 'login': {
        const { email, password, server } = request;
        const outcome = await ports.signIn({ email, password }, server);
        if (!outcome.ok) throw new StartError('login_failed', signInSentence(outcome.fault));
        return statusReply();
      }
      case 'raise':
        if (ports.session.state.kind === 'signed-out') ports.login.raise();
        return statusReply();
      case 'recent':
        return { notifications: ports.recent.list };
      case 'status':
        return statusReply();
      default:
        return await outcomeOf(commandOf(request));
    }
  };
}
