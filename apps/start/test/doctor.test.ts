// `telex-start doctor` as a process, on a bus of its own, against a real server.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type BusProcess,
  launchBus,
  launchServer,
  launchStart,
  type ServerProcess,
} from '@telex/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startFakeTrayHost } from '../src/desktop/linux/test/fake-tray-host.ts';
import { startFakeNotificationServer } from '../src/desktop/test/fake-notification-server.ts';
import { telexStart } from './command.ts';

const PROXY_PASSWORD = 'proxy-secret-9';

let folder: string;
let bus: BusProcess;
let server: ServerProcess;
let env: Record<string, string>;
const closing: (() => unknown)[] = [];
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'telex-doctor-'));
  closing.push(() => rmSync(folder, { recursive: true, force: true }));
  bus = await launchBus();
  closing.push(() => bus.stop());
  const host = await startFakeTrayHost(bus.address);
  const daemon = await startFakeNotificationServer(bus.address);
  closing.push(
    () => host.close(),
    () => daemon.stop(),
  );
  server = await launchServer({ dataDir: join(folder, 'data'), demo: true });
  closing.push(() => server.stop());
  env = {
    DBUS_SESSION_BUS_ADDRESS: bus.address,
    DBUS_SYSTEM_BUS_ADDRESS: `unix:path=${join(folder, 'no-bus')}`,
    HTTPS_PROXY: `http://ann:${PROXY_PASSWORD}@proxy.example:3128`,
  };
});
afterAll(async () => {
  for (const close of closing.reverse()) await close();
});

const words = () => [
  ...['--server', server.ready.url, '--ca', server.ready.ca_file ?? ''],
  ...['--control', join(folder, 's'), '--state', join(folder, 's')],
];

test('[D4] without a running Telex Start it looks at the rest and ends with 0', async () => {
  const { code, stdout, stderr } = await telexStart(['doctor', ...words()], '', env);
  expect(stderr).toBe('');
  expect(stdout).toMatch(/- skipped +Telex Start +It does not run/);
  expect(stdout).toMatch(/✓ ok +Telex API/);
  expect(stdout).toMatch(/Nothing failed; \d checks are worth a look\.\n$/);
  expect(code).toBe(0);
});

test('[D3] signed in, it sends a test notification all the way and tells no secret', async () => {
  const [account] = server.ready.demo?.accounts ?? [];
  if (account === undefined) throw new Error('the server has no demo accounts');
  const start = await launchStart({
    ...{ server: server.ready.url, caFile: server.ready.ca_file, credentials: account },
    stateDir: join(folder, 's'),
  });
  try {
    await start.live();
    const plain = await telexStart(['doctor', ...words()], '', env);
    const json = await telexStart(['doctor', '--json', ...words()], '', env);
    expect([plain.code, json.code]).toEqual([0, 0]);
    const { ok, result } = JSON.parse(json.stdout);
    expect(ok).toBe(true);
    const verdicts = Object.fromEntries(
      result.checks.map(({ check, verdict }: Record<string, string>) => [check, verdict]),
    );
    expect(verdicts).toMatchObject({ login: 'ok', push: 'ok', organisation: 'ok', test: 'ok' });
    const [name, domain] = account.email.split('@');
    for (const output of [plain.stdout, plain.stderr, json.stdout, json.stderr]) {
      for (const secret of [account.password, account.email, PROXY_PASSWORD, 'proxy.example']) {
        expect(output).not.toContain(secret);
      }
      expect(output).not.toMatch(/eyJ[\w-]{10,}/);
    }
    for (const output of [plain.stdout, json.stdout]) {
      expect(output).toContain(`${name?.[0]}•••@${domain}`);
    }
  } finally {
    await start.kill();
  }
});

test('[D4] with the server gone it ends with 1 and says what to do', async () => {
  const away = ['--server', 'https://127.0.0.1:9', ...words().slice(2)];
  const { code, stdout } = await telexStart(['doctor', ...away], '', env);
  expect(code).toBe(1);
  expect(stdout).toContain('Is the server running, and is the port right?');
});
