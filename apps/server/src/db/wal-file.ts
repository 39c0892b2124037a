import { close, fdatasync, openSync } from 'node:fs';
import { promisify } from 'node:util';

/** SQLite's write-ahead log as a file that can be flushed from the thread pool. */
export interface WalFile {
  flush(): Promise<void>;
  close(): Promise<void>;
}

const flushHandle = promisify(fdatasync);
const closeHandle = promisify(close);

/**
 * Opened at the first flush, when it is there. Closing this second handle is harmless: SQLite locks its
 * two other files only (closing any handle of those would drop its locks).
 */
export function walFile(path: string): WalFile {
  let handle: number | undefined;
  return {
    flush() {
      handle ??= openSync(path, 'r+');
      return flushHandle(handle);
    },
    async close() {
      if (handle !== undefined) await closeHandle(handle);
      handle = undefined;
    },
  };
}
