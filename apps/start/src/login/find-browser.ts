import { basename, join } from 'node:path';

/** A browser that can show a page as a window of its own. */
export interface Browser {
  readonly program: string;
  /** Name of the snap it is packed in: it can read and write in that snap's own folder only. */
  readonly snap: string | undefined;
}

export interface BrowserSearch {
  /** Folders that programs are looked for in, first wins. */
  readonly path: readonly string[];
  /** The file behind all links where it can be run; undefined where there is none. */
  readonly resolve: (file: string) => string | undefined;
}

/** The first of these programs that a folder of the path has. */
export function findProgram(
  wanted: readonly string[],
  { path, resolve }: BrowserSearch,
): string | undefined {
  return wanted
    .flatMap((name) => path.map((folder) => join(folder, name)))
    .find((file) => resolve(file) !== undefined);
}

/** In the order they are wanted in. */
const names = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'microsoft-edge',
  'microsoft-edge-stable',
  'brave-browser',
  'brave-browser-stable',
  'brave',
];

/** Where they are when the PATH of a desktop session is a short one. */
export const usualPlaces: readonly string[] = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/lib/chromium/chromium',
  '/opt/google/chrome/google-chrome',
  '/opt/microsoft/msedge/microsoft-edge',
  '/opt/brave.com/brave/brave-browser',
  '/usr/local/bin/chromium',
  '/snap/bin/chromium',
  '/snap/bin/brave',
];

/** The browser for the app window. One in a snap is taken only where there is no other. */
export function findBrowser(
  { path, resolve }: BrowserSearch,
  places: readonly string[] = usualPlaces,
): Browser | undefined {
  const candidates = [
    ...names.flatMap((name) => path.map((folder) => join(folder, name))),
    ...places,
  ];
  const found = candidates.flatMap((file) => {
    const target = resolve(file);
    return target === undefined ? [] : [{ program: file, snap: snapOf(file, target, resolve) }];
  });
  return found.find(({ snap }) => snap === undefined) ?? found[0];
}

function snapOf(
  file: string,
  target: string,
  resolve: BrowserSearch['resolve'],
): string | undefined {
  if (file.startsWith('/snap/') || basename(target) === 'snap') return basename(file);
  // Ubuntu's chromium-browser is a script that starts the snap.
  const isWrapper = file === '/usr/bin/chromium-browser' && target === file;
  return isWrapper && resolve('/snap/bin/chromium') !== undefined ? 'chromium' : undefined;
}
