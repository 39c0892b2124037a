import type { Kysely } from 'kysely';
import type { Database } from './schema.ts';

/** Transactions that wait for the disk without holding up the event loop. */
export interface Commits {
  /**
   * Commits the work; settles when it is on disk.
   * @param isAlone nothing else waits: on a quick disk the shortest way is taken, which holds up the
   *   event loop for the time of one flush.
   */
  durable<Result>(
    work: (transaction: Kysely<Database>) => Promise<Result>,
    isAlone?: boolean,
  ): Promise<Result>;
  /**
   * Commits the work and does not wait for the disk: survives the end of the process, but not a power
   * cut. For what can be done again.
   */
  relaxed<Result>(work: (transaction: Kysely<Database>) => Promise<Result>): Promise<Result>;
  /**
   * Settles when everything that has been committed so far is on disk. To be awaited before telling
   * anyone of a place in an event log that they will not ask for again.
   */
  onDisk(): Promise<void>;
}
