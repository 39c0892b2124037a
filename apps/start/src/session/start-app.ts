import type { Credentials } from '@telex/client';
import type { ControlHandler } from '../control/server.ts';
import type { Desktop } from '../desktop/desktop.ts';
import type { MainApp } from '../main-app/main-app.ts';
import type { Journal } from '../notify/journal.ts';
import { createNotifier, type Notifier } from '../notify/notifier.ts';
import { clockTime, wordsOf } from '../notify/wording.ts';
import type { ReportWriter } from '../report/report-writer.ts';
import { noServer, readServerAddress } from '../settings.ts';
import type { MenuCommand } from '../tray/menu-command.ts';
import { createBubbleActions, targetOf } from './bubble-actions.ts';
import { createCarryOut } from './carry-out.ts';
import { createControlAnswers } from './control-answers.ts';
import { createGiveBack } from './give-back.ts';
import type { KnownLogin } from './known-login.ts';
import { createLoginLoop } from './login-loop.ts';
import { createMutes } from './mutes.ts';
import { createOfflineNotice } from './offline-notice.ts';
import { createOwnNotes } from './own-notes.ts';
import { createRecentNotifications } from './recent-notifications.ts';
import { decisionLine, notificationLine } from './report-lines.ts';
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
  /** Collects garbage; undefined: it can't be asked for. */
  readonly collect?: (() => void) | undefined;
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
  readonly handle: ControlHandler;
  /** Settles when the end was asked for. */
  readonly quit: Promise<void>;
  /** Idempotent; takes no longer than the session's own `close`. */
  close(): Promise<void>;
}

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
    giveBack.busy();
    const { isOpen, canOpen } = mainApp;
    desktop.show({ status: status(), recent: recent.list, mainApp: { isOpen, canOpen } });
  };
  const notes = createOwnNotes(desktop);
  const giveBack = createGiveBack({ clock, collect: ports.collect });
  const choose = async (command: MenuCommand): Promise<void> => {
    const { title, sentence } = await carryOut(command);
    // A pause is seen in the tray; whoever asks for quiet wants no notification of it.
    const isSeen = command.kind === 'pause' || command.kind === 'resume';
    if (sentence !== '' && !isSeen) notes.tell(title, sentence);
  };

  const signedIn = (known: KnownLogin): void => {
    mainApp.useServer(known.server);
    // Only a convenience of the next start.
    ports.saveKnown(known).catch(() => {});
  };

  const login = createLoginLoop({
    dialog: desktop.login,
    known: { server: session.server?.origin, email: ports.email },
    session,
    say: desktop.say,
    onSignedIn: signedIn,
    onQuit: quit.resolve,
  });
  const act = createBubbleActions({
    ...{ session, mutes, tell: notes.tell, unixMs: clock.unixMs },
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
    onRequested: (decision, requestedAt) => {
      const { arrival, content } = decision;
      const target = arrival === undefined ? undefined : targetOf(arrival);
      recent.add({ ...wordsOf(content, clockTime), atUnixMs: clock.unixMs(), target });
      refresh();
      const line = notificationLine(decision, clock.now() - requestedAt);
      if (line !== undefined) report.write(line);
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
    notes.tell('No notifications arrive', status().sentence),
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

  const signIn = async ({ email, password }: Credentials, typed?: string) => {
    const server = typed === undefined ? session.server : readServerAddress(typed);
    if (server === undefined) throw noServer(undefined);
    const outcome = await session.signIn({ email, password }, server);
    if (outcome.ok) {
      const known = { server: server.origin, email };
      login.remember(known);
      signedIn(known);
    }
    return outcome;
  };

  return {
    begin(credentials) {
      if (credentials !== undefined) {
        login.remember({ server: session.server?.origin, email: credentials.email });
        signIn(credentials).catch((error: Error) => desktop.say(error.message, 'outcome'));
        return;
      }
      refresh();
      if (session.state.kind === 'signed-out') {
        login.signedOut(session.state.reason, status().sentence);
      }
    },
    handle: createControlAnswers({
      ...{ session, status, notifier, recent, login, signIn, carryOut, tell: notes.tell },
    }),
    quit: quit.promise,
    async close() {
      stopListening();
      login.close();
      offlineNotice.close();
      notifier.close();
      notes.close();
      giveBack.close();
      mainApp.close();
      await session.close();
      desktop.close();
      report.close();
    },
  };
}
