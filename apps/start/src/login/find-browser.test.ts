import { expect, test } from 'vitest';
import { browserArguments } from './browser-arguments.ts';
import { snapOfDesktopEntry } from './default-browser.ts';
import { findBrowser, findProgram } from './find-browser.ts';

/** A machine with these programs; a value is the file behind a link. */
const machine = (files: Readonly<Record<string, string>>) => ({
  path: ['/home/ana/bin', '/usr/bin'],
  resolve: (file: string) => files[file],
});
const plain = (...files: string[]) => machine(Object.fromEntries(files.map((f) => [f, f])));

test.each([
  '/usr/bin/chromium',
  '/usr/bin/google-chrome',
  '/usr/bin/microsoft-edge-stable',
  '/usr/bin/brave-browser',
  '/home/ana/bin/chromium',
  '/opt/google/chrome/google-chrome',
  '/opt/microsoft/msedge/microsoft-edge',
  '/opt/brave.com/brave/brave-browser',
])('[L11] %s is found', (file) => {
  expect(findBrowser(plain(file))).toEqual({ program: file, snap: undefined });
});

test('[L11] the first of the path wins, then the order of the names', () => {
  const all = plain('/usr/bin/google-chrome', '/usr/bin/chromium', '/home/ana/bin/chromium');
  expect(findBrowser(all)?.program).toBe('/home/ana/bin/chromium');
  const two = plain('/usr/bin/google-chrome', '/usr/bin/brave');
  expect(findBrowser(two)?.program).toBe('/usr/bin/google-chrome');
});

test('[L11] without any there is none', () => {
  expect(findBrowser(plain('/usr/bin/firefox'))).toBeUndefined();
});

test('a browser in a snap is known by its place, its link or the wrapper of Ubuntu', () => {
  const snap = { '/snap/bin/chromium': '/usr/bin/snap' };
  expect(findBrowser(machine(snap))).toEqual({ program: '/snap/bin/chromium', snap: 'chromium' });
  const linked = { '/usr/bin/brave': '/usr/bin/snap' };
  expect(findBrowser(machine(linked))).toEqual({ program: '/usr/bin/brave', snap: 'brave' });
  const wrapper = { ...snap, '/usr/bin/chromium-browser': '/usr/bin/chromium-browser' };
  expect(findBrowser(machine(wrapper))?.snap).toBe('chromium');
});

test('a browser that is not in a snap is taken first', () => {
  const both = machine({
    '/usr/bin/chromium': '/usr/bin/snap',
    '/usr/bin/microsoft-edge': '/opt/microsoft/msedge/microsoft-edge',
  });
  expect(findBrowser(both)).toEqual({ program: '/usr/bin/microsoft-edge', snap: undefined });
});

test('a program is looked for in the folders of the path only', () => {
  expect(findProgram(['xdg-open'], plain('/usr/bin/xdg-open'))).toBe('/usr/bin/xdg-open');
  expect(findProgram(['xdg-open'], plain('/opt/xdg-open'))).toBeUndefined();
});

test.each([
  ['firefox_firefox.desktop', 'firefox'],
  ['chromium_chromium.desktop', 'chromium'],
  ['firefox-esr.desktop', undefined],
  ['org.mozilla.firefox.desktop', undefined],
  ['../evil_x.desktop', undefined],
  ['', undefined],
])('the default browser %j is in the snap %j', (entry, snap) => {
  expect(snapOfDesktopEntry(entry)).toBe(snap);
});

const place = {
  file: '/run/user/1000/telex/login-1-a b#?%/login.html',
  profile: '/run/user/1000/telex/login-1-a b#?%/profile',
  display: { x11: true, wayland: false },
};

test('the window is opened with a file and a profile of its own, without weakening the browser', () => {
  const words = browserArguments(place);
  expect(words).toContain('--app=file:///run/user/1000/telex/login-1-a%20b%23%3F%25/login.html');
  expect(words).toContain(`--user-data-dir=${place.profile}`);
  expect(words.join(' ')).not.toMatch(/sandbox|test-type|remote-debugging|disable-web-security/);
});

test('under Wayland the window is shown by XWayland, where there is one', () => {
  const ozone = (x11: boolean, wayland: boolean) =>
    browserArguments({ ...place, display: { x11, wayland } }).includes('--ozone-platform=x11');
  expect([ozone(true, true), ozone(true, false), ozone(false, true)]).toEqual([true, false, false]);
});
