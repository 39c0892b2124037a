import { execFile, spawn } from 'node:child_process';

const ANSWER_LIMIT_MS = 3_000;

/** Opens a file by `xdg-open` in the user's browser. `failed` resolves when that could not be; else it stays pending. */
export function openInDefaultBrowser(
  xdgOpen: string,
  file: string,
): { readonly failed: Promise<void> } {
  const { promise: failed, resolve } = Promise.withResolvers<void>();
  // Without a desktop environment this process becomes the browser itself: it must outlive us.
  const child = spawn(xdgOpen, [file], { stdio: 'ignore', detached: true });
  child.once('error', () => resolve());
  child.once('exit', (code) => {
    if (code !== 0) resolve();
  });
  child.unref();
  return { failed };
}

/** Name of the snap that the default browser is packed in; undefined where it is not, or can't be told. */
export function defaultBrowserSnap(xdgSettings: string | undefined): Promise<string | undefined> {
  if (xdgSettings === undefined) return Promise.resolve(undefined);
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  execFile(
    xdgSettings,
    ['get', 'default-web-browser'],
    { timeout: ANSWER_LIMIT_MS },
    (error, stdout) => resolve(error === null ? snapOfDesktopEntry(stdout.trim()) : undefined),
  );
  return promise;
}

/** Snaps name their entries `<snap>_<program>.desktop`. */
export function snapOfDesktopEntry(entry: string): string | undefined {
  return /^([a-z0-9-]+)_[\w.-]+\.desktop$/.exec(entry)?.[1];
}
