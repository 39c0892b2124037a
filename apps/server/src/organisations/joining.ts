import type { Role } from '@telex/contract';
import type { Kysely } from 'kysely';
import { isInChannel } from '../channels/channel-store.ts';
import type { Database } from '../db/schema.ts';
import { lastSeqOf } from './membership-store.ts';

/** The channel that each organisation has from the start and that everyone who joins is put in. */
export const GENERAL = 'general';

export interface Making {
  readonly newId: () => string;
  readonly nowMs: () => number;
}

/**
 * Begins a membership of an organisation and of its `general` channels. Everything up to now is
 * before it, so a newcomer starts with nothing unread. Call inside a transaction.
 */
export async function beginMembership(
  db: Kysely<Database>,
  making: Making,
  who: { readonly organisationId: string; readonly userId: string; readonly role: Role },
): Promise<void> {
  const seq = await lastSeqOf(db, who.organisationId);
  await db
    .insertInto('memberships')
    .values({
      id: making.newId(),
      organisation_id: who.organisationId,
      user_id: who.userId,
      role: who.role,
      began_seq: seq,
      created_at: making.nowMs(),
    })
    .execute();
  const general = await db
    .selectFrom('channels')
    .select('id')
    .where('organisation_id', '=', who.organisationId)
    .where('name', '=', GENERAL)
    .where('is_private', '=', 0)
    .where('is_dm', '=', 0)
    .where('archived', '=', 0)
    .where('deleted_at', 'is', null)
    .orderBy('id')
    .limit(1)
    .execute();
  for (const { id } of general) await beginChannelMembership(db, making, id, who.userId, seq);
}

/** Ends a membership and all channel memberships of it with the newest event. */
export async function endMembership(
  db: Kysely<Database>,
  nowMs: number,
  who: { readonly organisationId: string; readonly userId: string },
): Promise<void> {
  const ended = { ended_seq: await lastSeqOf(db, who.organisationId), ended_at: nowMs };
  await db
    .updateTable('memberships')
    .set(ended)
    .where('organisation_id', '=', who.organisationId)
    .where('user_id', '=', who.userId)
    .where('ended_seq', 'is', null)
    .execute();
  await db
    .updateTable('channel_memberships')
    .set(ended)
    .where('user_id', '=', who.userId)
    .where('ended_seq', 'is', null)
    .where('channel_id', 'in', (eb) =>
      eb.selectFrom('channels').select('id').where('organisation_id', '=', who.organisationId),
    )
    .execute();
}

/** Puts someone into a channel, once. Call inside a transaction, with the organisation's last seq. */
export async function beginChannelMembership(
  db: Kysely<Database>,
  making: Making,
  channelId: string,
  userId: string,
  seq: number,
): Promise<void> {
  if (await isInChannel(db, channelId, userId)) return;
  await db
    .insertInto('channel_memberships')
    .values({
      id: making.newId(),
      channel_id: channelId,
      user_id: userId,
      began_seq: seq,
      created_at: making.nowMs(),
    })
    .execute();
}

export async function insertChannel(
  db: Kysely<Database>,
  making: Making,
  channel: {
    readonly organisationId: string;
    readonly ownerId: string;
    readonly name: string;
    readonly description?: string | undefined;
    readonly topic?: string | undefined;
    readonly isPrivate?: boolean | undefined;
  },
): Promise<string> {
  const id = making.newId();
  const now = making.nowMs();
  await db
    .insertInto('channels')
    .values({
      id,
      organisation_id: channel.organisationId,
      name: channel.name,
      description: channel.description ?? '',
      topic: channel.topic ?? '',
      owner_id: channel.ownerId,
      is_private: channel.isPrivate === true ? 1 : 0,
      created_at: now,
      updated_at: now,
    })
    .execute();
  return id;
}
