// The end of a Telex Start process on a Linux desktop whose parts hang: within a second, by each way to ask for it.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type BusProcess,
  type FakeTelex,
  launchBus,
  launchStart,
  type StartProcess,
  startFakeTelex,
} from '@telex/testkit';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startFakeTrayHost } from '../src/desktop/linux/test/fake-tray-host.ts';
import {
  type FakeNotificationServer,
  startFakeNotificationServer,
} from '../src/desktop/test/fake-notification-server.ts';
import { createFakeDesktop, type FakeDesktop } from '../src/login/test/fake-desktop.ts';
import { askStart, expectQuickEnd, wayNames } from './exits.ts';

const credentials = { email: 'ann@example.org', password: 'hunter2' };

let folder: string;
let telex: FakeTelex;
let bus: BusProcess;
let daemon: FakeNotificationServer;
let registered: Promise<unknown>;
let user: FakeDesktop;
const closing: (() => unknown)[] = [];
async function setUp(): Promise<void> {
  folder = mkdtempSync(join(tmpdir(), 'telex-exit-'));
  closing.push(() => rmSync(folder, { recursive: true, force: true }));
  telex = await startFakeTelex();
  closing.push(() => telex.close());
  bus = await launchBus();
  closing.push(() => bus.stop());
  const host = await startFakeTrayHost(bus.address);
  closing.push(() => host.close());
  registered = host.registered(1);
  daemon = await startFakeNotificationServer(bus.address);
  closing.push(() => daemon.stop());
  user = createFakeDesktop();
  closing.push(() => user.close());
}
async function tearDown(): Promise<void> {
  for (const close of closing.splice(0).reverse()) await close();
}
// The end of a first run of all would write Node's compile cache: that is not what is measured.
beforeAll(async () => {
  await setUp();
  const start = await startLive();
  await start.stop();
  await tearDown();
}, 30_000);
beforeEach(setUp);
afterEach(tearDown);

async function startDesktop(flags: readonly string[] = []): Promise<StartProcess> {
  const { home, runtimeDir = '', path } = user.options.environment;
  const start = await launchStart({
    ...{ server: telex.url, caFile: null, credentials, stateDir: folder, desktop: 'linux', flags },
    env: {
      DBUS_SESSION_BUS_ADDRESS: bus.address,
      DBUS_SYSTEM_BUS_ADDRESS: `unix:path=${join(folder, 'no-bus')}`,
      DISPLAY: ':99',
      HOME: home,
      XDG_CACHE_HOME: process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'),
      XDG_RUNTIME_DIR: runtimeDir,
      PATH: path.join(':'),
    },
  });
  closing.push(() => start.kill());
  return start;
}

/** Signed in, its icon in the panel. */
async function startLive(flags?: readonly string[]): Promise<StartProcess> {
  const start = await startDesktop(flags);
  await Promise.all([start.live(), registered]);
  return start;
}

function pushOne(thread: string): void {
  telex.publish('org-1/user-1', {
    notification_id: `n-${thread}`,
    notification_type: 'unread_thread_change',
    section: 'channels_section',
    data: { name: 'general', text_preview: 'hi', thread_id: thread },
  });
}

const soon = { timeout: 10_000, interval: 20 };

/** Stands for the main app: takes no notice of being asked to end. Gives the command that starts it. */
function stubbornApp(): { readonly command: string; pid(): number; wasAsked(): boolean } {
  const script = join(folder, 'app.mjs');
  const pidFile = join(folder, 'app.pid');
  writeFileSync(
    script,
    `import { renameSync, writeFileSync } from 'node:fs';
     process.on('SIGTERM', () => writeFileSync('${pidFile}.asked', ''));
     setInterval(() => {}, 1000);
     writeFileSync('${pidFile}.new', String(process.pid));
     renameSync('${pidFile}.new', '${pidFile}');`,
  );
  return {
    command: `"${process.execPath}" "${script}"`,
    pid: () => Number(readFileSync(pidFile, 'utf8')),
    wasAsked: () => existsSync(`${pidFile}.asked`),
  };
}

/** Signed in, with such an app open. */
async function startWithStubbornApp() {
  const { command, pid: pidOf, wasAsked } = stubbornApp();
  const start = await startLive(['--main-app', command]);
  await askStart(folder, { command: 'open' });
  await expect.poll(pidOf, soon).toBeGreaterThan(1);
  const pid = pidOf();
  closing.push(() => process.kill(pid, 'SIGKILL'));
  return { start, pid, wasAsked };
}

describe.each(wayNames)('by %s', (way) => {
  test('[C5] with a frozen bus', async () => {
    const start = await startLive();
    bus.freeze();
    pushOne('t-1');
    await start.until(() => start.reports.some(({ kind }) => kind === 'decision'));
    await expectQuickEnd(start, folder, way);
    bus.thaw();
  });

  test('[C5] with a notification daemon that no longer answers', async () => {
    const start = await startLive();
    daemon.answerWith(() => new Promise(() => {}));
    pushOne('t-1');
    await daemon.until(() => daemon.calls.length === 1);
    pushOne('t-2');
    await expectQuickEnd(start, folder, way);
  });

  test('[C5] with the login dialog open, whose browser ends too', async () => {
    telex.answer('POST /auth/login', { status: 401, body: { code: 'wrong_credentials' } });
    user.install('chromium', 'wait for ever');
    const start = await startDesktop();
    await expect.poll(() => user.seen('chromium').length, soon).toBeGreaterThanOrEqual(3);
    await expectQuickEnd(start, folder, way);
    await expect.poll(() => user.leftovers(), soon).toEqual([]);
  });

  test('[C5] with the main app open, which goes on running', async () => {
    const { start, pid } = await startWithStubbornApp();
    await expectQuickEnd(start, folder, way);
    expect(process.kill(pid, 0)).toBe(true);
  });
});

test('[C5] while it waits for a main app that does not end', async () => {
  const { start, wasAsked } = await startWithStubbornApp();
  askStart(folder, { command: 'close' }).catch(() => {});
  await expect.poll(wasAsked, soon).toBe(true);
  await expectQuickEnd(start, folder, 'SIGTERM');
});

test('[C5] started on a bus that is frozen already', async () => {
  bus.freeze();
  const start = await startDesktop();
  await start.live();
  await expectQuickEnd(start, folder, 'SIGTERM');
  bus.thaw();
});
