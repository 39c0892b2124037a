import type { MainApp } from '../main-app/main-app.ts';
import type { Notifier } from '../notify/notifier.ts';
import type { MenuCommand } from '../tray/menu-command.ts';
import { createTrayTimes } from '../tray/tray-words.ts';
import type { LoginLoop } from './login-loop.ts';
import type { Mutes } from './mutes.ts';
import { pauseUntil } from './pause-until.ts';
import type { SessionSwitch } from './session-switch.ts';
import type { TestHops, TestOutcome } from './test-hops.ts';

export interface CarryOutPorts {
  readonly session: Pick<SessionSwitch, 'state' | 'call' | 'signOut' | 'reconnectNow'>;
  readonly login: LoginLoop;
  readonly notifier: Notifier;
  readonly mainApp: MainApp;
  readonly mutes: Mutes;
  readonly hops: TestHops;
  readonly unixMs: () => number;
  readonly quit: () => void;
  /** The state shown must be made anew. */
  readonly refresh: () => void;
}

/** What came of a command: a sentence for people; for a test also its hops. */
export interface CommandOutcome {
  readonly ok: boolean;
  readonly title: string;
  /** Empty: what happened can be seen by itself. */
  readonly sentence: string;
  readonly test?: TestOutcome;
}

/** The scope that means every mute. */
export const ALL_MUTES = 'all';

const done: CommandOutcome = { ok: true, title: '', sentence: '' };

/** Carries out what a person asked for, by menu, notification or command. Never rejects. */
export function createCarryOut(
  ports: CarryOutPorts,
): (command: MenuCommand) => Promise<CommandOutcome> {
  const { session, login, notifier, mainApp, mutes } = ports;
  const times = createTrayTimes(ports.unixMs);

  const test = async (): Promise<CommandOutcome> => {
    const title = 'Test notification';
    if (session.state.kind === 'signed-out') {
      const sentence =
        'Shown by this machine alone: nobody is signed in, so no message would arrive. Sign in first.';
      return { ok: false, title, sentence };
    }
    const outcome = await ports.hops.run((name, input) => session.call(name, input));
    return { ok: outcome.arrived, title, sentence: testSentence(outcome), test: outcome };
  };

  return async (command) => {
    switch (command.kind) {
      case 'login':
        login.raise();
        return done;
      case 'logout':
        session.signOut();
        return done;
      case 'open':
        return { title: 'Open Main App', ...(await mainApp.open(command.target)) };
      case 'close-main-app':
        return { title: 'Close Main App', ...(await mainApp.end()) };
      case 'test':
        return test();
      case 'pause': {
        const untilUnixMs = pauseUntil(command.length, ports.unixMs());
        await notifier.feed({ kind: 'quiet', reason: 'paused', untilUnixMs });
        ports.refresh();
        const sentence = `Notifications are paused until ${times.minute(untilUnixMs)}.`;
        return { ok: true, title: '', sentence };
      }
      case 'resume':
        await notifier.feed({ kind: 'quiet-over', reason: 'paused' });
        ports.refresh();
        return { ok: true, title: '', sentence: 'Notifications are shown again.' };
      case 'unmute':
        for (const { scope } of mutes.active(ports.unixMs())) {
          if (command.scope !== ALL_MUTES && command.scope !== scope) continue;
          mutes.remove(scope);
          await notifier.feed({ kind: 'unmute', scope });
        }
        ports.refresh();
        return done;
      case 'reconnect':
        session.reconnectNow();
        return done;
      case 'exit':
        ports.quit();
        return done;
    }
  };
}

/** The round trip, or the hop where it was lost. */
export function testSentence(outcome: TestOutcome): string {
  if (!outcome.arrived) return `Lost before it was ${outcome.broken}: ${outcome.sentence}`;
  const took = outcome.hops.at(-1)?.ms ?? 0;
  const hops = outcome.hops.map(({ hop, ms }) => `${hop} ${ms.toFixed(0)}`).join(', ');
  return `It took ${took.toFixed(0)} ms from the request through the server to this desktop (${hops}).`;
}
