import { createSession } from '@telex/client';
import { createNodePorts } from '@telex/client/node';
import { type FakeTelex, type FakeTelexOptions, startFakeTelex } from '@telex/testkit';
import { expect } from 'vitest';
import { createFakeDesktop, type FakeDesktop } from '../src/desktop/test/fake-desktop.ts';
import { createFakeMainApp, type FakeMainApp } from '../src/main-app/test/fake-main-app.ts';
import { createMemoryJournal } from '../src/notify/journal.ts';
import type { KnownLogin } from '../src/session/known-login.ts';
import { createSessionSwitch } from '../src/session/session-switch.ts';
import { createStartApp, type StartApp } from '../src/session/start-app.ts';
import type { Status } from '../src/session/status.ts';

export const credentials = { email: 'ann@example.org', password: 'hunter2' };

/** Telex Start in this process: a real session with a scripted server, and a desktop that the test acts on. */
export interface TestApp {
  readonly telex: FakeTelex;
  readonly desktop: FakeDesktop;
  readonly mainApp: FakeMainApp;
  readonly app: StartApp;
  readonly reports: Readonly<Record<string, unknown>>[];
  readonly saved: readonly KnownLogin[];
  readonly status: () => Status | undefined;
  /** The bodies of everything shown so far, a line each. */
  readonly bodies: () => string;
  /** Signs in and waits until it is live. */
  live(): Promise<void>;
  /** Sends a push of this shape to the user. */
  push(data: unknown, type?: string): void;
  close(): Promise<void>;
}

export interface TestAppOptions {
  /** Origin of another server than the scripted one. */
  readonly server?: string;
  readonly ca?: string;
  readonly telex?: FakeTelexOptions;
}

export async function startTestApp(options: TestAppOptions = {}): Promise<TestApp> {
  const telex = await startFakeTelex(options.telex);
  const desktop = createFakeDesktop();
  const mainApp = createFakeMainApp();
  const reports: Readonly<Record<string, unknown>>[] = [];
  const saved: KnownLogin[] = [];
  const ports = createNodePorts(options.ca === undefined ? {} : { ca: options.ca });
  const server = { origin: options.server ?? telex.url, isLoopbackHttp: true };
  const app = createStartApp({
    session: createSessionSwitch(server, ({ origin }) =>
      createSession({ apiUrl: origin, allowLoopbackHttp: true, ports }),
    ),
    ...{ desktop, mainApp, clock: ports.clock, email: undefined },
    journal: createMemoryJournal(),
    report: { write: (line) => void reports.push(line), close: () => {} },
    saveKnown: async (known) => void saved.push(known),
  });
  const status = () => desktop.facts?.status;
  let sent = 0;
  return {
    ...{ telex, desktop, mainApp, app, reports, saved, status },
    bodies: () => desktop.notifications.shown.map(({ body }) => body).join('\n'),
    async live() {
      app.begin(credentials);
      await until(() => status()?.state === 'live');
    },
    push(data, type = 'unread_thread_change') {
      sent += 1;
      telex.publish('org-1/user-1', {
        ...{ notification_id: `push-${sent}`, notification_type: type },
        ...{ section: 'channels_section', data },
      });
    },
    async close() {
      await app.close();
      await telex.close();
    },
  };
}

/** Waits until it is so; fails after ten seconds. */
export function until(isSo: () => boolean): Promise<void> {
  return expect.poll(isSo, { timeout: 10_000, interval: 5 }).toBe(true);
}
