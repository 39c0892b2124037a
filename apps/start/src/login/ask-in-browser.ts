import type { LoginRequest, TrySignIn } from '../desktop/login-dialog.ts';
import { StartError } from '../errors.ts';
import { browserArguments } from './browser-arguments.ts';
import { type BrowserWindow, openBrowserWindow } from './browser-window.ts';
import { defaultBrowserSnap, openInDefaultBrowser } from './default-browser.ts';
import { findBrowser, findProgram } from './find-browser.ts';
import { type LoginFolder, makeLoginFolder } from './login-files.ts';
import type { BrowserLoginOptions } from './login-options.ts';
import { type LoginServer, openLoginServer } from './login-server.ts';
import { openingHtml } from './page/page-html.ts';
import type { PageEnd } from './page/page-state.ts';
import { resolveProgram } from './resolve-program.ts';
import { newSecret } from './secret.ts';

export interface Asking {
  readonly request: LoginRequest;
  readonly trySignIn: TrySignIn;
  readonly signal: AbortSignal;
}

type Answer = 'signed-in' | 'cancelled';
/** What came of one way to show the page; `not-shown`: the next way is tried. */
type Shown = Answer | 'not-shown';

/** A page that is not there by then will not come: no such handler, no display, a browser that can't read the file. */
const LOAD_LIMIT_MS = 30_000;
/** A tab tells nobody that it was forgotten. */
const TAB_LIMIT_MS = 600_000;
/** A page that was told to close has so long to be read and to do it. */
const WINDOW_LIMIT_MS = 4_000;
/** A browser that was just killed may still write; nothing can be done later then. */
const TRIES_AT_EXIT = 10;

/** Shows the dialog and answers once it is over. Rejects with a `StartError` that says how else to sign in. */
export async function askInBrowser(options: BrowserLoginOptions, asking: Asking): Promise<Answer> {
  if (asking.signal.aborted) return 'cancelled';
  const { x11, wayland } = options.environment.display;
  if (!x11 && !wayland) throw noDialog('There is no display to show a login dialog on.', asking);
  const after = options.after ?? later;
  const server = await openLoginServer({ ...asking, after });
  try {
    const ways = [showInWindow, showInTab];
    for (const show of ways) {
      const shown = await show({ options, asking, server, after });
      if (shown !== 'not-shown') return shown;
    }
  } finally {
    server.close('void');
  }
  throw noDialog('No browser could show the login dialog.', asking);
}

interface Showing {
  readonly options: BrowserLoginOptions;
  readonly asking: Asking;
  readonly server: LoginServer;
  readonly after: NonNullable<BrowserLoginOptions['after']>;
}

/** As an app window: its end is the end of the dialog. */
async function showInWindow(showing: Showing): Promise<Shown> {
  const { options, server, after, asking } = showing;
  const { environment } = options;
  const browser = findBrowser({ path: environment.path, resolve: resolveProgram }, options.places);
  if (browser === undefined) return 'not-shown';
  const folder = makeLoginFolder(environment, browser.snap);
  const file = writeOpening(folder, server, 'window');
  const window = openBrowserWindow({
    program: browser.program,
    arguments: browserArguments({
      file,
      profile: folder.profile,
      display: environment.display,
    }),
    after,
  });
  const cleanUp = onProcessExit(() => {
    window.kill();
    folder.remove(TRIES_AT_EXIT);
  });
  const early = window.exited.then((exit): Shown => (exit === 'ended' ? 'cancelled' : 'not-shown'));
  const shown = await untilLoaded(showing, early);
  folder.removeOpening();
  const answer =
    shown === 'loaded'
      ? await Promise.race([
          server.outcome,
          aborted(asking.signal, server),
          window.exited.then(() => server.standing),
        ])
      : shown;
  if (answer !== 'not-shown') server.close(endFor(answer, asking.signal));
  // The answer does not wait for the window to go.
  void closeWindow(window, folder, shown === 'loaded' ? WINDOW_LIMIT_MS : 0, after).then(cleanUp);
  return answer;
}

async function closeWindow(
  window: BrowserWindow,
  folder: LoginFolder,
  graceMs: number,
  after: Showing['after'],
): Promise<void> {
  if (graceMs > 0) {
    const { promise: isLate, resolve } = Promise.withResolvers<void>();
    const cancel = after(graceMs, resolve);
    await Promise.race([window.exited, isLate]);
    cancel();
  }
  await window.end();
  // Its helper processes end a little later and may still write.
  for (let attempt = 0; attempt < 20 && !folder.remove(); attempt += 1) {
    const { promise, resolve } = Promise.withResolvers<void>();
    after(100, resolve);
    await promise;
  }
}

/** In the user's own browser: the page tells when it is left or closed, else the limit ends it. */
async function showInTab(showing: Showing): Promise<Shown> {
  const { options, asking, server, after } = showing;
  const search = { path: options.environment.path, resolve: resolveProgram };
  const xdgOpen = findProgram(['xdg-open'], search);
  if (xdgOpen === undefined) return 'not-shown';
  const snap = await defaultBrowserSnap(findProgram(['xdg-settings'], search));
  const folder = makeLoginFolder(options.environment, snap);
  const cleanUp = onProcessExit(() => folder.remove());
  const limit = Promise.withResolvers<Answer>();
  const cancelLimit = after(TAB_LIMIT_MS, () => {
    server.close('time-limit');
    limit.resolve(server.standing);
  });
  try {
    const opened = openInDefaultBrowser(xdgOpen, writeOpening(folder, server, 'tab'));
    const shown = await untilLoaded(
      showing,
      opened.failed.then((): Shown => 'not-shown'),
    );
    folder.removeOpening();
    if (shown !== 'loaded') return shown;
    const answer = await Promise.race([
      server.outcome,
      aborted(asking.signal, server),
      limit.promise,
    ]);
    server.close(endFor(answer, asking.signal));
    return answer;
  } finally {
    cancelLimit();
    folder.remove();
    cleanUp();
  }
}

/** Until the page is there, or can't be. */
async function untilLoaded(
  { server, asking, after }: Showing,
  failed: Promise<Shown>,
): Promise<Shown | 'loaded'> {
  const late = Promise.withResolvers<Shown>();
  const cancel = after(LOAD_LIMIT_MS, () => late.resolve('not-shown'));
  try {
    return await Promise.race([
      server.opened.then(() => 'loaded' as const),
      failed,
      late.promise,
      aborted(asking.signal, server),
    ]);
  } finally {
    cancel();
  }
}

function writeOpening(folder: LoginFolder, server: LoginServer, place: 'window' | 'tab'): string {
  return folder.writeOpening(openingHtml({ ...server.newOpening(place), nonce: newSecret() }));
}

function aborted(signal: AbortSignal, server: LoginServer): Promise<Answer> {
  const { promise, resolve } = Promise.withResolvers<Answer>();
  const answer = () => resolve(server.standing);
  if (signal.aborted) answer();
  signal.addEventListener('abort', answer, { once: true });
  return promise;
}

function endFor(answer: Answer, signal: AbortSignal): PageEnd {
  return answer === 'cancelled' && signal.aborted ? 'void' : answer;
}

/** @returns takes it back */
function onProcessExit(run: () => void): () => void {
  process.once('exit', run);
  return () => process.off('exit', run);
}

function later(delayMs: number, run: () => void): () => void {
  // The open dialog keeps this process alive, nothing that is only tidied up.
  const timer = setTimeout(run, delayMs).unref();
  return () => clearTimeout(timer);
}

function noDialog(why: string, { request }: Asking): StartError {
  const email = request.email === undefined ? '' : ` --email ${request.email}`;
  return new StartError('no_dialog', `${why} Sign in with: telex-start login${email}`);
}
