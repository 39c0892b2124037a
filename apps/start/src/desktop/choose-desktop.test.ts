import { type BusProcess, launchBus } from '@telex/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Environment, readEnvironment } from '../environment.ts';
import { chooseDesktop } from './choose-desktop.ts';
import type { Desktop } from './desktop.ts';
import type { DesktopChoice } from './desktop-choice.ts';

let daemon: BusProcess;
const opened: Desktop[] = [];

beforeEach(async () => {
  daemon = await launchBus();
});
afterEach(async () => {
  for (const desktop of opened.splice(0)) desktop.close();
  await daemon.stop();
});

/** Which one it was: the terminal's notifications can sound, and nobody has said so of a bus without a daemon. */
async function choose(choice: DesktopChoice, given: Partial<Environment>) {
  const environment: Environment = {
    ...readEnvironment({ PATH: '/nowhere' }),
    ...{ platform: 'linux', sessionBus: daemon.address, systemBus: 'unix:path=/nowhere/at/all' },
    ...{ display: { x11: true, wayland: false }, ...given },
  };
  const desktop = await chooseDesktop(choice, environment);
  opened.push(desktop);
  return desktop.notifications.capabilities.has('sound') ? 'terminal' : 'linux';
}

test('a session bus and a display are a desktop, under X11 and under Wayland', async () => {
  expect(await choose('auto', {})).toBe('linux');
  expect(await choose('auto', { display: { x11: false, wayland: true } })).toBe('linux');
});

test('everything else is the terminal', async () => {
  // A login by ssh has a bus too.
  expect(await choose('auto', { display: { x11: false, wayland: false } })).toBe('terminal');
  expect(await choose('auto', { platform: 'win32' })).toBe('terminal');
  expect(await choose('auto', { sessionBus: undefined, runtimeDir: undefined })).toBe('terminal');
  await daemon.kill();
  expect(await choose('auto', {})).toBe('terminal');
});

test('what is asked for is taken', async () => {
  expect(await choose('terminal', {})).toBe('terminal');
  expect(await choose('linux', { display: { x11: false, wayland: false } })).toBe('linux');
});
