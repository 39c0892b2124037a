import { type Role, TelexError } from '@telex/contract';
import type { Kysely } from 'kysely';
import type { Database, Row } from '../db/schema.ts';
import { roleOf } from '../organisations/membership-store.ts';

export interface ChannelRow extends Row<'channels'> {
  readonly user_count: number;
}

/** A channel as its caller sees it. */
export interface SeenChannel {
  readonly channel: ChannelRow;
  /** The caller's in the organisation. */
  readonly role: Role;
  readonly isIn: boolean;
}

export interface ChannelFilter {
  readonly userId: string;
  readonly organisationId?: string;
  readonly channelId?: string;
  readonly archived?: boolean;
  /** Only those the caller is in, or is not in. */
  readonly isIn?: boolean;
}

/**
 * The channels that a user can see: of organisations where they are active, and private ones and
 * direct messages only from inside.
 */
export async function visibleChannels(
  db: Kysely<Database>,
  filter: ChannelFilter,
): Promise<SeenChannel[]> {
  const rows = await db
    .selectFrom('channels as c')
    .innerJoin('memberships as m', (join) =>
      join
        .onRef('m.organisation_id', '=', 'c.organisation_id')
        .on('m.user_id', '=', filter.userId)
        .on('m.ended_seq', 'is', null)
        .on('m.status', '=', 'active'),
    )
    .leftJoin('channel_memberships as mine', (join) =>
      join
        .onRef('mine.channel_id', '=', 'c.id')
        .on('mine.user_id', '=', filter.userId)
        .on('mine.ended_seq', 'is', null),
    )
    .selectAll('c')
    .select((eb) => [
      'm.role as role',
      'mine.id as mineId',
      eb
        .selectFrom('channel_memberships as cm')
        .whereRef('cm.channel_id', '=', 'c.id')
        .where('cm.ended_seq', 'is', null)
        .select((count) => count.fn.countAll<number>().as('total'))
        .as('user_count'),
    ])
    .where('c.deleted_at', 'is', null)
    .where((eb) =>
      eb.or([
        eb('mine.id', 'is not', null),
        eb.and([eb('c.is_private', '=', 0), eb('c.is_dm', '=', 0)]),
      ]),
    )
    .$if(filter.organisationId !== undefined, (query) =>
      query.where('c.organisation_id', '=', filter.organisationId ?? ''),
    )
    .$if(filter.channelId !== undefined, (query) =>
      query.where('c.id', '=', filter.channelId ?? ''),
    )
    .$if(filter.archived !== undefined, (query) =>
      query.where('c.archived', '=', filter.archived === true ? 1 : 0),
    )
    .$if(filter.isIn !== undefined, (query) =>
      query.where('mine.id', filter.isIn === true ? 'is not' : 'is', null),
    )
    .orderBy('c.id')
    .execute();
  return rows.map(({ role, mineId, user_count, ...channel }) => ({
    channel: { ...channel, user_count: user_count ?? 0 },
    role: roleOf(role),
    isIn: mineId !== null,
  }));
}

/** @throws TelexError `not_found`, also where the channel is there but hidden */
export async function visibleChannel(
  db: Kysely<Database>,
  channelId: string,
  userId: string,
): Promise<SeenChannel> {
  const [seen] = await visibleChannels(db, { userId, channelId });
  if (seen !== undefined) return seen;
  throw new TelexError('not_found', 'There is no such channel, or you cannot see it.');
}

/** Who is in a channel, in the order of joining. */
export function channelMembersOf(db: Kysely<Database>, channelId: string) {
  return db
    .selectFrom('channel_memberships as cm')
    .innerJoin('users as u', 'u.id', 'cm.user_id')
    .select([
      'u.id as user_id',
      'u.username',
      'u.first_name',
      'u.last_name',
      'cm.nickname',
      'cm.created_at',
    ])
    .where('cm.channel_id', '=', channelId)
    .where('cm.ended_seq', 'is', null)
    .orderBy('cm.id')
    .execute();
}

export async function isInChannel(
  db: Kysely<Database>,
  channelId: string,
  userId: string,
): Promise<boolean> {
  const row = await db
    .selectFrom('channel_memberships')
    .select('id')
    .where('channel_id', '=', channelId)
    .where('user_id', '=', userId)
    .where('ended_seq', 'is', null)
    .executeTakeFirst();
  return row !== undefined;
}

/** Those of `userIds` who are no active members of the organisation. */
export async function strangersAmong(
  db: Kysely<Database>,
  organisationId: string,
  userIds: readonly string[],
): Promise<string[]> {
  const members = new Set<string>();
  // SQLite takes a bounded number of values in one statement.
  for (let from = 0; from < userIds.length; from += 500) {
    const rows = await db
      .selectFrom('memberships')
      .select('user_id')
      .where('organisation_id', '=', organisationId)
      .where('user_id', 'in', userIds.slice(from, from + 500))
      .where('ended_seq', 'is', null)
      .where('status', '=', 'active')
      .execute();
    for (const { user_id } of rows) members.add(user_id);
  }
  return userIds.filter((id) => !members.has(id));
}
