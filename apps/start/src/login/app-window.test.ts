import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Display, launchDisplay } from '@telex/testkit';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import type { LoginOutcome, TrySignIn } from '../desktop/login-dialog.ts';
import { createBrowserLogin } from './browser-login.ts';
import { createWindowOnDisplay, type WindowOnDisplay } from './test/window-on-display.ts';

const PASSWORD = 'open-sesame-4711';
// A browser starts in each of them.
vi.setConfig({ testTimeout: 40_000 });

let bare: Display;
let managed: Display;
let open: WindowOnDisplay[] = [];
beforeAll(async () => {
  [bare, managed] = await Promise.all([launchDisplay(), launchDisplay({ hasWindowManager: true })]);
});
afterAll(async () => {
  await Promise.all([bare?.close(), managed?.close()]);
});
afterEach(async () => {
  for (const user of open) {
    for (const pid of await user.processes()) kill(pid, 'SIGKILL');
    user.close();
  }
  open = [];
});

const start = (display: Display): WindowOnDisplay => {
  const user = createWindowOnDisplay(display);
  open.push(user);
  return user;
};
const soon = <T>(look: () => T | Promise<T>): Promise<T> =>
  vi.waitFor(look, { timeout: 20_000, interval: 50 });

interface Asked {
  readonly answer: Promise<'signed-in' | 'cancelled'>;
  readonly tried: readonly string[];
  readonly end: AbortController;
}

/** Opens the dialog; tries come to these outcomes, then to success. */
function ask(user: WindowOnDisplay, ...outcomes: LoginOutcome[]): Asked {
  const tried: string[] = [];
  const end = new AbortController();
  const trySignIn: TrySignIn = async ({ password }) => {
    tried.push(password);
    return outcomes.shift() ?? { ok: true };
  };
  const request = {
    server: 'https://telex.example.org',
    reason: 'Your session has expired.',
    email: 'ana@example.com',
  };
  const answer = createBrowserLogin(user.options).ask(request, trySignIn, end.signal);
  answer.catch(() => {});
  return { answer, tried, end };
}

const shown = (user: WindowOnDisplay) =>
  soon(async () => {
    const window = await user.window();
    if (window === undefined) throw new Error('The window is not there yet.');
    return window;
  });
/** The window is where it belongs: 16 px from the right, 40 px from below, a title bar between. */
const atBottomRight = (user: WindowOnDisplay, display: Display, titleBar: number) =>
  soon(async () => {
    const { x, y, width, height } = await shown(user);
    expect(display.width - (x + width)).toBeGreaterThanOrEqual(10);
    expect(display.width - (x + width)).toBeLessThanOrEqual(20);
    expect(display.height - (y + height)).toBeLessThanOrEqual(44);
    expect(display.height - (y + height)).toBeGreaterThanOrEqual(40 - titleBar);
    expect(width).toBeLessThanOrEqual(370);
    expect(height).toBeLessThanOrEqual(460);
  });
const titled = (user: WindowOnDisplay, title: string) =>
  soon(() => user.hands('search', '--onlyvisible', '--name', title));
const nothingIsLeft = (user: WindowOnDisplay) =>
  soon(async () => {
    expect(user.leftovers()).toEqual([]);
    expect(await user.processes()).toEqual([]);
  });

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has just ended.
  }
}

/** Files below a folder that hold the text. */
function filesWith(folder: string, text: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((file) => {
      try {
        return statSync(file).isFile() && readFileSync(file).includes(text);
      } catch {
        return false;
      }
    });
}

/** Arguments and environments of all processes that can be read. */
function processesWith(text: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) =>
      ['cmdline', 'environ'].some((file) => {
        try {
          return readFileSync(`/proc/${pid}/${file}`).includes(text);
        } catch {
          return false;
        }
      }),
    );
}

test('[L11] [L9] without a window manager: at the bottom right, a wrong and then the right password; window.close ends Chromium with 0', async () => {
  const user = start(bare);
  const { answer, tried } = ask(user, { ok: false, code: 'wrong_credentials', sentence: '' });
  await atBottomRight(user, bare, 0);
  await user.hands('mousemove', '1000', '500');
  await user.hands('type', '--delay', '15', 'wrong');
  await user.hands('key', 'Return');
  await soon(() => expect(tried).toEqual(['wrong']));
  await titled(user, 'Wrong e-mail or password');
  // The field was emptied and has the focus again: what is typed next is the whole password.
  await user.hands('type', '--delay', '15', PASSWORD);
  await user.hands('key', 'Return');
  expect(await answer).toBe('signed-in');
  expect(tried).toEqual(['wrong', PASSWORD]);
  await nothingIsLeft(user);
  await soon(() => expect(user.exitCodes()).toEqual(['0']));
});

test('[L11] [L10] under a window manager: at the bottom right, title bar included; closing the window cancels', async () => {
  const user = start(managed);
  const { answer } = ask(user);
  await atBottomRight(user, managed, 30);
  await user.hands('search', '--onlyvisible', '--name', 'Sign in to Telex', 'windowfocus');
  await user.hands('key', 'alt+F4');
  expect(await answer).toBe('cancelled');
  await nothingIsLeft(user);
});

test('[L10] Escape cancels and closes the window', async () => {
  const user = start(bare);
  const { answer, tried } = ask(user);
  await shown(user);
  await user.hands('mousemove', '1000', '500');
  await soon(async () => {
    await user.hands('key', 'Escape');
    expect(await Promise.race([answer, 'open'])).toBe('cancelled');
  });
  await nothingIsLeft(user);
  expect(tried).toEqual([]);
  await soon(() => expect(user.exitCodes()).toEqual(['0']));
});

test('[L8] [L10] Chromium killed: cancelled, and profile and helpers are gone', async () => {
  const user = start(bare);
  const { answer } = ask(user);
  await shown(user);
  const [browser = 0] = await user.processes();
  kill(browser, 'SIGKILL');
  expect(await answer).toBe('cancelled');
  await nothingIsLeft(user);
});

test('a Chromium that runs already does not take the page over', async () => {
  const user = start(bare);
  const [bin = ''] = user.options.environment.path;
  const other = spawn(join(bin, 'chromium'), ['--no-first-run', 'about:blank'], {
    stdio: 'ignore',
    detached: true,
  });
  try {
    await soon(async () =>
      expect(await user.hands('search', '--onlyvisible', '--class', 'chromium')).not.toBe(''),
    );
    const { answer, end } = ask(user);
    await shown(user);
    expect(await user.processes()).not.toEqual([]);
    end.abort();
    expect(await answer).toBe('cancelled');
    await nothingIsLeft(user);
    expect(other.exitCode).toBe(null);
  } finally {
    const exited = once(other, 'exit');
    process.kill(-(other.pid ?? 0), 'SIGKILL');
    await exited;
  }
});

test('[L12] a newer dialog voids the window before it, which closes by itself', async () => {
  const user = start(bare);
  const first = ask(user);
  await shown(user);
  first.end.abort();
  expect(await first.answer).toBe('cancelled');
  const second = ask(user);
  await soon(() => expect(user.exitCodes()).toEqual(['0']));
  await shown(user);
  second.end.abort();
  await second.answer;
  await nothingIsLeft(user);
});

test('[L7] the password is in no argument, no environment and no file while the window is open', async () => {
  const user = start(bare);
  const { answer, tried, end } = ask(user, { ok: false, code: 'server_error', sentence: '' });
  await shown(user);
  await atBottomRight(user, bare, 0);
  await user.hands('mousemove', '1000', '500');
  // Letter by letter: else the password would be an argument of xdotool.
  for (const letter of PASSWORD) await user.hands('key', letter === '-' ? 'minus' : letter);
  await user.hands('key', 'Return');
  await titled(user, 'The server has a fault');
  expect(tried).toEqual([PASSWORD]);
  expect(processesWith(PASSWORD)).toEqual([]);
  expect(filesWith(user.options.environment.runtimeDir ?? '', PASSWORD)).toEqual([]);
  expect(filesWith(user.home, PASSWORD)).toEqual([]);
  end.abort();
  await answer;
  await nothingIsLeft(user);
});

const program = fileURLToPath(new URL('./test/ask.ts', import.meta.url));
const runAsk = (user: WindowOnDisplay, ...words: string[]) =>
  spawn(process.execPath, [program, JSON.stringify(user.options), ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });

test('[L8] [L12] Telex Start killed: the window closes by itself, and the next dialog takes the profile away', async () => {
  const user = start(bare);
  const asking = runAsk(user);
  await shown(user);
  await soon(async () => expect((await user.processes()).length).toBeGreaterThan(1));
  asking.kill('SIGKILL');
  await once(asking, 'exit');
  await soon(async () => expect(await user.processes()).toEqual([]));
  await soon(() => expect(user.exitCodes()).toEqual(['0']));
  expect(user.leftovers()).toHaveLength(1);
  const next = ask(user);
  await shown(user);
  expect(user.leftovers()).toHaveLength(1);
  next.end.abort();
  await next.answer;
  await nothingIsLeft(user);
});

test('[L8] Telex Start ends while the window is open: window and profile go with it', async () => {
  const user = start(bare);
  const asking = runAsk(user, 'exit-when-tried');
  await shown(user);
  await user.hands('mousemove', '1000', '500');
  const exited = once(asking, 'exit');
  await soon(async () => {
    await user.hands('type', '--delay', '15', 'x');
    await user.hands('key', 'Return');
    expect(asking.exitCode ?? (await Promise.race([exited, undefined]))).toBeDefined();
  });
  await exited;
  await nothingIsLeft(user);
});
