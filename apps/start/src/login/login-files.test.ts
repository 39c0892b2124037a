import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { StartError } from '../errors.ts';
import { type LoginPlace, makeLoginFolder } from './login-files.ts';

let root = '';
let place: LoginPlace;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'telex-login-'));
  place = {
    platform: 'linux',
    user: 'ana',
    userId: process.getuid?.() ?? -1,
    runtimeDir: join(root, 'run'),
    tempDir: join(root, 'tmp'),
    home: join(root, 'home'),
  };
  for (const folder of ['run', 'tmp', 'home']) mkdirSync(join(root, folder), { mode: 0o700 });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const modeOf = (file: string) => (statSync(file).mode & 0o777).toString(8);

test('[L8] folder and profile are for their user alone, whatever the mask', () => {
  const mask = process.umask(0);
  try {
    const folder = makeLoginFolder(place, undefined);
    expect(modeOf(folder.profile)).toBe('700');
    expect(modeOf(join(folder.profile, '..'))).toBe('700');
    expect(folder.profile.startsWith(join(root, 'run', 'telex'))).toBe(true);
  } finally {
    process.umask(mask);
  }
});

test('[L2] the opening file is for its user alone and goes when it has been loaded', () => {
  const folder = makeLoginFolder(place, undefined);
  const file = folder.writeOpening('<p>secret</p>');
  expect(modeOf(file)).toBe('600');
  expect(file).toMatch(/\.html$/);
  folder.removeOpening();
  expect(existsSync(file)).toBe(false);
});

test('[L8] removing takes everything, once and again', () => {
  const folder = makeLoginFolder(place, undefined);
  folder.writeOpening('x');
  writeFileSync(join(folder.profile, 'Cookies'), 'x');
  expect(folder.remove()).toBe(true);
  expect(readdirSync(join(root, 'run', 'telex'))).toEqual([]);
  expect(folder.remove()).toBe(true);
});

test('[L8] what a killed Telex Start left goes with the next dialog; what a running one has stays', () => {
  const parent = join(root, 'run', 'telex');
  const dead = join(parent, 'login-4194999-abc', 'profile');
  const alive = join(parent, `login-${process.ppid}-abc`, 'profile');
  const foreign = join(parent, 'something-else');
  mkdirSync(parent, { mode: 0o700 });
  for (const folder of [dead, alive, foreign]) mkdirSync(folder, { recursive: true });
  makeLoginFolder(place, undefined);
  expect([dead, alive, foreign].map((folder) => existsSync(folder))).toEqual([false, true, true]);
});

test('without a runtime folder it is one of the temporary folder that nobody else can enter', () => {
  const folder = makeLoginFolder({ ...place, runtimeDir: undefined }, undefined);
  expect(folder.profile.startsWith(join(root, 'tmp', 'telex-ana'))).toBe(true);
  expect(modeOf(join(root, 'tmp', 'telex-ana'))).toBe('700');
});

test('a folder that others can enter is refused', () => {
  mkdirSync(join(root, 'run', 'telex'), { mode: 0o777 });
  const open = join(root, 'run', 'telex');
  rmSync(open, { recursive: true });
  const mask = process.umask(0);
  mkdirSync(open, { mode: 0o777 });
  process.umask(mask);
  expect(() => makeLoginFolder(place, undefined)).toThrow(StartError);
});

test('for a browser in a snap it is in the folder that this snap can read, and others cannot', () => {
  const folder = makeLoginFolder(place, 'firefox');
  const parent = join(root, 'home', 'snap', 'firefox', 'common', 'telex-start');
  expect(folder.profile.startsWith(parent)).toBe(true);
  expect(modeOf(parent)).toBe('700');
});
