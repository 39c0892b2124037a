import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import Sqlite from 'better-sqlite3';
import { makePrivateFolder } from './private-file.ts';
import { StartError, systemCode } from './start-error.ts';

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
 * Makes the folder and holds it for this process alone. The lock is one that the system takes back
 * when the process dies, however it dies.
 * @throws StartError `data_in_use`, `data_unusable`
 */
export function holdDataFolder(folder: string): { release(): void } {
  try {
    makePrivateFolder(folder);
    const lock = new Sqlite(join(folder, 'server.lock'), { timeout: 0 });
    try {
      lock.exec('begin exclusive');
    } catch (error) {
      lock.close();
      throw error;
    }
    return { release: () => void lock.close() };
  } catch (error) {
    if (systemCode(error)?.startsWith('SQLITE_BUSY') === true) {
      throw new StartError(
        'data_in_use',
        `Another telex-server uses ${folder}. Stop it, or give this one its own folder with --data.`,
      );
    }
    throw new StartError(
      'data_unusable',
      `The data directory ${folder} cannot be used (${systemCode(error) ?? String(error)}). Check its owner and the disk, or choose another with --data.`,
      { cause: error },
    );
  }
}
