import type { SessionEvent } from '@telex/client';
import { readPush } from '../notify/arrival.ts';
import type { Notifier } from '../notify/notifier.ts';
import type { ReportWriter } from '../report/report-writer.ts';
import type { Status } from './status.ts';

export interface SessionListenerPorts {
  readonly notifier: Notifier;
  readonly report: ReportWriter;
  readonly say: (sentence: string) => void;
  readonly status: () => Status;
  /** A test notification came in, at this time of the monotonic clock. */
  readonly onTest: (id: string, receivedAt: number) => void;
  /** The state has changed; it is not shown yet. */
  readonly onState: (status: Status) => void;
  /** Another user is signed in than before; undefined: nobody. */
  readonly onUser: (userId: string | undefined) => void;
  /** What the desktop shows is out of date. */
  readonly refresh: () => void;
}

/** Session events, turned into what the policy, the desktop and the report get. */
export function createSessionListener(
  ports: SessionListenerPorts,
): (event: SessionEvent) => void | Promise<void> {
  const { notifier, report, status } = ports;
  let userId: string | undefined;
  let lastLine = '';
  /** Faults that repeat with every push are told once. */
  const told = new Set<string>();

  const tellUser = (now: string | undefined): void => {
    if (now === userId) return;
    const hadUser = userId !== undefined;
    userId = now;
    told.clear();
    // Also where one user follows another: nothing of the first may stay.
    if (hadUser) void notifier.feed({ kind: 'signed-out' });
    if (now !== undefined) void notifier.feed({ kind: 'signed-in', userId: now });
    ports.onUser(now);
  };

  return (event) => {
    switch (event.kind) {
      case 'push': {
        const read = readPush(event.push);
        if (
          read.kind === 'arrival' &&
          read.arrival.type === 'test' &&
          read.arrival.id !== undefined
        ) {
          ports.onTest(read.arrival.id, event.push.receivedAt);
        }
        return notifier.feed(read);
      }
      case 'state': {
        const now = status();
        tellUser(now.user?.id);
        ports.refresh();
        const line = JSON.stringify(now);
        if (line !== lastLine) report.write({ kind: 'state', ...now });
        lastLine = line;
        ports.onState(now);
        return undefined;
      }
      case 'unread':
        ports.refresh();
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
        const isTold = code === 'bad_push' || code === 'marks_unwritable';
        if (isTold && !told.has(code)) ports.say(sentence);
        told.add(code);
        return undefined;
      }
    }
  };
}
