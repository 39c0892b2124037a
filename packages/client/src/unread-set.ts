import type { PushEvent, Reply } from '@telex/contract';
import type { Unread } from './session-events.ts';
import type { Organisation } from './state.ts';

/** Most threads kept by name in one organisation; more are only counted. */
export const MAX_THREADS = 1_000;
/** Most events remembered while a snapshot is on its way. */
export const MAX_JOURNAL = 1_000;

type Snapshot = Reply<'unread'>['organisations'][number];

interface OrganisationUnread {
  readonly organisation: Organisation;
  /** The snapshot holds at this `seq`. */
  seq: number;
  /** Unread threads that are not in `threads`, since the list was cut. */
  unnamed: number;
  /** Thread id to the `seq` of its newest message. */
  readonly threads: Map<string, number>;
}

/** The unread threads of the user: a set, not a sum (design.md; SPEC.md U1 to U4). */
export class UnreadSet {
  readonly #organisations = new Map<string, OrganisationUnread>();
  readonly #userId: string;
  /** What came since a snapshot was asked for; undefined where none is on its way. */
  #journal: { organisationId: string; event: PushEvent }[] | undefined;

  constructor(userId: string) {
    this.#userId = userId;
  }

  open(organisation: Organisation): void {
    if (this.#organisations.has(organisation.id)) return;
    this.#organisations.set(organisation.id, {
      organisation,
      seq: 0,
      unnamed: 0,
      threads: new Map(),
    });
  }

  drop(organisationId: string): void {
    this.#organisations.delete(organisationId);
  }

  /** A snapshot is being asked for: remember what comes meanwhile. */
  expectSnapshot(): void {
    this.#journal = [];
  }

  /**
   * Takes the snapshot in, and on top of it what came meanwhile and it does not hold yet.
   * @returns false where too much came: ask again.
   */
  applySnapshot(snapshot: readonly Snapshot[]): boolean {
    const journal = this.#journal;
    this.#journal = undefined;
    if (journal === undefined) return true;
    for (const one of snapshot) this.#replace(one);
    for (const { organisationId, event } of journal) this.#apply(organisationId, event);
    return journal.length < MAX_JOURNAL;
  }

  /** No snapshot comes. */
  cancelSnapshot(): void {
    this.#journal = undefined;
  }

  /** @returns whether the set changed. */
  receive(organisationId: string, event: PushEvent): boolean {
    if (this.#journal !== undefined && this.#journal.length < MAX_JOURNAL) {
      this.#journal.push({ organisationId, event });
    }
    return this.#apply(organisationId, event);
  }

  read(): Unread {
    const organisations = [...this.#organisations.values()].map(
      ({ organisation, unnamed, threads }) => ({
        organisation,
        total: unnamed + threads.size,
        threadIds: [...threads.keys()],
      }),
    );
    return { total: organisations.reduce((sum, { total }) => sum + total, 0), organisations };
  }

  #replace(snapshot: Snapshot): void {
    const entry = this.#organisations.get(snapshot.organisation_id);
    if (entry === undefined) return;
    entry.seq = snapshot.seq;
    entry.threads.clear();
    for (const { thread_id, last_seq } of snapshot.threads.slice(0, MAX_THREADS)) {
      entry.threads.set(thread_id, last_seq);
    }
    entry.unnamed = Math.max(0, snapshot.total - entry.threads.size);
  }

  #apply(organisationId: string, event: PushEvent): boolean {
    const entry = this.#organisations.get(organisationId);
    if (entry === undefined) return false;
    const { seq } = event.push.data;
    if (seq !== undefined && seq <= entry.seq) return false;
    if (event.kind === 'thread_read') {
      const { thread_id, read_seq } = event.push.data;
      const last = entry.threads.get(thread_id);
      // Something newer than what was read keeps it unread.
      return last !== undefined && last <= read_seq && entry.threads.delete(thread_id);
    }
    if (event.kind !== 'unread_thread_change') return false;
    const { author_id, thread_id, last_thread_id } = event.push.data;
    const thread = thread_id ?? last_thread_id;
    if (thread === undefined || author_id === this.#userId) return false;
    const isNew = !entry.threads.has(thread);
    entry.threads.set(thread, Math.max(seq ?? 0, entry.threads.get(thread) ?? 0));
    if (entry.threads.size > MAX_THREADS) {
      const [oldest] = entry.threads.keys();
      if (oldest !== undefined) entry.threads.delete(oldest);
      entry.unnamed += 1;
    }
    return isNew;
  }
}
