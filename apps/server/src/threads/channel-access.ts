import { type Role, TelexError } from '@telex/contract';
import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import { type PushChannel, pushChannelColumns } from '../events/push-payload.ts';
import { roleOf } from '../organisations/membership-store.ts';

/** A channel as one user sees it. */
export interface ChannelAccess {
  readonly channel: PushChannel & { readonly message_count: number };
  readonly role: Role;
  /** The seq at which the user joined the channel; undefined: is not in it. */
  readonly joinedSeq: number | undefined;
}

/**
 * The channel, where the user may read it: active members of the organisation, and of the channel
 * where it is private or a direct message.
 * @throws TelexError `not_found`, also where the channel is there but hidden.
 */
export async function readableChannel(
  db: Kysely<Database>,
  channelId: string,
  userId: string,
): Promise<ChannelAccess> {
  const row = await db
    .selectFrom('channels as c')
    .innerJoin('memberships as m', 'm.organisation_id', 'c.organisation_id')
    .innerJoin('users as o', 'o.id', 'c.owner_id')
    .leftJoin('channel_memberships as cm', (join) =>
      join
        .onRef('cm.channel_id', '=', 'c.id')
        .onRef('cm.user_id', '=', 'm.user_id')
        .on('cm.ended_seq', 'is', null),
    )
    .where('c.id', '=', channelId)
    .where('c.deleted_at', 'is', null)
    .where('m.user_id', '=', userId)
    .where('m.ended_seq', 'is', null)
    .where('m.status', '=', 'active')
    .select([...pushChannelColumns, 'c.message_count', 'm.role', 'cm.began_seq'])
    .executeTakeFirst();
  const isHidden =
    row === undefined || (row.began_seq === null && (row.is_private === 1 || row.is_dm === 1));
  if (isHidden) {
    throw new TelexError('not_found', 'There is no such channel, or you cannot see it.');
  }
  const { role, began_seq, ...channel } = row;
  return { channel, role: roleOf(role), joinedSeq: began_seq ?? undefined };
}
