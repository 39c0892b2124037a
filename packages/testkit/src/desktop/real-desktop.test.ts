import { existsSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { isOwned } from './bus-name.ts';
import { startPart } from './part.ts';
import { startRealDesktop } from './real-desktop.ts';

const isAlive = (pid: number) => existsSync(`/proc/${pid}`);

test('a real desktop has a panel and a daemon, which come back after a kill, and leaves nothing behind', async () => {
  const desktop = await startRealDesktop({ daemon: 'dunst' });
  const { panel, daemon, messageBus, home } = desktop;
  try {
    expect(await isOwned(desktop.bus, 'org.freedesktop.Notifications')).toBe(true);
    const isPanel = ({ kind }: { kind: string }) => kind.startsWith('xfce4-panel');
    expect((await desktop.screen.windows()).some(isPanel)).toBe(true);
    await daemon?.kill();
    expect(await isOwned(desktop.bus, 'org.freedesktop.Notifications')).toBe(false);
    await daemon?.restart();
    await panel.kill();
    await desktop.screen.until('no panel', (windows) => (windows.some(isPanel) ? undefined : true));
    await desktop.restartBus();
    expect((await desktop.screen.windows()).some(isPanel)).toBe(true);
  } finally {
    await desktop.stop();
  }
  for (const part of [panel, daemon, messageBus]) expect(isAlive(part?.pid ?? 0)).toBe(false);
  expect(existsSync(home)).toBe(false);
});

test('a missing program is told with the package that holds it', async () => {
  const part = startPart({
    program: 'no-such-program',
    package: 'no-such-package',
    env: process.env,
    ready: () => new Promise(() => {}),
  });
  await expect(part).rejects.toThrow('no-such-program is missing: apt-get install no-such-package');
});

test('what ends before it is ready is told with what it wrote', async () => {
  const part = startPart({
    program: process.execPath,
    package: 'none',
    arguments: ['-e', 'console.error("no display"); process.exit(3)'],
    env: process.env,
    ready: (pipe) => new Promise((resolve) => pipe.pipe(new PassThrough()).once('data', resolve)),
  });
  await expect(part).rejects.toThrow(/has ended \(3\) before it was ready\s+no display/);
});
