// A session that runs out, on a real desktop.
import { join } from 'node:path';
import { startRealDesktop } from '@telex/testkit';
import { afterAll, expect, test } from 'vitest';
import { watchDialog } from './dialog-on-screen.ts';
import { launchOnDesktop } from './start-on-desktop.ts';
import { openTeam } from './team.ts';
import { watchTray } from './tray-on-screen.ts';
import { pathWithChromium } from './wrapped-chromium.ts';

const endings: (() => unknown)[] = [];
afterAll(async () => {
  for (const end of endings.reverse()) await end();
});

test('a session that ran out while the machine slept brings the dialog, with the reason', async () => {
  const desktop = await startRealDesktop({ daemon: 'none' });
  endings.push(desktop.stop);
  const team = await openTeam(['--session-seconds', '4', '--token-seconds', '2']);
  endings.push(team.close);
  const tray = watchTray(desktop);
  endings.push(tray.close);
  const dialog = watchDialog(desktop);
  const env = { PATH: pathWithChromium(join(desktop.home, 'bin')) };
  const start = await launchOnDesktop(desktop, team, { env });
  endings.push(start.kill);
  await start.live();
  // Frozen as by a closed lid, longer than the session lives.
  process.kill(start.pid, 'SIGSTOP');
  await new Promise((resolve) => setTimeout(resolve, 5_000));
  process.kill(start.pid, 'SIGCONT');
  await dialog.shown();
  await dialog.says(/Your session has expired/);
  await tray.tells(/expired/);
  await dialog.fillIn(undefined, team.ana.password);
  await dialog.gone();
  await start.until(() => start.reports.filter(({ state }) => state === 'live').length >= 2);
  expect(start.output()).not.toContain(team.ana.password);
}, 60_000);
