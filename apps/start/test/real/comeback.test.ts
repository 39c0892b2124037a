// Real parts are killed with SIGKILL or frozen, alone and together, and come back: what can be seen on the screen then.
import { type RealDesktop, type StartProcess, startRealDesktop } from '@telex/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type BubblesOnScreen, watchBubbles } from './bubbles-on-screen.ts';
import { eventually } from './eventually.ts';
import { commandOn, launchOnDesktop, statusOn } from './start-on-desktop.ts';
import { openTeam, type Team } from './team.ts';
import { type TrayOnScreen, watchTray } from './tray-on-screen.ts';

const endings: (() => unknown)[] = [];
let desktop: RealDesktop;
let team: Team;
let tray: TrayOnScreen;
let bubbles: BubblesOnScreen;
let start: StartProcess;
let emptyIcon: Buffer;

beforeAll(async () => {
  desktop = await startRealDesktop({ daemon: 'dunst' });
  endings.push(desktop.stop);
  team = await openTeam();
  endings.push(team.close);
  tray = watchTray(desktop);
  endings.push(tray.close);
  emptyIcon = await tray.icon();
  bubbles = await watchBubbles(desktop, 'dunst');
  endings.push(bubbles.close);
  start = await launchOnDesktop(desktop, team);
  endings.push(start.kill);
  await start.live();
});
afterAll(async () => {
  for (const end of endings.reverse()) await end();
});

/** The message is asked of the daemon, whether it takes it or not. */
const postAndRequest = async (content: string) => {
  const { id } = await team.post(content);
  await start.until(() => start.reports.some((line) => line.message_id === id));
};
const isToldAndLive = async () => {
  await bubbles.shown();
  await bubbles.dismiss();
  expect(await statusOn(desktop)).toMatchObject({ state: 'live', quiet: [] });
};

test('[N5] dunst killed: what comes meanwhile is counted, said so, and told when dunst is back', async () => {
  await desktop.daemon?.kill();
  await postAndRequest('nobody shows this');
  await eventually('the reason to be quiet', async () => {
    expect((await statusOn(desktop)).quiet).toEqual(['no-desktop']);
  });
  await desktop.daemon?.restart();
  await isToldAndLive();
});

test('dunst frozen: Telex Start goes on, and tells when dunst does', async () => {
  await desktop.daemon?.kill('SIGSTOP');
  await postAndRequest('a frozen daemon');
  expect((await statusOn(desktop)).state).toBe('live');
  await desktop.daemon?.kill('SIGCONT');
  await isToldAndLive();
});

test('[Y7] panel killed: the icon is seen again in the next one, and its menu works', async () => {
  await desktop.panel.kill();
  await desktop.panel.restart();
  await tray.registered();
  await tray.iconOtherThan(emptyIcon);
  await tray.dismiss(await tray.open());
});

test('[B4] bus killed, and panel and daemon with it: icon and notifications are there again', async () => {
  await desktop.messageBus.kill();
  await postAndRequest('no bus');
  expect((await statusOn(desktop)).state).toBe('live');
  await desktop.restartBus();
  await tray.registered();
  await tray.iconOtherThan(emptyIcon);
  await isToldAndLive();
});

test('[B6] bus, panel and daemon frozen: exit takes less than a second', async () => {
  desktop.messageBus.freeze();
  await desktop.panel.kill('SIGSTOP');
  await desktop.daemon?.kill('SIGSTOP');
  await team.post('to a frozen bus');
  const { stdout, code } = await commandOn(desktop, 'exit');
  const askedAt = performance.now();
  expect({ stdout, code, exit: await start.exited }).toMatchObject({ code: 0, exit: 0 });
  expect(performance.now() - askedAt).toBeLessThan(1_000);
  desktop.messageBus.thaw();
});
