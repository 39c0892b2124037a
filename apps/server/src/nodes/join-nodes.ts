import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import { watchForeignCommits } from './foreign-commits.ts';
import { seekLeadership } from './leadership.ts';

const EVENTS_EVERY_MS = 10;
/** Ended sessions are refused everywhere within a second (goals.md R5). */
const SESSIONS_EVERY_MS = 250;

export interface NodesOptions {
  /** Undefined: this server has its data for itself, so it sends at once and watches nothing. */
  readonly sharedFolder: string | undefined;
  readonly foreignVersion: () => number;
  readonly clock: Clock;
  readonly dispatcher: { start(): Promise<void>; othersCommitted(): Promise<void> };
  readonly sessions: { load(): Promise<void> };
  readonly failed: (error: unknown) => void;
}

/** Begins to send events, now or when it is this server's turn. Settles when it is decided which. */
export async function joinNodes(options: NodesOptions): Promise<{ close(): void }> {
  const { sharedFolder, foreignVersion: version, clock, dispatcher, sessions, failed } = options;
  if (sharedFolder === undefined) {
    await dispatcher.start();
    return { close() {} };
  }
  const parts = [
    seekLeadership({
      file: join(sharedFolder, 'sending.lock'),
      lead: () => void dispatcher.start().catch(failed),
      ...{ clock, failed },
    }),
    watchForeignCommits({
      everyMs: EVENTS_EVERY_MS,
      seen: () => dispatcher.othersCommitted(),
      ...{ version, clock, failed },
    }),
    watchForeignCommits({
      everyMs: SESSIONS_EVERY_MS,
      seen: () => sessions.load(),
      ...{ version, clock, failed },
    }),
  ];
  return {
    close: () => {
      for (const part of parts) part.close();
    },
  };
}
