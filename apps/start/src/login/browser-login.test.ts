import { existsSync } from 'node:fs';
import { createFakeClock } from '@telex/testkit';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { LoginAttempt, LoginRequest, TrySignIn } from '../desktop/login-dialog.ts';
import { createBrowserLogin } from './browser-login.ts';
import { createFakeDesktop, type FakeDesktop } from './test/fake-desktop.ts';

const request: LoginRequest = {
  server: 'https://telex.example.org',
  reason: 'Your session has expired.',
  email: 'ana@example.com',
};
const accept: TrySignIn = async () => ({ ok: true });
const never = new AbortController().signal;

let desktop: FakeDesktop;
beforeEach(() => {
  desktop = createFakeDesktop();
});
afterEach(() => desktop.close());

const ask = (trySignIn: TrySignIn = accept, signal: AbortSignal = never) =>
  createBrowserLogin(desktop.options).ask(request, trySignIn, signal);
const untilNothingIsLeft = () =>
  vi.waitFor(() => expect(desktop.leftovers()).toEqual([]), { timeout: 10_000, interval: 20 });
const untilSeen = (name: string, key: string) =>
  vi.waitFor(() => expect(desktop.seen(name).filter((entry) => key in entry)).toHaveLength(1), {
    timeout: 10_000,
    interval: 20,
  });

test('what the page sends is tried, and signing in ends the dialog', async () => {
  desktop.install('chromium', 'sign-in');
  const attempts: LoginAttempt[] = [];
  const answer = await ask(async (attempt) => {
    attempts.push(attempt);
    return { ok: true };
  });
  expect(answer).toBe('signed-in');
  expect(attempts).toEqual([
    { email: 'ana@example.com', password: 'open sesame', server: 'https://t.example' },
  ]);
  await untilNothingIsLeft();
});

test('[L2] [L7] [L8] neither a secret nor the password is in an argument or the environment; file and profile are private', async () => {
  desktop.install('chromium', 'sign-in');
  await ask();
  const [start, profile, page] = desktop.seen('chromium');
  expect(start).toMatchObject({ fileMode: 0o600 });
  expect(profile).toMatchObject({ profileMode: 0o700 });
  const given = JSON.stringify([start?.words, start?.env]);
  expect(given).not.toContain(page?.secret);
  expect(given).not.toContain('open sesame');
  expect(given).not.toMatch(/127\.0\.0\.1/);
  expect(page).toMatchObject({ status: 200, place: 'window' });
});

test('[L2] the opening file is gone once it has been loaded', async () => {
  desktop.install('chromium', 'wait');
  const end = new AbortController();
  const answer = ask(accept, end.signal);
  await untilSeen('chromium', 'secret');
  const [start] = desktop.seen('chromium');
  await vi.waitFor(() => expect(existsSync(String(start?.file))).toBe(false));
  end.abort();
  await answer;
  await untilNothingIsLeft();
});

test('[L10] leaving, closing the window and a crash of the browser cancel, and nothing is left', async () => {
  for (const deed of ['leave', 'load', 'crash'] as const) {
    desktop.install('chromium', deed);
    expect(await ask()).toBe('cancelled');
    await untilNothingIsLeft();
  }
});

test('[L10] a window that is closed before the page is there cancels too', async () => {
  desktop.install('chromium', 'end');
  desktop.install('xdg-open', 'sign-in');
  expect(await ask()).toBe('cancelled');
  expect(desktop.seen('xdg-open')).toEqual([]);
});

test.each(['fail', 'hang'] as const)(
  '[L11] where the app window comes to %s, the default browser shows the page',
  async (deed) => {
    desktop.install('chromium', deed);
    desktop.install('xdg-open', 'sign-in');
    const clock = createFakeClock();
    const dialog = createBrowserLogin({ ...desktop.options, after: clock.after });
    const answer = dialog.ask(request, accept, never);
    if (deed === 'hang') {
      await vi.waitFor(() => expect(desktop.seen('chromium')).toHaveLength(2), { timeout: 5_000 });
      await clock.advance(30_000);
    }
    expect(await answer).toBe('signed-in');
    const [start, page] = desktop.seen('xdg-open');
    expect(start?.words).toEqual([start?.file]);
    expect(page).toMatchObject({ place: 'tab' });
    await vi.waitFor(async () => {
      await clock.advance(1_000);
      expect(desktop.leftovers()).toEqual([]);
    });
  },
);

test('[L2] [L11] a page in the default browser ends after 10 minutes, and is told so', async () => {
  desktop.install('xdg-open', 'wait');
  const clock = createFakeClock();
  const dialog = createBrowserLogin({ ...desktop.options, after: clock.after });
  const answer = dialog.ask(request, accept, never);
  await untilSeen('xdg-open', 'secret');
  // The limit, and the timer of the question for news.
  await vi.waitFor(() => expect(clock.pending).toBe(2));
  for (let minute = 1; minute < 10; minute += 1) await clock.advance(60_000);
  await clock.advance(60_000);
  expect(await answer).toBe('cancelled');
  await untilSeen('xdg-open', 'news');
  expect(desktop.leftovers()).toEqual([]);
});

test('[L10] a page in the default browser that is closed cancels', async () => {
  desktop.install('xdg-open', 'leave');
  expect(await ask()).toBe('cancelled');
});

test('for a default browser in a snap the file is where that snap can read it', async () => {
  desktop.install('xdg-open', 'sign-in');
  desktop.installPrinting('xdg-settings', 'firefox_firefox.desktop');
  expect(await ask()).toBe('signed-in');
  const [start] = desktop.seen('xdg-open');
  expect(String(start?.file).startsWith(`${desktop.home}/snap/firefox/common/`)).toBe(true);
  expect(existsSync(String(start?.file))).toBe(false);
});

test('[L11] where no browser can show it, a sentence says how to sign in by command', async () => {
  await expect(ask()).rejects.toMatchObject({
    code: 'no_dialog',
    message:
      'No browser could show the login dialog. Sign in with: telex-start login --email ana@example.com',
  });
  desktop.install('chromium', 'fail');
  desktop.install('xdg-open', 'fail');
  await expect(ask()).rejects.toMatchObject({ code: 'no_dialog' });
  await untilNothingIsLeft();
});

test('[L11] a default browser in which no page appears within 30 s is given up', async () => {
  desktop.install('xdg-open', 'hang');
  const clock = createFakeClock();
  const answer = createBrowserLogin({ ...desktop.options, after: clock.after }).ask(
    request,
    accept,
    never,
  );
  const refusal = expect(answer).rejects.toMatchObject({ code: 'no_dialog' });
  await vi.waitFor(() => expect(desktop.seen('xdg-open')).toHaveLength(1), { timeout: 5_000 });
  await clock.advance(30_000);
  await refusal;
  expect(desktop.leftovers()).toEqual([]);
  process.kill(Number(desktop.seen('xdg-open')[0]?.pid), 'SIGKILL');
});

test('[L11] without a display no browser is started', async () => {
  desktop.install('chromium', 'sign-in');
  const { environment } = desktop.options;
  const dark = { ...environment, display: { x11: false, wayland: false } };
  const dialog = createBrowserLogin({ ...desktop.options, environment: dark });
  await expect(dialog.ask(request, accept, never)).rejects.toMatchObject({ code: 'no_dialog' });
  expect(desktop.seen('chromium')).toEqual([]);
});

test('[L12] an aborted dialog answers at once; its page is told that it is void', async () => {
  desktop.install('chromium', 'wait');
  const end = new AbortController();
  const answer = ask(accept, end.signal);
  await untilSeen('chromium', 'secret');
  end.abort();
  expect(await answer).toBe('cancelled');
  await untilNothingIsLeft();
  const news = desktop.seen('chromium').find((entry) => 'news' in entry);
  // Aborted before it asked for news, it finds nobody to ask.
  if (news !== undefined) expect(news).toEqual({ news: { end: 'void' } });
});

test('[L12] a window that does not close although its page is void is made to', async () => {
  desktop.install('chromium', 'wait for ever');
  const end = new AbortController();
  const clock = createFakeClock();
  const dialog = createBrowserLogin({ ...desktop.options, after: clock.after });
  const answer = dialog.ask(request, accept, end.signal);
  await untilSeen('chromium', 'secret');
  await vi.waitFor(() => expect(clock.pending).toBe(1));
  end.abort();
  expect(await answer).toBe('cancelled');
  await untilSeen('chromium', 'news');
  expect(desktop.leftovers()).toHaveLength(1);
  await clock.advance(4_000);
  await untilNothingIsLeft();
});

test('[L12] aborted before it began, or while the browser starts, it is cancelled and nothing is left', async () => {
  desktop.install('chromium', 'hang');
  expect(await ask(accept, AbortSignal.abort())).toBe('cancelled');
  expect(desktop.seen('chromium')).toEqual([]);
  const end = new AbortController();
  const answer = ask(accept, end.signal);
  await vi.waitFor(() => expect(desktop.seen('chromium')).toHaveLength(2), { timeout: 5_000 });
  end.abort();
  expect(await answer).toBe('cancelled');
  await untilNothingIsLeft();
});

test('[L5] the end of the dialog aborts the try under way', async () => {
  desktop.install('chromium', 'sign-in');
  const end = new AbortController();
  const begun = Promise.withResolvers<void>();
  const stopped = Promise.withResolvers<void>();
  const answer = ask((_, signal) => {
    begun.resolve();
    signal.addEventListener('abort', () => stopped.resolve());
    return stopped.promise.then(() => ({ ok: false, code: 'cancelled', sentence: '' }));
  }, end.signal);
  await begun.promise;
  end.abort();
  expect(await answer).toBe('cancelled');
  await stopped.promise;
});

test('nobody asks for it again but by aborting: the tray brings it back', async () => {
  const end = new AbortController();
  const dialog = createBrowserLogin(desktop.options);
  const wanted = dialog.wanted(end.signal);
  end.abort();
  expect(await wanted).toBe(false);
  expect(await dialog.wanted(AbortSignal.abort())).toBe(false);
});
