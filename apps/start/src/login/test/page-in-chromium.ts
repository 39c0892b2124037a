import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import type {
  LoginAttempt,
  LoginOutcome,
  LoginRequest,
  TrySignIn,
} from '../../desktop/login-dialog.ts';
import { type LoginServer, openLoginServer } from '../login-server.ts';
import { openingHtml } from '../page/page-html.ts';

/** A login page in a real browser, opened by its file as the product does it. */
export interface PageInChromium {
  readonly page: Page;
  readonly server: LoginServer;
  readonly attempts: readonly LoginAttempt[];
  /** Tries come to these, one after another; a promise holds its try up. */
  answerWith(...outcomes: readonly (LoginOutcome | Promise<LoginOutcome>)[]): void;
  /** What the page complained of: refused by its policy, or a fault of its script. */
  readonly complaints: readonly string[];
  close(): Promise<void>;
}

export interface PageOptions {
  readonly request?: Partial<LoginRequest>;
  readonly place?: 'window' | 'tab';
  readonly colorScheme?: 'light' | 'dark';
  readonly viewport?: { readonly width: number; readonly height: number };
  readonly forcedColors?: 'active' | 'none';
  /** Default: that of the source. */
  readonly openServer?: typeof openLoginServer;
}

/** The app window as it opens. */
export const windowSize = { width: 360, height: 420 };

export function launchChromium(program: string): Promise<Browser> {
  // Root can't have the sandbox, nor can many a container. The product never passes this.
  return chromium.launch({ executablePath: program, args: ['--no-sandbox'] });
}

export async function openInChromium(
  browser: Browser,
  options: PageOptions = {},
): Promise<PageInChromium> {
  const folder = mkdtempSync(join(tmpdir(), 'telex-page-'));
  const attempts: LoginAttempt[] = [];
  const outcomes: (LoginOutcome | Promise<LoginOutcome>)[] = [];
  const trySignIn: TrySignIn = async (attempt, signal) => {
    attempts.push(attempt);
    const { promise: stopped, resolve } = Promise.withResolvers<LoginOutcome>();
    signal.addEventListener('abort', () =>
      resolve({ ok: false, code: 'cancelled', sentence: 'Signing in was cancelled.' }),
    );
    const outcome: LoginOutcome | Promise<LoginOutcome> = outcomes.shift() ?? { ok: true };
    return Promise.race([stopped, outcome]);
  };
  const server = await (options.openServer ?? openLoginServer)({
    request: {
      server: 'https://telex.example.org',
      reason: 'Your session has expired. Sign in again.',
      email: 'ana@example.com',
      ...options.request,
    },
    trySignIn,
    after(delayMs, run) {
      const timer = setTimeout(run, delayMs);
      return () => clearTimeout(timer);
    },
  });
  const context = await browser.newContext({
    viewport: options.viewport ?? windowSize,
    colorScheme: options.colorScheme ?? 'light',
    forcedColors: options.forcedColors ?? 'none',
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    // A request that is broken off on purpose is no complaint.
    if (message.type() === 'error' && !message.text().includes('net::ERR')) {
      complaints.push(message.text());
    }
  });
  const file = join(folder, 'login.html');
  writeFileSync(
    file,
    openingHtml({ ...server.newOpening(options.place ?? 'tab'), nonce: 'opening' }),
  );
  await page.goto(`file://${file}`);
  await page.waitForURL(`http://127.0.0.1:${server.port}/open`);
  return {
    page,
    server,
    attempts,
    answerWith: (...more) => void outcomes.push(...more),
    complaints,
    async close() {
      server.close('void');
      await context.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
