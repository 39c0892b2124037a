// A person's way through Telex Start on real parts: Xvfb, xfce4-panel, a notification daemon, Chromium, a server; all clicks
// and keys are real ones. The tests of one daemon are one journey, in this order.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { itemIds } from '../../src/tray/menu-item.ts';
import { beginJourney, type Journey } from './journey.ts';

const five: readonly number[] = [
  itemIds.login,
  itemIds.openMainApp,
  itemIds.closeMainApp,
  itemIds.test,
  itemIds.exit,
];

describe.each(['dunst', 'xfce4-notifyd'] as const)('a journey with %s', (daemon) => {
  let journey: Journey;
  /** Of the icon, for comparing. */
  let signedOut: Buffer;
  beforeAll(async () => {
    journey = await beginJourney(daemon);
  });
  afterAll(async () => {
    await journey?.end();
  });
  afterEach(async ({ task }) => {
    if (task.result?.state !== 'fail') return;
    const file = join(mkdtempSync(join(tmpdir(), 'telex-journey-')), 'screen.png');
    await journey.desktop.screen.save(file);
    console.error(`the screen: ${file}\n${journey.start.output()}\n${journey.desktop.output()}`);
  });
  /** For people to look at: into the folder `TELEX_PICTURES`, where that is asked for. */
  const picture = async (name: string) => {
    const folder = process.env.TELEX_PICTURES;
    if (folder !== undefined)
      await journey.desktop.screen.save(join(folder, `${daemon}-${name}.png`));
  };

  test('the icon is seen in the panel, and the login dialog opens at the bottom right', async () => {
    const { tray, dialog, emptyIcon } = journey;
    await tray.registered();
    signedOut = await tray.iconOtherThan(emptyIcon);
    await tray.tells(/Nobody is signed in/);
    await dialog.shown();
  });

  test('Escape closes the dialog; the menu shows the five items, and Login opens it again', async () => {
    const { tray, dialog, desktop } = journey;
    const { x, y } = await dialog.shown();
    await dialog.says(/Sign in to Telex/);
    await desktop.screen.move(x + 100, y + 30);
    await desktop.screen.press('Escape');
    await dialog.gone();
    const menu = await tray.open();
    const labels = (await tray.lines()).filter(({ id }) => five.includes(id));
    expect(labels.map(({ label }) => label)).toEqual([
      'Login…',
      'Open Main App',
      'Close Main App',
      'Test Notifications',
      'Exit',
    ]);
    await picture('menu-signed-out');
    await tray.dismiss(menu);
    await tray.choose(itemIds.login);
    await dialog.shown();
  });

  test('a wrong password is told in the dialog; the right one closes it, and the icon changes', async () => {
    const { tray, dialog, team, start } = journey;
    const { email, password } = team.ana;
    const { id } = await dialog.shown();
    await dialog.fillIn(email, 'not-the-password');
    await dialog.says(/wrong/i);
    await picture('wrong-password');
    expect((await dialog.shown()).id).toBe(id);
    await dialog.fillIn(undefined, password);
    await dialog.gone();
    await start.live();
    await tray.iconOtherThan(signedOut);
    await tray.tells(/Northwind/);
  });

  test('Test Notifications is shown, and tells the round trip', async () => {
    const { tray, bubbles, desktop, start } = journey;
    await tray.choose(itemIds.test);
    await bubbles.shown();
    await start.until(() => start.reports.some((line) => line.decision === 'show'));
    await bubbles.says(/It took \d+ ms/);
    await picture('test');
    await bubbles.dismiss();
    expect(desktop.daemon?.isRunning).toBe(true);
  });

  test('a message is shown natively; its action opens the main app at the thread', async () => {
    const { team, bubbles, mainApp, start } = journey;
    const message = await team.post('The crane is free from noon on. Shall we unload then?');
    await start.shown([message.id], 10_000);
    await bubbles.shown();
    await picture('message');
    await bubbles.openIt();
    const { organisation, channel } = team;
    expect(await mainApp.started(1)).toEqual([
      `telex://org/${organisation.id}/channel/${channel.id}/thread/${message.thread_id}`,
    ]);
    await bubbles.gone();
  });

  test('Close Main App ends it, and Open Main App starts it', async () => {
    const { tray, mainApp } = journey;
    await tray.enables(itemIds.closeMainApp, true);
    const menu = await tray.open();
    await picture('menu');
    await tray.dismiss(menu);
    await tray.choose(itemIds.closeMainApp);
    await mainApp.ended();
    await tray.enables(itemIds.closeMainApp, false);
    await tray.choose(itemIds.openMainApp);
    expect(await mainApp.started(2)).toEqual([]);
    await tray.enables(itemIds.closeMainApp, true);
  });

  test('what is read elsewhere goes within a second', async () => {
    const { team, bubbles } = journey;
    const message = await team.post('Tide tables are on the board.');
    await bubbles.shown();
    // Measured on the bus: looking at the screen takes time, and the machine may be busy with other tests.
    const asked = bubbles.askedToClose(1_000);
    await team.readElsewhere(message.thread_id);
    await asked;
    await bubbles.gone();
  });

  test('the menu follows when the main app is closed by hand', async () => {
    const { tray, mainApp } = journey;
    if (mainApp.pid !== undefined) process.kill(mainApp.pid);
    await tray.enables(itemIds.closeMainApp, false);
  });

  test('paused by the submenu nothing pops up; resumed, it is shown', async () => {
    const { tray, team, bubbles, start } = journey;
    await tray.choose(itemIds.pause, itemIds.pause30m);
    await tray.tells(/[Pp]aused/);
    const message = await team.post('Nobody needs to hear this now.');
    const decisions = () =>
      start.reports.flatMap(({ kind, message_id, decision }) =>
        kind === 'decision' && message_id === message.id ? [decision] : [],
      );
    await start.until(() => decisions().length > 0);
    expect(decisions()).toEqual(['count']);
    expect(bubbles.passed()).not.toContain('Nobody needs');
    await tray.choose(itemIds.resume);
    await bubbles.says(/Nobody needs/);
    await bubbles.shown();
    await picture('resumed');
    await bubbles.dismiss();
  });

  test('a session that is ended elsewhere brings the dialog back, with the reason', async () => {
    const { team, tray, dialog, start } = journey;
    await team.endSessions();
    await dialog.shown();
    await dialog.says(/Your session was ended from another place/);
    // Nor before that anything else that is not true.
    const sentences = start.reports.map(({ sentence }) => String(sentence));
    expect(sentences.filter((each) => each.includes('shut this client out'))).toEqual([]);
    await picture('session-ended');
    await tray.tells(/ended|expired/i);
    await dialog.fillIn(undefined, team.ana.password);
    await dialog.gone();
    await start.until(() => start.reports.filter((line) => line.state === 'live').length >= 2);
  });

  test('Exit ends it, and the icon is gone', async () => {
    const { tray, start, emptyIcon, desktop } = journey;
    await tray.choose(itemIds.exit);
    const chosenAt = performance.now();
    expect(await start.exited).toBe(0);
    expect(performance.now() - chosenAt).toBeLessThan(1_000);
    await desktop.screen.move(600, 600);
    await desktop.screen.until('an empty panel', () => true);
    for (let look = 0; look < 100; look += 1) {
      if ((await tray.icon()).equals(emptyIcon)) return;
    }
    throw new Error('the icon is still there');
  });
});
