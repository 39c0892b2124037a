// What the system tells (logind, on a system bus of the test) reaches the connection of a running Telex Start.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type BusProcess,
  type DelayLine,
  type FakeTelex,
  launchBus,
  launchStart,
  type StartProcess,
  startDelayLine,
  startFakeTelex,
} from '@telex/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Bus, openBus } from '../src/desktop/linux/bus.ts';
import { startFakeTrayHost } from '../src/desktop/linux/test/fake-tray-host.ts';
import { askStart } from './exits.ts';

/** By itself the next try would come much later. */
const LONG_MS = 6_000;
const AT_ONCE_MS = 2_000;

let folder: string;
let session: BusProcess;
let system: BusProcess;
let logind: Bus;
let telex: FakeTelex;
let line: DelayLine;
let start: StartProcess;
const closing: (() => unknown)[] = [];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'telex-wake-'));
  closing.push(() => rmSync(folder, { recursive: true, force: true }));
  session = await launchBus();
  system = await launchBus();
  closing.push(
    () => session.stop(),
    () => system.stop(),
  );
  const host = await startFakeTrayHost(session.address);
  logind = openBus(system.address);
  closing.push(
    () => host.close(),
    () => logind.close(),
  );
  await logind.call({
    ...{ destination: 'org.freedesktop.DBus', path: '/org/freedesktop/DBus' },
    ...{ interface: 'org.freedesktop.DBus', member: 'RequestName', signature: 'su' },
    body: ['org.freedesktop.login1', 0],
  });
  telex = await startFakeTelex();
  closing.push(() => telex.close());
  line = await startDelayLine({ port: telex.port });
  closing.push(() => line.close());
  start = await launchStart({
    ...{
      server: `http://127.0.0.1:${line.port}`,
      caFile: null,
      stateDir: folder,
      desktop: 'linux',
    },
    credentials: { email: 'ann@example.org', password: 'hunter2' },
    env: {
      DBUS_SESSION_BUS_ADDRESS: session.address,
      DBUS_SYSTEM_BUS_ADDRESS: system.address,
      PATH: '/nowhere',
    },
  });
  closing.push(() => start.kill());
  await start.live();
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

function wakeUp(): void {
  logind.emit({
    path: '/org/freedesktop/login1',
    interface: 'org.freedesktop.login1.Manager',
    ...{ member: 'PrepareForSleep', signature: 'b', body: [false] },
  });
}

async function retryInMs(): Promise<number> {
  const status = (await askStart(folder, { command: 'status' })) as {
    readonly retry_at_unix_ms?: number;
  };
  return (status.retry_at_unix_ms ?? 0) - Date.now();
}

test('[E1] offline with a long wait ahead, it is live at once when the machine wakes up', async () => {
  line.refuse();
  await start.until(() => start.reports.some(({ state }) => state === 'offline'));
  await expect.poll(retryInMs, { timeout: 60_000, interval: 200 }).toBeGreaterThan(LONG_MS);
  line.accept();
  const from = performance.now();
  const before = start.reports.length;
  wakeUp();
  await start.until(() => start.reports.slice(before).some(({ state }) => state === 'live'));
  expect(performance.now() - from).toBeLessThan(AT_ONCE_MS);
}, 90_000);

test('[E1] live, waking up leaves a connection that answers alone', async () => {
  const [connection] = telex.connections;
  wakeUp();
  await telex.until(() => connection?.commands.some((command) => 'rpc' in command) === true);
  expect(await askStart(folder, { command: 'status' })).toMatchObject({ state: 'live' });
  expect(telex.connections).toHaveLength(1);
  expect(telex.openConnections).toBe(1);
});

test('[E1] live over a link that has silently died in its sleep, it connects anew', async () => {
  line.freeze();
  wakeUp();
  await telex.until(() => telex.connections.length === 2);
  await start.until(() => start.reports.filter(({ state }) => state === 'live').length >= 2);
});
