import Sqlite from 'better-sqlite3';
import { systemCode } from '../start-error.ts';

/** Held until released, or until the process ends, however it ends. */
export interface Lock {
  release(): void;
}

/**
 * Takes a lock between processes, which the system takes back when its holder dies. A file of SQLite,
 * since Node has no file locks of its own: `exclusive` beside nobody, `shared` beside other shared ones.
 *
 * @param waitMs how long to wait for others; this holds up the process, so only while it starts
 * @returns undefined where others hold it
 * @throws better-sqlite3's errors when the file can't be used
 */
export function takeLock(
  file: string,
  kind: 'exclusive' | 'shared',
  waitMs: number,
): Lock | undefined {
  const lock = new Sqlite(file, { timeout: waitMs });
  try {
    lock.exec(kind === 'exclusive' ? 'begin exclusive' : 'begin; select * from sqlite_schema');
    return { release: () => void lock.close() };
  } catch (error) {
    lock.close();
    if (systemCode(error)?.startsWith('SQLITE_BUSY') === true) return undefined;
    throw error;
  }
}
