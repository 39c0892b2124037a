import { type BusProcess, createFakeClock, launchBus } from '@telex/testkit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readEnvironment } from '../../environment.ts';
import { factsOf, live, signedOut } from '../../tray/test/facts.ts';
import type { Desktop, DesktopEvent } from '../desktop.ts';
import { openBus } from './bus.ts';
import { openLinuxDesktop } from './linux-desktop.ts';
import { type FakeTrayHost, startFakeTrayHost } from './test/fake-tray-host.ts';
import { PANEL_LIMIT_MS } from './tray-notice.ts';

let daemon: BusProcess;
const toClose: { close(): void }[] = [];
const logged: string[] = [];

beforeEach(async () => {
  daemon = await launchBus();
  logged.length = 0;
});
afterEach(async () => {
  for (const each of toClose.splice(0)) each.close();
  await daemon.stop();
});

async function openDesktop({ address = daemon.address, isForced = true } = {}) {
  const clock = createFakeClock();
  const desktop = await openLinuxDesktop({
    environment: {
      ...readEnvironment({ PATH: '/nowhere' }),
      // Not the one of this machine.
      systemBus: 'unix:path=/nowhere/at/all',
    },
    ...{ address, isForced, log: (line: string) => void logged.push(line) },
    ...{ unixMs: clock.unixMs, after: clock.after },
  });
  if (desktop !== undefined) toClose.push(desktop);
  return { desktop, clock };
}

async function opened(): Promise<{
  readonly desktop: Desktop;
  readonly clock: ReturnType<typeof createFakeClock>;
}> {
  const { desktop, clock } = await openDesktop();
  if (desktop === undefined) throw new Error('there is no desktop');
  return { desktop, clock };
}

async function startHost(): Promise<FakeTrayHost> {
  const host = await startFakeTrayHost(daemon.address);
  toClose.push(host);
  return host;
}

/** A daemon that takes every notification, and does what the test says. */
async function startNotificationDaemon() {
  const name = 'org.freedesktop.Notifications';
  const path = '/org/freedesktop/Notifications';
  const bus = openBus(daemon.address);
  toClose.push(bus);
  const taken: { readonly body: string; readonly actions: readonly string[] }[] = [];
  let look = () => {};
  bus.exportObject(path, [
    {
      name,
      methods: {
        GetCapabilities: { in: '', out: 'as', run: () => [['actions', 'body']] },
        GetServerInformation: { in: '', out: 'ssss', run: () => ['fake', '', '', '1.2'] },
        CloseNotification: { in: 'u', out: '', run: () => [] },
        Notify: {
          in: 'susssasa{sv}i',
          out: 'u',
          run([, , , , body, actions]) {
            taken.push({ body: String(body), actions: (actions as string[]) ?? [] });
            // After the answer, as a daemon is told of clicks.
            setImmediate(() => look());
            return [taken.length];
          },
        },
      },
    },
  ]);
  await bus.call({
    ...{ destination: 'org.freedesktop.DBus', path: '/org/freedesktop/DBus' },
    ...{ interface: 'org.freedesktop.DBus', member: 'RequestName' },
    ...{ signature: 'su', body: [name, 4] },
  });
  return {
    taken,
    until: (count: number) =>
      new Promise<void>((resolve) => {
        look = () => {
          if (taken.length >= count) resolve();
        };
        look();
      }),
    async invoke(id: number, action: string) {
      // After the answer to Notify, which is sent in this turn.
      await new Promise(setImmediate);
      bus.emit({
        ...{ path, interface: name, member: 'ActionInvoked' },
        ...{ signature: 'us', body: [id, action] },
      });
    },
  };
}

/** Collects what the desktop tells, and waits for one of a kind. */
function follow(desktop: Desktop) {
  const events: DesktopEvent[] = [];
  let look = () => {};
  desktop.listen((event) => {
    events.push(event);
    look();
  });
  return (kind: DesktopEvent['kind']) =>
    new Promise<DesktopEvent>((resolve) => {
      look = () => {
        const found = events.find((event) => event.kind === kind);
        if (found !== undefined) resolve(found);
      };
      look();
    });
}

describe('opening', () => {
  test('where there is no bus there is no desktop, unless it is forced', async () => {
    const address = 'unix:path=/nowhere/at/all';
    expect((await openDesktop({ address, isForced: false })).desktop).toBeUndefined();
    expect((await openDesktop({ address })).desktop).toBeDefined();
    expect(logged.join()).toContain('There is no session bus');
  });

  test('[Y10] a click that comes while the program is still being loaded is told later', async () => {
    const host = await startHost();
    const { desktop } = await opened();
    await host.registered(1);
    expect((await host.item()).Title).toBe('Telex: connecting');
    const [errors] = await host.menuCall('EventGroup', 'a(isvu)', [[[5, 'clicked', ['i', 0], 0]]]);
    expect(errors).toEqual([]);
    expect(await follow(desktop)('chosen')).toEqual({ kind: 'chosen', command: { kind: 'exit' } });
  });

  test('a menu that is about to be shown is told', async () => {
    const host = await startHost();
    const { desktop } = await opened();
    await host.registered(1);
    const next = follow(desktop);
    await host.menuCall('AboutToShow', 'i', [0]);
    expect(await next('menu-opening')).toEqual({ kind: 'menu-opening' });
  });
});

describe('what is said', () => {
  test('goes to the log; an outcome is shown too, several of one turn together', async () => {
    const notifications = await startNotificationDaemon();
    const { desktop } = await opened();
    desktop.say('for the log');
    desktop.say('First.', 'outcome');
    desktop.say('Second.', 'outcome');
    await notifications.until(1);
    expect(notifications.taken.map(({ body }) => body)).toEqual(['First. Second.']);
    expect(logged).toEqual(['for the log', 'First.', 'Second.']);
  });

  test('ends nothing where nobody shows it', async () => {
    const { desktop } = await opened();
    desktop.say('Lost.', 'outcome');
    await new Promise(setImmediate);
    expect(logged).toContain('Lost.');
  });
});

describe('no panel', () => {
  test('[Y8] one notification says so after a while, with a button that signs in', async () => {
    const notifications = await startNotificationDaemon();
    const { desktop, clock } = await opened();
    desktop.show(factsOf(signedOut));
    const next = follow(desktop);
    await clock.advance(PANEL_LIMIT_MS - 1);
    expect(notifications.taken).toEqual([]);
    await clock.advance(1);
    await notifications.until(1);
    expect(notifications.taken[0]?.body).toContain('telex-start login');
    expect(notifications.taken[0]?.actions).toContain('Login');
    await notifications.invoke(1, 'default');
    expect(await next('chosen')).toEqual({ kind: 'chosen', command: { kind: 'login' } });

    const host = await startHost();
    await host.registered(1);
    host.close();
    await clock.advance(PANEL_LIMIT_MS * 2);
    expect(logged.filter((line) => line.includes('no panel'))).toHaveLength(1);
  });

  test('[Y8] a panel that comes in time is worth no words', async () => {
    const { desktop, clock } = await opened();
    desktop.show(factsOf(live));
    await clock.advance(PANEL_LIMIT_MS / 2);
    const host = await startHost();
    await host.registered(1);
    // It asks whether the panel is there once it has registered.
    await host.settled();
    await host.settled();
    await clock.advance(PANEL_LIMIT_MS * 2);
    expect(logged).toEqual([]);
  });
});

test('[B4] without a bus for ten minutes the desktop session is over; back before that, it is not', async () => {
  const host = await startHost();
  const { desktop, clock } = await opened();
  const next = follow(desktop);
  await host.registered(1);
  await daemon.kill();
  await expect.poll(() => logged.length).toBeGreaterThan(0);
  await clock.advance(500_000);
  await daemon.restart();
  await host.registered(2);
  let isOver = false;
  const over = next('over').then(() => {
    isOver = true;
  });
  await clock.advance(500_000);
  await daemon.kill();
  await expect.poll(() => logged.length).toBeGreaterThan(1);
  expect(isOver).toBe(false);
  await clock.advance(600_000);
  await over;
});
