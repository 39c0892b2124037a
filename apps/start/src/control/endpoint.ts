import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, type Stats } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Environment } from '../environment.ts';
import { StartError, systemCode } from '../errors.ts';

/** Where the control socket is. */
export interface Endpoint {
  /** What `net` listens on and connects to: a socket file, or the name of a pipe on Windows. */
  readonly address: string;
  /** The folder that keeps others out; undefined on Windows, where pipes have no folder. */
  readonly folder: string | undefined;
}

type Place = Pick<Environment, 'platform' | 'user' | 'userId' | 'runtimeDir' | 'tempDir'>;

/** Longest path of a Unix socket on Linux, without the final zero. */
const LONGEST_PATH = 107;

/** @param chosen folder given on the command line. */
export function findEndpoint(place: Place, chosen: string | undefined): Endpoint {
  if (place.platform === 'win32') {
    const name = createHash('sha256')
      .update(`${place.user}\0${chosen ?? ''}`)
      .digest('hex');
    return { address: `\\\\.\\pipe\\telex-start-${name.slice(0, 32)}`, folder: undefined };
  }
  const folder = resolve(
    chosen ??
      (place.runtimeDir === undefined
        ? join(place.tempDir, `telex-${place.user}`)
        : join(place.runtimeDir, 'telex')),
  );
  const address = join(folder, 'start.sock');
  if (Buffer.byteLength(address) > LONGEST_PATH) {
    throw new StartError(
      'unusable_folder',
      `The path of the control folder ${folder} is too long for a socket. Choose a shorter one with --control.`,
    );
  }
  return { address, folder };
}

/** Makes the folder for its user alone. Throws `StartError` where others could get in. */
export function secureFolder({ folder }: Endpoint, place: Place): void {
  if (folder === undefined) return;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new StartError(
      'unusable_folder',
      `The control folder ${folder} cannot be made (${systemCode(error) ?? 'unknown fault'}). Choose another with --control.`,
    );
  }
  checkFolder(folder, place);
}

/**
 * C1: the folder is ours and nobody else can enter it. Checked by clients as well, before they send a password: a stranger
 * could have made `/tmp/telex-1000` first.
 */
export function checkFolder(folder: string, place: Place): void {
  const stats = statOf(folder);
  if (stats === undefined) return;
  if (!stats.isDirectory()) throw unsafe(folder, 'it is no folder');
  if (place.userId >= 0 && stats.uid !== place.userId) {
    throw unsafe(folder, 'it belongs to another user');
  }
  if ((stats.mode & 0o077) !== 0) throw unsafe(folder, 'other users can enter it');
}

function statOf(folder: string): Stats | undefined {
  try {
    return lstatSync(folder);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw new StartError(
      'unusable_folder',
      `The control folder ${folder} cannot be looked at (${systemCode(error) ?? 'unknown fault'}).`,
    );
  }
}

function unsafe(folder: string, why: string): StartError {
  return new StartError(
    'unsafe_folder',
    `The control folder ${folder} is not safe: ${why}. Make it yours alone (chmod 700), or choose another with --control.`,
  );
}
