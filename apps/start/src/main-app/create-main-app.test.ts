import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFakeClock } from '@telex/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createMainApp } from './create-main-app.ts';
import { createFakeProcesses } from './test/fake-processes.ts';

let bin = '';
let program = '';
beforeAll(() => {
  bin = mkdtempSync(join(tmpdir(), 'telex-main-app-'));
  program = join(bin, 'client');
  for (const name of ['client', 'xdg-open']) writeFileSync(join(bin, name), '', { mode: 0o755 });
  mkdirSync(join(bin, 'none'));
});
afterAll(() => rmSync(bin, { recursive: true }));

const TARGET = { organisationId: 'o', channelId: 'c', threadId: 't' };

function scenario(configured: readonly string[] | 'none' = [program]) {
  const clock = createFakeClock();
  const processes = createFakeProcesses();
  const path = [bin];
  const places = { dataDirs: [join(bin, 'none')], configDir: join(bin, 'none'), path };
  const words = configured === 'none' ? undefined : configured;
  const app = createMainApp({ configured: words, places, processes, clock });
  let told = 0;
  app.listen(() => {
    told += 1;
  });
  /** Past the wait for one that ends at once. */
  const open = async (target?: typeof TARGET, waitMs = 500) => {
    const outcome = app.open(target);
    await clock.advance(waitMs);
    return outcome;
  };
  return { app, clock, processes, open, told: () => told };
}

test('[M4] Open launches the command, and the menu follows when it is closed by hand', async () => {
  const { app, clock, processes, open, told } = scenario();
  expect(app).toMatchObject({ isOpen: false, canOpen: true });
  expect(await open()).toEqual({ ok: true, sentence: '' });
  expect(processes.launches).toEqual([{ file: program, args: [], folder: undefined }]);
  expect(app.isOpen).toBe(true);
  const before = told();
  processes.end(101);
  await clock.advance(0);
  expect(app.isOpen).toBe(false);
  expect(told()).toBe(before + 1);
});

test('[M2] a link is handed over by launching again, and the first stays the main one', async () => {
  const { app, clock, processes, open } = scenario();
  await open();
  processes.next(0);
  expect(await open(TARGET)).toMatchObject({ ok: true });
  expect(processes.launches[1]?.args).toEqual(['telex://org/o/channel/c/thread/t']);
  await clock.advance(0);
  expect(app.isOpen).toBe(true);
  await app.end();
  expect(processes.signals).toEqual(['SIGTERM 101']);
});

test('[M3] one that the user had started is found, given the link and ended alone', async () => {
  const { app, processes, open } = scenario();
  const theirs = processes.start(program);
  const stranger = processes.start('/elsewhere/client');
  processes.next(0);
  await open(TARGET);
  expect(app.isOpen).toBe(true);
  expect(await app.end()).toEqual({ ok: true, sentence: '' });
  expect(processes.signals).toEqual([`SIGTERM ${theirs}`]);
  expect(processes.isAlive(stranger)).toBe(true);
});

test('[M3] one that does not end within 5 s is killed', async () => {
  const { app, clock, processes, open } = scenario();
  processes.next('stubborn');
  await open();
  const ending = app.end();
  await clock.advance(4_900);
  expect(processes.signals).toEqual(['SIGTERM 101']);
  await clock.advance(200);
  expect(await ending).toEqual({
    ok: true,
    sentence: 'The main app did not answer for 5 s and was ended.',
  });
  expect(processes.signals).toEqual(['SIGTERM 101', 'SIGKILL 101']);
  expect(app.isOpen).toBe(false);
});

test('[M1] a process that got the number of the main app afterwards is left alone', async () => {
  const { app, clock, processes } = scenario();
  const theirs = processes.start(program);
  app.look();
  expect(app.isOpen).toBe(true);
  processes.end(theirs);
  processes.start('/usr/bin/editor', { pid: theirs });
  expect(app.isOpen).toBe(false);
  expect(await app.end()).toEqual({ ok: false, sentence: 'The main app is not open.' });
  expect(processes.signals).toEqual([]);
  await clock.advance(0);
});

test('a number that is given again while Close waits is not killed', async () => {
  const { app, clock, processes, open } = scenario();
  processes.next('stubborn');
  await open();
  const ending = app.end();
  await clock.advance(1_000);
  processes.end(101);
  processes.start('/usr/bin/editor', { pid: 101, ignoresSigterm: true });
  await clock.advance(10_000);
  expect(await ending).toMatchObject({ ok: true });
  expect(processes.isAlive(101)).toBe(true);
});

test('a launcher that leaves the app in its group is followed by it', async () => {
  const { app, clock, processes, open } = scenario();
  await open();
  const child = processes.start('/opt/telex/bin', { group: 101 });
  processes.end(101);
  await clock.advance(0);
  expect(app.isOpen).toBe(true);
  await app.end();
  expect(processes.signals).toEqual([`SIGTERM ${child}`]);
  expect(app.isOpen).toBe(false);
});

test('Close ends whatever Open started, also where a second start stayed', async () => {
  const { app, processes, open } = scenario();
  await open();
  await open();
  await app.end();
  expect(processes.signals).toEqual(['SIGTERM 101', 'SIGTERM 102']);
});

test('[M4] one that was found is looked at once a minute, a child of ours never', async () => {
  const { app, clock, processes, open, told } = scenario();
  await open();
  expect(clock.pending).toBe(0);
  processes.end(101);
  const theirs = processes.start(program);
  app.look();
  expect(clock.pending).toBe(1);
  processes.end(theirs);
  const before = told();
  await clock.advance(60_000);
  expect(told()).toBe(before + 1);
  expect(clock.pending).toBe(0);
});

test('what the user has started is seen when the menu opens', () => {
  const { app, processes } = scenario();
  processes.start(program);
  expect(app.isOpen).toBe(false);
  app.look();
  expect(app.isOpen).toBe(true);
});

test('a program that ends at once, or is missing, is told', async () => {
  const { processes, open } = scenario();
  processes.next(127);
  expect(await open()).toEqual({ ok: false, sentence: 'Telex ended at once with code 127.' });
  processes.next('missing');
  expect(await open()).toEqual({ ok: false, sentence: 'Telex could not be started (ENOENT).' });
  const missing = await scenario(['/nowhere/telex']).open();
  expect(missing.sentence).toMatch(/^The main app's command is not there: \/nowhere\/telex\. /);
});

test('without any program the place opens in the browser, which nobody can close for the user', async () => {
  expect((await scenario('none').open()).ok).toBe(false);
  const web = scenario('none');
  expect(web.app.canOpen).toBe(false);
  web.app.useServer('https://telex.example');
  expect(web.app.canOpen).toBe(true);
  expect(web.told()).toBe(1);
  await web.open(TARGET, 3_000);
  expect(web.processes.launches[0]).toMatchObject({
    file: join(bin, 'xdg-open'),
    args: ['https://telex.example/org/o/channel/c/thread/t'],
  });
  expect(web.app.isOpen).toBe(false);
  expect((await web.app.end()).sentence).toBe(
    'The main app is a page in your browser, which only you can close.',
  );
  web.processes.next(3);
  expect((await web.open()).sentence).toBe(
    'The browser could not be opened. The address is https://telex.example/',
  );
});

test('a browser that fails only after a while is told, too', async () => {
  const { app, clock, processes } = scenario('none');
  app.useServer('https://telex.example');
  const outcome = app.open(undefined);
  await clock.advance(2_000);
  processes.end(101, 4);
  expect(await outcome).toMatchObject({ ok: false });
});

test('[M5] ids that could be options or paths never reach the command line', async () => {
  const { processes, open } = scenario();
  await open({ organisationId: '../../etc', channelId: '--gpu', threadId: '"; rm -rf ~' });
  await open({ organisationId: 'o', channelId: '--renderer-cmd-prefix=x', threadId: 't' });
  expect(processes.launches.map(({ args }) => args)).toEqual([['telex://'], ['telex://org/o']]);
});

test('after close nothing waits, nothing is told, and the app goes on', async () => {
  const { app, clock, processes, told } = scenario();
  const theirs = processes.start(program);
  app.look();
  app.close();
  app.close();
  const before = told();
  expect(clock.pending).toBe(0);
  processes.end(theirs);
  app.look();
  expect(told()).toBe(before);
  expect(processes.signals).toEqual([]);
});
