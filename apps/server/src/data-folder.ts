import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Lock, takeLock } from './nodes/lock-file.ts';
import { makePrivateFolder } from './private-file.ts';
import { StartError, systemCode } from './start-error.ts';

const START_WAIT_MS = 30_000;

/** `--data`, else the XDG data folder (basedir specification). */
export function dataFolder(
  setting: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): string {
  if (setting !== undefined) return resolve(setting);
  const { XDG_DATA_HOME: xdg } = env;
  // A relative path there is to be ignored.
  const base = xdg?.startsWith('/') === true ? xdg : join(homedir(), '.local', 'share');
  return join(base, 'telex-server');
}

/**
 * Makes the folder and holds it: for this process alone, or together with others that share it. The
 * system takes the lock back when the process dies, however it dies.
 * @throws StartError `data_in_use`, `data_unusable`
 */
export function holdDataFolder(folder: string, how: { readonly isShared: boolean }): Lock {
  const { isShared } = how;
  return usable(folder, () => {
    makePrivateFolder(folder);
    const lock = takeLock(join(folder, 'server.lock'), isShared ? 'shared' : 'exclusive', 0);
    if (lock !== undefined) return lock;
    throw new StartError(
      'data_in_use',
      isShared
        ? `A telex-server that does not share ${folder} uses it. Stop that one, or start it with --share-data on as well.`
        : `Another telex-server uses ${folder}. Stop it, or give this one its own folder with --data.`,
    );
  });
}

/**
 * Of servers that share a folder, one at a time makes keys and brings the database up to date.
 * Waits for the others; released once the database is open.
 * @throws StartError `data_in_use`, `data_unusable`
 */
export function takeTurnToStart(folder: string): Lock {
  return usable(folder, () => {
    makePrivateFolder(folder);
    const lock = takeLock(join(folder, 'start.lock'), 'exclusive', START_WAIT_MS);
    if (lock !== undefined) return lock;
    throw new StartError(
      'data_in_use',
      `Another telex-server has been starting in ${folder} for longer than ${START_WAIT_MS / 1000} s. See what it waits for, then start this one again.`,
    );
  });
}

function usable<T>(folder: string, use: () => T): T {
  try {
    return use();
  } catch (error) {
    if (error instanceof StartError) throw error;
    throw new StartError(
      'data_unusable',
      `The data directory ${folder} cannot be used (${systemCode(error) ?? String(error)}). Check its owner and the disk, or choose another with --data.`,
      { cause: error },
    );
  }
}
