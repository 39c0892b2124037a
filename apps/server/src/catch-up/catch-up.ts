import { CATCH_UP_LIMIT } from '@telex/contract';
import type { Kysely } from 'kysely';
import type { Commits } from '../db/commits.ts';
import type { Database } from '../db/schema.ts';
import { type AudienceSpan, isFor, isForUser, userAudience } from '../events/audience.ts';
import { nextTurn } from '../next-turn.ts';
import {
  type ActiveOrganisation,
  activeOrganisation,
  activeOrganisations,
} from '../read-state/read-state-store.ts';
import { unreadSet } from '../read-state/unread-set.ts';
import { addressesAfter, payloadsOf } from './catch-up-store.ts';

/** Events looked at in one organisation for one reply: bounds the work, whoever they are for. */
const MAX_SCANNED = 2_000;
/** Events in one reply, all organisations together. */
const MAX_EVENTS = 2_000;

export interface Cursor {
  readonly organisation_id: string;
  readonly seq: number;
}

export type OrganisationCatchUp = {
  readonly organisation_id: string;
  readonly organisation_name: string;
  readonly events: unknown[];
  readonly upto: number;
  readonly has_more: boolean;
  readonly reset: boolean;
  readonly unread?: Awaited<ReturnType<typeof unreadSet>>;
};

/**
 * The user's events since each cursor, for every organisation the user is an active member of; one
 * that is not the user's is left out. The audience is that of sending, so that catching up and
 * listening together give each event once. A cursor that the log cannot answer (none, pruned, ahead
 * of the log) gives a reset with the unread threads.
 */
export async function catchUp(
  { db, commits }: { readonly db: Kysely<Database>; readonly commits: Commits },
  userId: string,
  wanted: { readonly cursors: readonly Cursor[]; readonly limit: number | undefined },
): Promise<{ readonly organisations: OrganisationCatchUp[] }> {
  const cursors = new Map(wanted.cursors.map(({ organisation_id, seq }) => [organisation_id, seq]));
  const organisations: OrganisationCatchUp[] = [];
  let room = MAX_EVENTS;
  for (const { id } of await activeOrganisations(db, userId)) {
    const limit = Math.min(room, wanted.limit ?? CATCH_UP_LIMIT);
    const since = cursors.get(id);
    const one = await db
      .transaction()
      .execute((transaction) => catchUpOne(transaction, { id, userId, since, limit }));
    if (one !== undefined) {
      organisations.push(one);
      room -= one.events.length;
    }
    await nextTurn();
  }
  // A mark that a power cut took back would hide the events that come to stand there.
  await commits.onDisk();
  return { organisations };
}

interface Wanted {
  readonly id: string;
  readonly userId: string;
  readonly since: number | undefined;
  readonly limit: number;
}

async function catchUpOne(
  db: Kysely<Database>,
  { id, userId, since, limit }: Wanted,
): Promise<OrganisationCatchUp | undefined> {
  // Read again: it may have changed since the list was made.
  const organisation = await activeOrganisation(db, id, userId);
  if (organisation === undefined) return undefined;
  const head = { organisation_id: id, organisation_name: organisation.name };
  if (since === undefined || since < organisation.pruned_seq || since > organisation.last_seq) {
    const unread = await unreadSet(db, organisation, userId);
    const upto = organisation.last_seq;
    return { ...head, events: [], upto, has_more: false, reset: true, unread };
  }
  const found = await eventsFor(db, organisation, { userId, since, limit });
  return {
    ...head,
    events: found.payloads.map((payload): unknown => JSON.parse(payload)),
    upto: found.upto,
    has_more: found.upto < organisation.last_seq,
    reset: false,
  };
}

async function eventsFor(
  db: Kysely<Database>,
  organisation: ActiveOrganisation,
  {
    userId,
    since,
    limit,
  }: { readonly userId: string; readonly since: number; readonly limit: number },
): Promise<{ readonly payloads: readonly string[]; readonly upto: number }> {
  if (limit === 0 || since === organisation.last_seq) return { payloads: [], upto: since };
  const organisationId = organisation.id;
  const spans = await userAudience(db, { organisationId, userId, afterSeq: since });
  const ofChannel = Map.groupBy(spans, ({ channelId }) => channelId);
  const seqs: number[] = [];
  let upto = since;
  for (const event of await addressesAfter(db, { organisationId, seq: since }, MAX_SCANNED)) {
    const covering: readonly AudienceSpan[] = ofChannel.get(event.channel_id ?? '') ?? [];
    const isMine =
      isForUser(userId, organisation.began_seq, event) ||
      covering.some((span) => isFor(span, event));
    if (isMine) seqs.push(event.seq);
    upto = event.seq;
    if (seqs.length === limit) break;
  }
  return { payloads: await payloadsOf(db, organisationId, seqs), upto };
}
