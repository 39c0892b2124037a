import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { needProgram } from '@telex/testkit';
import type { AxeResults } from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { build } from 'rolldown';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { LoginOutcome } from '../../desktop/login-dialog.ts';
import {
  launchChromium,
  openInChromium,
  type PageInChromium,
  type PageOptions,
  windowSize,
} from '../test/page-in-chromium.ts';
import { problemWords, words } from './words.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const failed = (code: string, more: { waitMs?: number } = {}): LoginOutcome => ({
  ok: false,
  code,
  sentence: 'A sentence of the session.',
  ...more,
});
const hint = 'You are signed in, but belong to no organisation yet. Ask to be invited.';

let browser: Browser;
let open: PageInChromium[] = [];
beforeAll(async () => {
  browser = await launchChromium(needProgram('chromium'));
});
afterAll(() => browser?.close());
afterEach(async () => {
  const complaints = open.flatMap((page) => page.complaints);
  await Promise.all(open.map((page) => page.close()));
  open = [];
  expect(complaints).toEqual([]);
});

const start = async (options: PageOptions = {}): Promise<PageInChromium> => {
  const opened = await openInChromium(browser, options);
  open.push(opened);
  return opened;
};

/** What the focus is on. */
const focused = (page: Page) => page.evaluate<string>('document.activeElement.id');
const typeAndEnter = async (page: Page, password: string) => {
  await page.keyboard.type(password);
  await page.keyboard.press('Enter');
};
const isOver = (page: Page, sentence: string) =>
  page.locator('#end-text', { hasText: sentence }).waitFor();

test('[L14] the whole dialog goes by keyboard alone, in the order it is seen in', async () => {
  const { page, attempts, server } = await start({
    request: { server: undefined, email: undefined, reason: undefined },
  });
  expect(await focused(page)).toBe('email');
  await page.keyboard.type('ana@example.com');
  const order = [];
  for (let stop = 0; stop < 6; stop += 1) {
    await page.keyboard.press('Tab');
    order.push(await page.evaluate('document.activeElement.id || document.activeElement.tagName'));
  }
  expect(order).toEqual(['password', 'show', 'SUMMARY', 'server', 'cancel', 'submit']);
  await page.focus('#server');
  await page.keyboard.type('https://telex.example.org');
  await page.focus('#password');
  await typeAndEnter(page, 'open sesame');
  expect(await server.outcome).toBe('signed-in');
  expect(attempts).toEqual([
    { email: 'ana@example.com', password: 'open sesame', server: 'https://telex.example.org' },
  ]);
});

test('[L14] the server address is unfolded, and the buttons are pressed, by keyboard', async () => {
  const { page, server } = await start();
  await page.focus('summary');
  await page.keyboard.press('Enter');
  expect(await page.locator('#server').isVisible()).toBe(true);
  await page.focus('#cancel');
  await page.keyboard.press('Space');
  expect(await server.outcome).toBe('cancelled');
});

test('e-mail and server are filled in, the reason is told, and the focus is on the password', async () => {
  const { page } = await start();
  expect(await page.inputValue('#email')).toBe('ana@example.com');
  expect(await page.inputValue('#server')).toBe('https://telex.example.org');
  expect(await page.locator('#server').isVisible()).toBe(false);
  expect(await page.textContent('#reason[role=status]')).toBe(
    'Your session has expired. Sign in again.',
  );
  expect(await focused(page)).toBe('password');
});

test('password managers find e-mail and password, and pasting works', async () => {
  const { page } = await start();
  const kinds = 'Array.from(document.querySelectorAll("input"), (field) => field.autocomplete)';
  expect(await page.evaluate(kinds)).toEqual(['username', 'current-password', 'off']);
  await page.focus('#password');
  await page.evaluate(`{
    const data = new DataTransfer();
    data.setData('text/plain', 'pasted');
    const event = new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true });
    window.wasTaken = !document.activeElement.dispatchEvent(event);
  }`);
  expect(await page.evaluate('window.wasTaken')).toBe(false);
});

test('[L9] a wrong password, then the right one, in the same window', async () => {
  const { page, attempts, server, answerWith } = await start();
  answerWith(failed('wrong_credentials'));
  await typeAndEnter(page, 'wrong');
  const alert = page.locator('[role=alert]');
  await alert.getByText('Wrong e-mail or password').waitFor();
  expect(await page.inputValue('#email')).toBe('ana@example.com');
  expect(await page.inputValue('#password')).toBe('');
  expect(await focused(page)).toBe('password');
  expect(await page.getAttribute('#password', 'aria-invalid')).toBe('true');
  expect(await page.getAttribute('#password', 'aria-describedby')).toContain('problem-text');
  await typeAndEnter(page, 'right');
  expect(await server.outcome).toBe('signed-in');
  expect(attempts.map(({ password }) => password)).toEqual(['wrong', 'right']);
});

test('[L9] each fault is told in its own words, with the focus where it can be mended', async () => {
  const { page, answerWith } = await start();
  const alert = page.locator('[role=alert]');
  for (const [code, own] of Object.entries(problemWords)) {
    answerWith(failed(code));
    await page.fill('#password', 'open sesame');
    await page.keyboard.press('Enter');
    await alert.getByText(own.title, { exact: true }).waitFor();
    await alert.getByText(own.text, { exact: true }).waitFor();
    const isKept = !('clearsPassword' in own);
    expect(await page.inputValue('#password')).toBe(isKept ? 'open sesame' : '');
    const field = 'field' in own ? own.field : 'password';
    expect(await focused(page)).toBe(field);
    expect(await page.locator(`#${field}`).isVisible()).toBe(true);
  }
});

test('nothing typed: the field is named and nothing is sent', async () => {
  const { page, attempts } = await start();
  await page.keyboard.press('Enter');
  await page.locator('[role=alert]').getByText(words.missingPassword).waitFor();
  await page.fill('#email', ' ');
  await page.click('#submit');
  await page.locator('[role=alert]').getByText(words.missingEmail).waitFor();
  expect(await focused(page)).toBe('email');
  expect(attempts).toEqual([]);
});

test('[L5] while a try is under way the page says so, takes no second one, and Stop ends it', async () => {
  const { page, attempts, answerWith, server } = await start();
  answerWith(new Promise(() => {}));
  await typeAndEnter(page, 'open sesame');
  await page.locator('#note', { hasText: words.signingIn }).waitFor();
  expect(await page.getAttribute('#form', 'aria-busy')).toBe('true');
  expect(await page.getAttribute('#submit', 'aria-disabled')).toBe('true');
  await page.keyboard.press('Enter');
  await page.click('#submit', { force: true });
  await page.click('#cancel');
  await page.locator('#note', { hasText: words.stopped }).waitFor();
  expect(await page.inputValue('#password')).toBe('open sesame');
  await page.keyboard.press('Enter');
  expect(await server.outcome).toBe('signed-in');
  expect(attempts).toHaveLength(2);
});

test('[L10] Escape stops a try first, then cancels the dialog', async () => {
  const { page, answerWith, server } = await start();
  answerWith(new Promise(() => {}));
  await typeAndEnter(page, 'open sesame');
  await page.locator('#note', { hasText: words.signingIn }).waitFor();
  await page.keyboard.press('Escape');
  await page.locator('#note', { hasText: words.stopped }).waitFor();
  await page.keyboard.press('Escape');
  expect(await server.outcome).toBe('cancelled');
  await isOver(page, words.cancelled);
});

test('[L10] closing the page cancels', async () => {
  const { page, server } = await start();
  await page.close();
  expect(await server.outcome).toBe('cancelled');
});

test('[L13] a pause is counted down, nothing is sent meanwhile, and its end is announced', async () => {
  const { page, attempts, answerWith } = await start();
  await page.clock.install();
  answerWith(failed('too_many_tries', { waitMs: 65_000 }));
  await typeAndEnter(page, 'open sesame');
  await page.locator('#wait', { hasText: 'Try again in 1:05' }).waitFor();
  const alert = 'document.querySelector("[role=alert]").textContent';
  const announced = await page.evaluate(alert);
  expect(announced).toContain('Try again in 1:05');
  expect(await page.getAttribute('#submit', 'aria-disabled')).toBe('true');
  await page.clock.runFor(4_000);
  await page.locator('#wait', { hasText: 'Try again in 1:01' }).waitFor();
  // Announced once, not every second.
  expect(await page.evaluate(alert)).toBe(announced);
  await page.keyboard.press('Enter');
  expect(attempts).toHaveLength(1);
  await page.clock.runFor(62_000);
  await page.locator('#note[role=status]', { hasText: words.waitOver }).waitFor();
  expect(await page.locator('#wait').isVisible()).toBe(false);
  await page.keyboard.press('Enter');
  await page.locator('#end').waitFor();
  expect(attempts).toHaveLength(2);
});

test('signed in without an organisation, the page says so and waits until it was read', async () => {
  const { page, answerWith, server } = await start();
  answerWith({ ok: true, hint });
  await typeAndEnter(page, 'open sesame');
  await isOver(page, hint);
  expect(await page.title()).toBe(words.signedInTitle);
  expect(await focused(page)).toBe('done');
  expect(await page.inputValue('#password')).toBe('');
  await page.keyboard.press('Enter');
  expect(await server.outcome).toBe('signed-in');
});

test('the password can be shown and hidden, and is hidden when it is sent', async () => {
  const { page, answerWith } = await start();
  answerWith(failed('server_error'));
  await page.keyboard.type('open sesame');
  const show = page.getByRole('button', { name: words.showPassword });
  expect(await show.getAttribute('aria-pressed')).toBe('false');
  await show.click();
  expect(await page.getAttribute('#password', 'type')).toBe('text');
  expect(await show.getAttribute('aria-pressed')).toBe('true');
  expect(await focused(page)).toBe('password');
  await page.keyboard.press('Enter');
  await page.locator('[role=alert]').getByText('The server has a fault').waitFor();
  expect(await page.getAttribute('#password', 'type')).toBe('password');
});

test('Caps Lock is told while it is on', async () => {
  const { page } = await start();
  const press = (isOn: boolean) =>
    page.evaluate(
      `document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key: 'A', bubbles: true, modifierCapsLock: ${isOn} }))`,
    );
  expect(await page.locator('#caps').isVisible()).toBe(false);
  await press(true);
  expect(await page.textContent('#caps[role=status]')).toBe(words.capsLock);
  expect(await page.locator('#caps').isVisible()).toBe(true);
  await press(false);
  expect(await page.locator('#caps').isVisible()).toBe(false);
});

test('[L12] a page that became void says so', async () => {
  const { page, server } = await start();
  await page.locator('#reason').waitFor();
  server.close('void');
  await isOver(page, words.void);
  expect(await focused(page)).toBe('end-title');
});

test('[L12] a page over its time limit says so, and one whose Telex Start has gone too', async () => {
  const limited = await start();
  await limited.page.locator('#reason').waitFor();
  limited.server.close('time-limit');
  await isOver(limited.page, words.timeLimit);
  const lost = await start();
  await lost.page.route('**/wait', (route) => route.abort());
  await lost.page.route('**/sign-in', (route) => route.abort());
  await typeAndEnter(lost.page, 'open sesame');
  await isOver(lost.page, words.lost);
  expect(await lost.page.inputValue('#password')).toBe('');
});

test('[L2] [L7] neither secret nor password is in an address; reloading does not bring the page back', async () => {
  const opened = await start();
  const { page, server } = opened;
  const seen: string[] = [];
  page.on('request', (request) => seen.push(request.url()));
  await page.keyboard.type('open sesame');
  expect(page.url()).toBe(`http://127.0.0.1:${server.port}/open`);
  const reply = await page.reload().catch(() => null);
  expect(reply?.status() ?? 403).toBe(403);
  expect(seen.every((url) => url === `http://127.0.0.1:${server.port}/open`)).toBe(true);
  expect(await server.outcome).toBe('cancelled');
  // It complained of the 403.
  open = open.filter((page) => page !== opened);
  await opened.close();
});

test('[L6] the page refuses scripts, pictures and servers of others', async () => {
  const opened = await start();
  const refused = await opened.page.evaluate(`(async () => {
    const violations = [];
    document.addEventListener('securitypolicyviolation', (event) => violations.push(event.effectiveDirective));
    const script = document.createElement('script');
    script.textContent = 'window.wasRun = true';
    document.body.append(script);
    document.body.append(Object.assign(new Image(), { src: 'http://127.0.0.1:1/x.png' }));
    await fetch('http://127.0.0.1:1/').catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 50));
    return { violations: violations.sort(), wasRun: window.wasRun === true };
  })()`);
  expect(refused).toEqual({
    violations: ['connect-src', 'img-src', 'script-src-elem'],
    wasRun: false,
  });
  // It complained of these on purpose.
  open = open.filter((page) => page !== opened);
  await opened.close();
});

/** Brings the page into each state that it can be seen in. */
const seenStates: Readonly<Record<string, (opened: PageInChromium) => Promise<void>>> = {
  filling: async () => {},
  unfolded: async ({ page }) => page.click('summary'),
  'caps lock': async ({ page }) => {
    await page.evaluate(
      `document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key: 'A', bubbles: true, modifierCapsLock: true }))`,
    );
  },
  shown: async ({ page }) => page.click('#show'),
  trying: async ({ page, answerWith }) => {
    answerWith(new Promise(() => {}));
    await typeAndEnter(page, 'x');
    await page.locator('[aria-busy=true]').waitFor();
  },
  'wrong password': async ({ page, answerWith }) => {
    answerWith(failed('wrong_credentials'));
    await typeAndEnter(page, 'x');
    await page.locator('[role=alert]').getByText('Wrong e-mail').waitFor();
  },
  'wrong server': async ({ page, answerWith }) => {
    answerWith(failed('untrusted_certificate'));
    await typeAndEnter(page, 'x');
    await page.locator('[role=alert]').getByText('not safe').waitFor();
  },
  waiting: async ({ page, answerWith }) => {
    answerWith(failed('too_many_tries', { waitMs: 600_000 }));
    await typeAndEnter(page, 'x');
    await page.locator('#wait').waitFor();
  },
  told: async ({ page, answerWith }) => {
    answerWith({ ok: true, hint });
    await typeAndEnter(page, 'x');
    await isOver(page, hint);
  },
  void: async ({ page, server }) => {
    server.close('void');
    await isOver(page, words.void);
  },
};

test('the page works out of a bundle that was made small: its parts still use nothing but their parameters', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'telex-bundle-'));
  try {
    const input = fileURLToPath(new URL('../login-server.ts', import.meta.url));
    const file = join(folder, 'bundle.mjs');
    await build({ input, platform: 'node', output: { file, minify: true }, logLevel: 'silent' });
    const bundle = (await import(file)) as typeof import('../login-server.ts');
    const { page, answerWith, server } = await start({ openServer: bundle.openLoginServer });
    answerWith(failed('too_many_tries', { waitMs: 1 }), failed('wrong_credentials'));
    await typeAndEnter(page, 'wrong');
    await page.locator('#note', { hasText: words.waitOver }).waitFor();
    await page.keyboard.press('Enter');
    await page.locator('[role=alert]').getByText('Wrong e-mail or password').waitFor();
    await typeAndEnter(page, 'right');
    expect(await server.outcome).toBe('signed-in');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

const isCutOff = 'document.documentElement.scrollWidth > document.documentElement.clientWidth';
/** Ways to look at the page in which nothing may be cut off. */
const looks: Readonly<Record<string, (page: Page) => Promise<unknown>>> = {
  'as it is': async () => {},
  'from right to left': (page) => page.evaluate(`document.documentElement.dir = 'rtl'`),
  // In the same window there is room for half as many of the page's pixels.
  'zoomed to 200 %': (page) => page.setViewportSize({ width: 180, height: 210 }),
  'text alone at 200 %': async (page) => {
    await page.setViewportSize(windowSize);
    await page.evaluate(`document.documentElement.style.fontSize = '200%'`);
  },
};

test.each(Object.keys(seenStates))(
  '[L14] axe-core finds nothing in light and dark, and nothing is cut off enlarged: $0',
  async (state) => {
    const opened = await start();
    const { page } = opened;
    await seenStates[state]?.(opened);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await findings(page)).toEqual([]);
    }
    for (const [name, look] of Object.entries(looks)) {
      await look(page);
      expect([name, await page.evaluate(isCutOff)]).toEqual([name, false]);
    }
  },
);

async function findings(page: Page): Promise<string[]> {
  // Not as a script of the page, which its policy would refuse.
  await page.evaluate(axe);
  const results = (await page.evaluate('axe.run()')) as AxeResults;
  expect(results.passes.length).toBeGreaterThan(10);
  return [...results.violations, ...results.incomplete].map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`,
  );
}

test('[L14] everything fits into the window without scrolling when it opens', async () => {
  const { page } = await start();
  const isScrolled =
    'document.documentElement.scrollHeight > document.documentElement.clientHeight';
  expect(await page.evaluate(isScrolled)).toBe(false);
});

test('with forced colours the buttons keep their borders', async () => {
  const { page } = await start({ forcedColors: 'active' });
  const border = await page.evaluate(
    'getComputedStyle(document.getElementById("submit")).borderTopColor',
  );
  const ground = await page.evaluate('getComputedStyle(document.body).backgroundColor');
  expect(border).not.toBe(ground);
});
