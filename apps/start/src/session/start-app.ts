import type { Credentials, Session, SessionEvent, SignInOutcome } from '@telex/client';
import type { ControlRequest } from '../control/protocol.ts';
import type { Desktop } from '../desktop/desktop.ts';
import { StartError } from '../errors.ts';
import { readPush } from '../notify/arrival.ts';
import type { Decision } from '../notify/decision.ts';
import type { Journal } from '../notify/journal.ts';
import { createNotifier, type Notifier } from '../notify/notifier.ts';
import { clockTime } from '../notify/wording.ts';
import type { ReportWriter } from '../report/report-writer.ts';
import { createLoginLoop } from './login-loop.ts';
import { describe, type Status } from './status.ts';
import { createTestHops } from './test-hops.ts';

export interface StartAppPorts {
  readonly session: Session;
  readonly desktop: Desktop;
  readonly journal: Journal;
  readonly report: ReportWriter;
  readonly server: string;
  readonly clock: {
    now(): number;
    unixMs(): number;
    after(delayMs: number, run: () => void): () => void;
  };
}

/** Telex Start at work: session → policy → desktop, and what the commands ask for. */
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

export function createStartApp(ports: StartAppPorts): StartApp {
  const { session, desktop, report, clock } = ports;
  const quit = Promise.withResolvers<void>();
  const hops = createTestHops(clock);
  const login = createLoginLoop({
    dialog: desktop.login,
    server: ports.server,
    session,
    say: desktop.say,
    onQuit: quit.resolve,
  });
  const notifier = createNotifier({
    notifications: desktop.notifications,
    journal: ports.journal,
    clock,
    formatTime: clockTime,
    onFault: desktop.say,
    onDecision: (decision) => report.write(decisionLine(decision)),
    onRequested: ({ arrival, content }, requestedAt) => {
      if (content.kind === 'summary') return;
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
  const onEvent = createEventHandler(ports, notifier, {
    status: () => currentStatus(session, notifier),
    onTest: (id, at) => hops.received(id, at),
    onState: (status) => {
      const { state } = session;
      if (state.kind === 'signed-out') login.signedOut(state.reason, status.sentence);
      else login.signingIn();
    },
  });
  const stopListening = session.listen(onEvent);

  const signIn = (credentials: Credentials): Promise<SignInOutcome> => {
    login.remember(credentials.email);
    return session.signIn(credentials);
  };

  return {
    begin(credentials) {
      if (credentials !== undefined) void signIn(credentials);
      else void onEvent({ kind: 'state', state: session.state });
    },
    async handle(request) {
      switch (request.command) {
        case 'login': {
          const outcome = await signIn(request);
          if (!outcome.ok) throw new StartError('login_failed', outcome.fault.sentence);
          break;
        }
        case 'logout':
          session.signOut();
          break;
        case 'raise':
          if (session.state.kind === 'signed-out') login.raise();
          break;
        case 'test':
          if (session.state.kind === 'signed-out') {
            throw new StartError(
              'signed_out',
              'Nobody is signed in, so nothing can be sent. Sign in with: telex-start login',
            );
          }
          return hops.run(session.call.bind(session));
        case 'exit':
          quit.resolve();
          break;
        case 'status':
      }
      return {
        ...currentStatus(session, notifier),
        server: ports.server,
        pid: process.pid,
        counts: notifier.counts,
      };
    },
    quit: quit.promise,
    async close() {
      stopListening();
      login.close();
      notifier.close();
      await session.close();
      desktop.close();
      report.close();
    },
  };
}

interface Handlers {
  readonly status: () => Status;
  readonly onTest: (id: string, receivedAt: number) => void;
  readonly onState: (status: Status) => void;
}

/** Session events, turned into what the policy, the desktop and the report get. */
function createEventHandler(
  { desktop, report }: StartAppPorts,
  notifier: Notifier,
  { status, onTest, onState }: Handlers,
): (event: SessionEvent) => void | Promise<void> {
  let userId: string | undefined;
  let lastLine = '';
  return (event) => {
    switch (event.kind) {
      case 'push': {
        const read = readPush(event.push);
        if (
          read.kind === 'arrival' &&
          read.arrival.type === 'test' &&
          read.arrival.id !== undefined
        ) {
          onTest(read.arrival.id, event.push.receivedAt);
        }
        return notifier.feed(read);
      }
      case 'state': {
        const now = status();
        const signedInAs = now.user?.id;
        if (signedInAs !== userId) {
          userId = signedInAs;
          void notifier.feed(
            userId === undefined ? { kind: 'signed-out' } : { kind: 'signed-in', userId },
          );
        }
        desktop.showStatus(now);
        const line = JSON.stringify(now);
        if (line !== lastLine) report.write({ kind: 'state', ...now });
        lastLine = line;
        onState(now);
        return undefined;
      }
      case 'unread':
        desktop.showStatus(status());
        return undefined;
      case 'caught-up': {
        const hasGap = event.organisations.some(({ gap }) => gap);
        const done = notifier.feed({ kind: 'caught-up', hasGap, away: event.away });
        // What is posted from here on is live, and shown by itself.
        report.write({ kind: 'caught-up', pushes: event.pushes, gap: hasGap });
        return done;
      }
      case 'fault': {
        const { code, sentence } = event.fault;
        report.write({ kind: 'fault', code, sentence, organisation: event.organisation?.name });
        // A gap is told by the summary, whatever ends a session by the state.
        if (code === 'bad_push' || code === 'marks_unwritable') desktop.say(sentence);
        return undefined;
      }
    }
  };
}

function currentStatus(session: Session, notifier: Notifier): Status {
  return describe(session.state, session.unread, notifier.quiet);
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
