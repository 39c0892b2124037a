// Telex Start as a process on a private session bus, with a panel that is a few lines of code.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type BusProcess, launchBus } from '@telex/testkit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type FakeTrayHost, startFakeTrayHost } from '../src/desktop/linux/test/fake-tray-host.ts';
import { itemIds } from '../src/tray/menu-item.ts';
import { MAIN, telexStart } from './command.ts';

const EXIT_LIMIT_MS = 1_000;
let daemon: BusProcess;
let host: FakeTrayHost;
let child: ChildProcess;
let exited: Promise<unknown[]>;

beforeEach(async () => {
  daemon = await launchBus();
  host = await startFakeTrayHost(daemon.address);
  const state = join(daemon.folder, 'state');
  mkdirSync(state, { mode: 0o700 });
  const words = ['run', '--desktop', 'linux', '--server', 'https://127.0.0.1:9', '--state', state];
  child = spawn(process.execPath, [MAIN, ...words, ...control()], {
    // No browser and no display: nothing of this machine's own desktop.
    env: { DBUS_SESSION_BUS_ADDRESS: daemon.address, HOME: daemon.folder, PATH: '/nowhere' },
    stdio: 'ignore',
  });
  exited = once(child, 'exit');
  await host.registered(1);
});
afterEach(async () => {
  child.kill('SIGKILL');
  await exited;
  host.close();
  daemon.thaw();
  await daemon.stop();
});

const control = () => ['--control', join(daemon.folder, 'control')];
const click = (id: number) =>
  host.menuCall('EventGroup', 'a(isvu)', [[[id, 'clicked', ['i', 0], 0]]]);

describe('the tray of a running Telex Start', () => {
  test('shows that nobody is signed in, and Exit ends it within a second', async () => {
    await host.signalled('NewTitle');
    expect((await host.item()).Title).toBe('Telex: signed out');
    const begun = performance.now();
    await click(itemIds.exit);
    expect(await exited).toEqual([0, null]);
    expect(performance.now() - begun).toBeLessThan(EXIT_LIMIT_MS);
  });

  test('[B6] the command exit ends it within a second although the bus is frozen', async () => {
    await host.signalled('NewTitle');
    daemon.freeze();
    const ended = exited.then(() => performance.now());
    const begun = performance.now();
    expect(await telexStart(['exit', ...control()])).toMatchObject({ code: 0 });
    expect((await ended) - begun).toBeLessThan(EXIT_LIMIT_MS + 1_000);
    expect(child.exitCode).toBe(0);
  });

  test('[Y7] comes back with a bus that was killed, and still obeys', async () => {
    await daemon.kill();
    await daemon.restart();
    await host.registered(2);
    await click(itemIds.exit);
    expect(await exited).toEqual([0, null]);
  });
});
