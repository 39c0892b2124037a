import Sqlite from 'better-sqlite3';
import { Kysely, SqliteDialect } from 'kysely';
import { checkpointer } from './checkpointer.ts';
import type { Commits } from './commits.ts';
import { migrate } from './migrate.ts';
import { migrations } from './migrations.ts';
import type { Database } from './schema.ts';
import { cacheStatements } from './statement-cache.ts';
import { walCommits } from './wal-commits.ts';
import { walFile } from './wal-file.ts';

/** The part of pino's interface that is used here. */
export interface DatabaseLog {
  info(fields: Record<string, unknown>, message: string): void;
  error(fields: Record<string, unknown>, message: string): void;
}

export interface OpenDatabaseOptions {
  readonly log: DatabaseLog;
  /** Milliseconds since 1970; stamps migrations. */
  readonly now?: () => number;
}

/** An open database. Whoever opened it closes it; closing twice is fine. */
export interface OpenDatabase {
  readonly db: Kysely<Database>;
  readonly commits: Commits;
  /** Changes with each commit of another process (sqlite.org/pragma.html#pragma_data_version). */
  readonly foreignVersion: () => number;
  close(): Promise<void>;
}

/**
 * Opens the SQLite database at `file` (made where there is none) and brings it to the newest
 * version. One connection serves all: a transaction holds up every other query, so nothing but
 * queries may be awaited inside one.
 * @throws NewerDatabaseError, and better-sqlite3's errors when the file cannot be opened.
 */
export async function openDatabase(
  file: string,
  options: OpenDatabaseOptions,
): Promise<OpenDatabase> {
  const sqlite = new Sqlite(file);
  let db: Kysely<Database> | undefined;
  try {
    sqlite.pragma('busy_timeout = 5000');
    sqlite.pragma('journal_mode = WAL');
    // What was acknowledged survives a power cut: each commit waits for the disk.
    sqlite.pragma('synchronous = FULL');
    sqlite.pragma('foreign_keys = ON');
    sqlite.pragma('temp_store = MEMORY');
    // In KB.
    sqlite.pragma('cache_size = -8000');
    // In pages, 48 MB: reached only where the checkpointer does not keep up.
    sqlite.pragma('wal_autocheckpoint = 12288');
    db = new Kysely<Database>({
      dialect: new SqliteDialect({ database: cacheStatements(asPreparer(sqlite)) }),
    });
    await migrate(db, migrations, {
      now: options.now ?? Date.now,
      applied: ({ number, name }) => options.log.info({ number, name }, 'migration applied'),
    });
  } catch (error) {
    await db?.destroy();
    sqlite.close();
    throw error;
  }
  const open = db;
  const wal = walFile(`${file}-wal`);
  const checkpoints = checkpointer(file, (error) =>
    options.log.error({ err: error }, 'the checkpoint thread failed; SQLite goes on without it'),
  );
  const commits = walCommits({
    db: open,
    pragma: (source) => void sqlite.pragma(source),
    flush: wal.flush,
    nowMs: () => performance.now(),
    committed: checkpoints.committed,
  });
  const close = async () => {
    await commits.onDisk();
    await checkpoints.close();
    await wal.close();
    await open.destroy();
  };
  let closing: Promise<void> | undefined;
  return {
    db: open,
    commits,
    foreignVersion: () => Number(sqlite.pragma('data_version', { simple: true })),
    close() {
      closing ??= close();
      return closing;
    },
  };
}

function asPreparer(sqlite: Sqlite.Database) {
  return {
    prepare: (sql: string) => sqlite.prepare<unknown[], unknown>(sql),
    close: () => {
      sqlite.close();
    },
  };
}
