import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { checkFolder, findEndpoint, secureFolder } from '../control/endpoint.ts';
import type { Environment } from '../environment.ts';
import { StartError, systemCode } from '../errors.ts';

export type LoginPlace = Pick<
  Environment,
  'platform' | 'user' | 'userId' | 'runtimeDir' | 'tempDir' | 'home'
>;

/** One dialog's own folder, 0700: the opening file and the browser's profile. */
export interface LoginFolder {
  readonly profile: string;
  /** Writes the file that a browser is started with, 0600. */
  writeOpening(html: string): string;
  /** The file has been loaded. Never throws. */
  removeOpening(): void;
  /** Everything. Never throws; false where a dying browser still wrote into it. Blocks 20 ms and more before each retry. */
  remove(retries?: number): boolean;
}

const PREFIX = 'login-';

/**
 * Makes the folder: in `$XDG_RUNTIME_DIR/telex`, which is memory and the user's alone; for a browser in a snap, which can't
 * read there, in that snap's own folder. What a killed Telex Start has left there goes first.
 */
export function makeLoginFolder(place: LoginPlace, snap: string | undefined): LoginFolder {
  const parent = snap === undefined ? runtimeFolder(place) : snapFolder(place, snap);
  removeLeftovers(parent);
  try {
    const folder = mkdtempSync(join(parent, `${PREFIX}${process.pid}-`));
    const profile = join(folder, 'profile');
    mkdirSync(profile, { mode: 0o700 });
    return folderAt(folder, profile);
  } catch (error) {
    throw unusable(parent, error);
  }
}

function folderAt(folder: string, profile: string): LoginFolder {
  const file = join(folder, 'login.html');
  return {
    profile,
    writeOpening(html) {
      rmSync(file, { force: true });
      writeFileSync(file, html, { mode: 0o600, flag: 'wx' });
      return file;
    },
    removeOpening: () => void tryRemove(file),
    remove: (retries) => tryRemove(folder, retries),
  };
}

function runtimeFolder(place: LoginPlace): string {
  const endpoint = findEndpoint(place, undefined);
  secureFolder(endpoint, place);
  return dirname(endpoint.address);
}

function snapFolder(place: LoginPlace, snap: string): string {
  const parent = join(place.home, 'snap', snap, 'common');
  const folder = join(parent, 'telex-start');
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    chmodSync(folder, 0o700);
  } catch (error) {
    throw unusable(parent, error);
  }
  checkFolder(realpathSync(folder), place);
  return folder;
}

/** Folders whose Telex Start runs no more. */
function removeLeftovers(parent: string): void {
  for (const name of list(parent)) {
    const [, pid] = /^login-(\d+)-/.exec(name) ?? [];
    if (pid !== undefined && !isRunning(Number(pid))) tryRemove(join(parent, name));
  }
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) !== 'ESRCH';
  }
}

function tryRemove(path: string, maxRetries = 0): boolean {
  try {
    rmSync(path, { recursive: true, force: true, maxRetries, retryDelay: 20 });
    return true;
  } catch {
    return false;
  }
}

function unusable(folder: string, error: unknown): StartError {
  return new StartError(
    'unusable_folder',
    `The folder ${folder} cannot be used for the login dialog (${systemCode(error) ?? 'unknown fault'}). Sign in with: telex-start login`,
    error,
  );
}
