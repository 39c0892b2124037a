import type { Credentials } from '@telex/client';
import { commandOf } from '../control/command-of.ts';
import type { ControlRequest } from '../control/protocol.ts';
import type { Desktop } from '../desktop/desktop.ts';
import { StartError } from '../errors.ts';
import type { MainApp } from '../main-app/main-app.ts';
import type { Decision } from '../notify/decision.ts';
import type { Journal } from '../notify/journal.ts';
import { createNotifier, type Notifier } from '../notify/notifier.ts';
import { clockTime, wordsOf } from '../notify/wording.ts';
import type { ReportWriter } from '../report/report-writer.ts';
import { noServer, readServerAddress } from '../settings.ts';
import type { MenuCommand } from '../tray/menu-command.ts';
import { createBubbleActions, targetOf } from './bubble-actions.ts';
import { createCarryOut } from './carry-out.ts';
import type { KnownLogin } from './known-login.ts';
import { createLoginLoop } from './login-loop.ts';
import { createMutes } from './mutes.ts';
import { createOfflineNotice } from './offline-notice.ts';
import { createRecentNotifications } from './recent-notifications.ts';
import { createSessionListener } from './session-listener.ts';
import type { SessionSwitch } from './session-switch.ts';
import { describe, type Status } from './status.ts';
import { createTestHops } from './test-hops.ts';

export interface StartAppPorts {
  readonly session: SessionSwitch;
  readonly desktop: Desktop;
  readonly mainApp: MainApp;
  readonly journal: Journal;
  readonly report: ReportWriter;
  /** Filled in by the login dialog. */
  readonly email: string | undefined;
  readonly saveKnown: (login: KnownLogin) => Promise<void>;
  readonly clock: {
    now(): number;
    unixMs(): number;
    after(delayMs: number, run: () => void): () => void;
  };
}

/** Telex Start at work: session → policy → desktop, and what menu, notifications and commands ask for. */
export interface StartApp {
  /** Signs in with credentials that came along; else the login is asked for. */
  begin(credentials: Credentials | undefined): void;
  /** Answers a command of the control socket. */
  handle(request: ControlRequest): Promise<unknown>;
  /** Settles when the end was asked for. */
  readonly quit: Promise<void>;
  /** Idempotent; takes no longer than the session's own `close`. */
  close(): Promise<void>;
}

/** The bubble of Telex Start's own words. */
const NOTE = 'note';

export function createStartApp(ports: StartAppPorts): StartApp {
  const { session, desktop, mainApp, report, clock } = ports;
  const quit = Promise.withResolvers<void>();
  const hops = createTestHops(clock);
  const mutes = createMutes();
  const recent = createRecentNotifications();

  const status = (): Status =>
    describe(session.state, session.unread, {
      quiet: notifier.quiet,
      pausedUntilUnixMs: notifier.pausedUntilUnixMs,
      muted: mutes.active(clock.unixMs()),
    });
  const refresh = (): void => {
    const { isOpen, canOpen } = mainApp;
    desktop.show({ status: status(), recent: recent.list, mainApp: { isOpen, canOpen } });
  };
  /** Tells something that was asked for, where the one who asked is looking. */
  const tell = (title: string, sentence: string): void => {
    const content = {
      kind: 'note',
      title: title === '' ? 'Telex' : title,
      text: sentence,
    } as const;
    const words = { ...wordsOf(content, clockTime), content };
    showQuietly(desktop, NOTE, { ...words, sound: false, actions: [], urgency: 'normal' });
  };
  const choose = async (command: MenuCommand): Promise<void> => {
    const { title, sentence } = await carryOut(command);
    if (sentence !== '') tell(title, sentence);
  };

  const login = createLoginLoop({
    dialog: desktop.login,
    known: { server: session.server?.origin, email: ports.email },
    session,
    say: desktop.say,
    onSignedIn: (known) => {
      mainApp.useServer(known.server);
      ports.saveKnown(known).catch(() => {});
    },
    onQuit: quit.resolve,
  });
  const act = createBubbleActions({
    ...{ session, mutes, tell, unixMs: clock.unixMs },
    notifier: () => notifier,
    carryOut: (command) => void choose(command),
  });
  const notifier: Notifier = createNotifier({
    notifications: desktop.notifications,
    journal: ports.journal,
    clock,
    formatTime: clockTime,
    onFault: desktop.say,
    onAction: (action, arrival) => {
      act(action, arrival);
      refresh();
    },
    onQuiet: refresh,
    onDecision: (decision) => report.write(decisionLine(decision)),
    onRequested: ({ arrival, content }, requestedAt) => {
      const target = arrival === undefined ? undefined : targetOf(arrival);
      recent.add({ ...wordsOf(content, clockTime), atUnixMs: clock.unixMs(), target });
      if (content.kind === 'summary' || content.kind === 'note') return;
      report.write({
        kind: 'notification',
        notification_id: arrival?.id,
        thread_id: arrival?.threadId,
        message_id: arrival?.messageId,
        author: content.author,
        text: content.text,
        // Finer than a Date, and comparable with other processes of this machine.
        shown_at_ms: performance.timeOrigin + performance.now() - (clock.now() - requestedAt),
      });
    },
    onShown: ({ type, id }) => {
      if (type === 'test' && id !== undefined) hops.shown(id, clock.now());
    },
  });
  const carryOut = createCarryOut({
    ...{ session, login, notifier, mainApp, mutes, hops, refresh, unixMs: clock.unixMs },
    quit: quit.resolve,
  });
  const offlineNotice = createOfflineNotice(clock.after, () =>
    tell('No notifications arrive', status().sentence),
  );

  const stopListening = session.listen(
    createSessionListener({
      ...{ notifier, report, status, refresh, say: desktop.say },
      onTest: (id, at) => hops.received(id, at),
      onUser: (userId) => {
        recent.clear();
        if (userId !== undefined) login.signedIn();
      },
      onState: ({ sentence }) => {
        const { state } = session;
        offlineNotice.state(state.kind);
        if (state.kind === 'signed-out') login.signedOut(state.reason, sentence);
      },
    }),
  );
  mainApp.useServer(session.server?.origin);
  mainApp.listen(refresh);
  desktop.listen((event) => {
    switch (event.kind) {
      case 'chosen':
        void choose(event.command);
        break;
      case 'quiet':
      case 'quiet-over':
        void notifier.feed(event);
        break;
      case 'reconnect':
        // A pause may have ended while the machine slept.
        void notifier.feed({ kind: 'wake' });
        session.reconnectNow();
        break;
      case 'menu-opening':
        mainApp.look();
        break;
      case 'over':
        quit.resolve();
        break;
    }
  });

  const signIn = async (credentials: Credentials, typed?: string) => {
    const server = typed === undefined ? session.server : readServerAddress(typed);
    if (server === undefined) throw noServer(undefined);
    const outcome = await session.signIn(
      { email: credentials.email, password: credentials.password },
      server,
    );
    if (outcome.ok) {
      const known = { server: server.origin, email: credentials.email };
      login.remember(known);
      ports.saveKnown(known).catch(() => {});
    }
    return outcome;
  };

  /** What cannot be done becomes an error; a test tells of its hops itself. */
  const outcomeOf = async (command: MenuCommand): Promise<object> => {
    const { ok, test, sentence } = await carryOut(command);
    if (test !== undefined) return test;
    if (ok) return { ...statusReply(), outcome: sentence };
    const code = command.kind === 'test' ? 'signed_out' : 'main_app_failed';
    throw new StartError(code, sentence);
  };
  const statusReply = () => ({
    ...status(),
    server: session.server?.origin ?? null,
    pid: process.pid,
    counts: notifier.counts,
  });

  return {
    begin(credentials) {
      refresh();
      if (credentials !== undefined) {
        login.remember({ server: session.server?.origin, email: credentials.email });
        signIn(credentials).catch((error: Error) => desktop.say(error.message, 'outcome'));
      } else if (session.state.kind === 'signed-out') {
        login.signedOut(session.state.reason, status().sentence);
      }
    },
    async handle(request) {
      switch (request.command) {
        case 'login': {
          const outcome = await signIn(request, request.server);
          if (!outcome.ok) throw new StartError('login_failed', outcome.fault.sentence);
          break;
        }
        case 'raise':
          if (session.state.kind === 'signed-out') login.raise();
          break;
        case 'recent':
          return { notifications: recent.list };
        case 'status':
          break;
        default:
          return await outcomeOf(commandOf(request));
      }
      return statusReply();
    },
    quit: quit.promise,
    async close() {
      stopListening();
      login.close();
      offlineNotice.close();
      notifier.close();
      void desktop.notifications.close(NOTE);
      mainApp.close();
      await session.close();
      desktop.close();
      report.close();
    },
  };
}

/** A desktop that takes none has said so already, or will at the next message. */
function showQuietly(
  { notifications }: Desktop,
  ...shown: Parameters<Desktop['notifications']['show']>
): void {
  try {
    Promise.resolve(notifications.show(...shown)).catch(() => {});
  } catch {
    // As above.
  }
}

function decisionLine(decision: Decision): Readonly<Record<string, unknown>> {
  const arrival = 'arrival' in decision ? decision.arrival : undefined;
  return {
    kind: 'decision',
    decision: decision.kind,
    rule: decision.rule,
    reason: decision.reason,
    notification_id: arrival?.id,
    message_id: arrival?.messageId,
    ...('content' in decision && decision.content.kind === 'summary'
      ? { summary: decision.content }
      : {}),
  };
}
