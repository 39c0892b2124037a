import type { Kysely } from 'kysely';
import type { Queries } from '../db/query-cache.ts';
import type { Database } from '../db/schema.ts';

/** Members read in one go, so that a channel of any size stalls nothing. */
const PAGE_SIZE = 1000;

/**
 * Who may get which events, as one relation: a person's membership of a channel and of its
 * organisation, with the seqs they cover. Sending asks it for a channel, catching up for a user, so
 * that both give the same answer. Someone who has left the organisation or is deactivated is not in it.
 */
function audience(db: Kysely<Database>) {
  return (
    db
      .selectFrom('channel_memberships as cm')
      .innerJoin('channels as c', 'c.id', 'cm.channel_id')
      .innerJoin('memberships as m', (join) =>
        join
          .onRef('m.organisation_id', '=', 'c.organisation_id')
          // Not the bare column: SQLite would carry the keyset over to memberships, and walk them
          // all for each member of the channel.
          .on((eb) => eb('m.user_id', '=', eb.fn.coalesce('cm.user_id', eb.val(''))))
          .on('m.ended_seq', 'is', null),
      )
      .where('m.status', '=', 'active')
      // Joined and left between two events: covers nothing.
      .where((eb) =>
        eb.or([eb('cm.ended_seq', 'is', null), eb('cm.ended_seq', '>', eb.ref('cm.began_seq'))]),
      )
      .select([
        'cm.user_id as userId',
        'cm.channel_id as channelId',
        'cm.began_seq as beganSeq',
        'cm.ended_seq as endedSeq',
        'm.began_seq as memberSinceSeq',
      ])
  );
}

/** One row of the audience: the user gets the channel's events of these seqs. */
export interface AudienceSpan {
  readonly userId: string;
  readonly channelId: string;
  readonly beganSeq: number;
  readonly endedSeq: number | null;
  readonly memberSinceSeq: number;
}

/** What decides about an event's receivers. */
export interface Addressed {
  readonly seq: number;
  readonly channel_id: string | null;
  /** Only this user. */
  readonly audience_user_id: string | null;
  /** Not told about what they did themselves. */
  readonly actor_id: string | null;
}

/** Whether an event of a channel is for the user of the span. */
export function isFor(span: AudienceSpan, event: Addressed): boolean {
  return (
    event.channel_id === span.channelId &&
    event.actor_id !== span.userId &&
    event.audience_user_id === null &&
    span.memberSinceSeq < event.seq &&
    span.beganSeq < event.seq &&
    (span.endedSeq === null || event.seq <= span.endedSeq)
  );
}

/** The audience of a channel for events from `fromSeq` to `toSeq`, a page at a time. */
export async function* channelAudience(
  queries: Queries,
  range: { readonly channelId: string; readonly fromSeq: number; readonly toSeq: number },
): AsyncGenerator<readonly AudienceSpan[]> {
  const { channelId, fromSeq, toSeq } = range;
  let after: readonly [string, number] = ['', -1];
  for (;;) {
    const [afterUser, afterSeq] = after;
    const parameters = ['', 'active', channelId, afterUser, afterSeq, toSeq, fromSeq, PAGE_SIZE];
    const page: readonly AudienceSpan[] = await queries.run('channel audience', parameters, () =>
      audience(queries.db)
        .where('cm.channel_id', '=', channelId)
        .where((eb) =>
          eb(eb.refTuple('cm.user_id', 'cm.began_seq'), '>', eb.tuple(afterUser, afterSeq)),
        )
        .where('cm.began_seq', '<', toSeq)
        .where((eb) => eb.or([eb('cm.ended_seq', 'is', null), eb('cm.ended_seq', '>=', fromSeq)]))
        .orderBy('cm.user_id')
        .orderBy('cm.began_seq')
        .limit(PAGE_SIZE),
    );
    yield page;
    const last = page.at(-1);
    if (page.length < PAGE_SIZE || last === undefined) return;
    after = [last.userId, last.beganSeq];
  }
}

/** The channels of a user in an organisation, for events after `afterSeq`. */
export function userAudience(
  db: Kysely<Database>,
  range: { readonly organisationId: string; readonly userId: string; readonly afterSeq: number },
): Promise<AudienceSpan[]> {
  return audience(db)
    .where('cm.user_id', '=', range.userId)
    .where('c.organisation_id', '=', range.organisationId)
    .where((eb) => eb.or([eb('cm.ended_seq', 'is', null), eb('cm.ended_seq', '>', range.afterSeq)]))
    .execute();
}

/** Since which seq the user has been an active member of the organisation; undefined: is none. */
export async function activeSince(
  db: Kysely<Database>,
  organisationId: string,
  userId: string,
): Promise<number | undefined> {
  const row = await db
    .selectFrom('memberships')
    .select('began_seq')
    .where('organisation_id', '=', organisationId)
    .where('user_id', '=', userId)
    .where('ended_seq', 'is', null)
    .where('status', '=', 'active')
    .executeTakeFirst();
  return row?.began_seq;
}

/** Whether an event addressed to one user is for the one who has been a member since `sinceSeq`. */
export function isForUser(userId: string, sinceSeq: number, event: Addressed): boolean {
  return event.audience_user_id === userId && sinceSeq < event.seq;
}
