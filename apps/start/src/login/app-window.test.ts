import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  openScreen,
  type Part,
  type Screen,
  type ScreenWindow,
  startOpenbox,
  startXvfb,
} from '@telex/testkit';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import type { LoginOutcome, TrySignIn } from '../desktop/login-dialog.ts';
import { createBrowserLogin } from './browser-login.ts';
import { createWindowOnDisplay, type WindowOnDisplay } from './test/window-on-display.ts';

const PASSWORD = 'open-sesame-4711';
// A browser starts in each of them.
vi.setConfig({ testTimeout: 40_000 });

interface Display {
  readonly name: string;
  readonly screen: Screen;
}

const parts: Pick<Part, 'stop'>[] = [];
let bare: Display;
let managed: Display;
let open: WindowOnDisplay[] = [];
beforeAll(async () => {
  const launch = async (): Promise<Display> => {
    const server = await startXvfb();
    parts.push(server);
    return { name: server.display, screen: await openScreen(server.display) };
  };
  [bare, managed] = await Promise.all([launch(), launch()]);
  const { name } = managed;
  parts.push(await startOpenbox({ env: { ...process.env, DISPLAY: name } }));
});
afterAll(async () => {
  await Promise.all([bare, managed].map((display) => display?.screen.close()));
  for (const part of parts.reverse()) await part.stop();
});
afterEach(async () => {
  for (const user of open) {
    for (const pid of await user.processes()) kill(pid, 'SIGKILL');
    user.close();
  }
  open = [];
});

const start = (display: Display): WindowOnDisplay => {
  const user = createWindowOnDisplay(display.name);
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

/** Opens the dialog. */
function ask(
  user: WindowOnDisplay,
  outcomeOf: (password: string) => LoginOutcome = () => ({ ok: true }),
): Asked {
  const tried: string[] = [];
  const end = new AbortController();
  const trySignIn: TrySignIn = async ({ password }) => {
    tried.push(password);
    return outcomeOf(password);
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

const titled = ({ screen }: Display, title: string): Promise<ScreenWindow> =>
  screen.until(`a window "${title}"`, (windows) =>
    windows.find(({ name }) => name.includes(title)),
  );
const shown = (display: Display) => titled(display, 'Sign in to Telex');
/** The window is where it belongs: 16 px from the right, 40 px from below, a title bar between. */
const atBottomRight = ({ screen }: Display, titleBar: number) =>
  screen.until('the login window at the bottom right', (windows) =>
    windows.find(({ name, x, y, width, height }) => {
      const [right, below] = [1280 - (x + width), 800 - (y + height)];
      const isThere = right >= 10 && right <= 20 && below >= 40 - titleBar && below <= 44;
      return name.includes('Sign in to Telex') && isThere && width <= 370 && height <= 460;
    }),
  );
/** The keyboard follows the pointer where there is no window manager. */
const pointAt = async (display: Display) => {
  const { x, y, width } = await shown(display);
  await display.screen.move(x + width - 10, y + 30);
};
/** Types and sends off. Without a window manager nobody says when the window has the keyboard: what comes before is lost. */
const sendOff = (type: () => Promise<void>, isTaken: () => boolean) =>
  soon(async () => {
    await pointAt(bare);
    await bare.screen.press('ctrl+a');
    await type();
    await bare.screen.press('Return');
    await vi.waitFor(() => expect(isTaken()).toBe(true), { timeout: 1_000, interval: 20 });
  });
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
  const { answer, tried } = ask(user, (password) =>
    password === PASSWORD ? { ok: true } : { ok: false, code: 'wrong_credentials', sentence: '' },
  );
  await atBottomRight(bare, 0);
  await sendOff(
    () => bare.screen.type('wrong'),
    () => tried.length > 0,
  );
  await titled(bare, 'Wrong e-mail or password');
  // The field was emptied and has the focus again: what is typed next is the whole password.
  await bare.screen.type(PASSWORD);
  await bare.screen.press('Return');
  expect(await answer).toBe('signed-in');
  expect(tried.at(-1)).toBe(PASSWORD);
  expect('wrong').toContain(tried[0]);
  await nothingIsLeft(user);
  await soon(() => expect(user.exitCodes()).toEqual(['0']));
});

test('[L11] [L10] under a window manager: at the bottom right, title bar included; closing the window cancels', async () => {
  const user = start(managed);
  const { answer } = ask(user);
  const { x, y } = await atBottomRight(managed, 30);
  await managed.screen.click(x + 20, y + 300);
  await managed.screen.press('alt+F4');
  expect(await answer).toBe('cancelled');
  await nothingIsLeft(user);
});

test('[L10] Escape cancels and closes the window', async () => {
  const user = start(bare);
  const { answer, tried } = ask(user);
  await shown(bare);
  await pointAt(bare);
  await soon(async () => {
    await bare.screen.press('Escape');
    expect(await Promise.race([answer, 'open'])).toBe('cancelled');
  });
  await nothingIsLeft(user);
  expect(tried).toEqual([]);
  await soon(() => expect(user.exitCodes()).toEqual(['0']));
});

test('[L8] [L10] Chromium killed: cancelled, and profile and helpers are gone', async () => {
  const user = start(bare);
  const { answer } = ask(user);
  await shown(bare);
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
    await bare.screen.until('the other Chromium', (windows) =>
      windows.find(({ name, width }) => name.includes('Chromium') && width > 400),
    );
    const { answer, end } = ask(user);
    await shown(bare);
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
  await shown(bare);
  first.end.abort();
  expect(await first.answer).toBe('cancelled');
  const second = ask(user);
  await soon(() => expect(user.exitCodes()).toEqual(['0']));
  await shown(bare);
  second.end.abort();
  await second.answer;
  await nothingIsLeft(user);
});

test('[L7] the password is in no argument, no environment and no file while the window is open', async () => {
  const user = start(bare);
  const { answer, tried, end } = ask(user, () => ({
    ...{ ok: false, code: 'server_error', sentence: '' },
  }));
  await shown(bare);
  await atBottomRight(bare, 0);
  await sendOff(
    async () => {
      // Letter by letter: else the password would be an argument of xdotool.
      for (const letter of PASSWORD) await bare.screen.press(letter === '-' ? 'minus' : letter);
    },
    () => tried.includes(PASSWORD),
  );
  await titled(bare, 'The server has a fault');
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
  await shown(bare);
  await soon(async () => expect((await user.processes()).length).toBeGreaterThan(1));
  asking.kill('SIGKILL');
  await once(asking, 'exit');
  await soon(async () => expect(await user.processes()).toEqual([]));
  await soon(() => expect(user.exitCodes()).toEqual(['0']));
  expect(user.leftovers()).toHaveLength(1);
  const next = ask(user);
  await shown(bare);
  expect(user.leftovers()).toHaveLength(1);
  next.end.abort();
  await next.answer;
  await nothingIsLeft(user);
});

test('[L8] Telex Start ends while the window is open: window and profile go with it', async () => {
  const user = start(bare);
  const asking = runAsk(user, 'exit-when-tried');
  await shown(bare);
  await pointAt(bare);
  const exited = once(asking, 'exit');
  await soon(async () => {
    await bare.screen.type('x');
    await bare.screen.press('Return');
    expect(asking.exitCode ?? (await Promise.race([exited, undefined]))).toBeDefined();
  });
  await exited;
  await nothingIsLeft(user);
});
