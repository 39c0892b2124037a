import { type Body, TelexError } from '@telex/contract';
import type { Kysely } from 'kysely';
import type { Database, Row } from '../db/schema.ts';
import { beginChannelMembership, insertChannel } from '../organisations/joining.ts';
import { lastSeqOf, requireMembership } from '../organisations/membership-store.ts';
import { requireRight } from '../organisations/rights.ts';
import { type SeenChannel, strangersAmong, visibleChannel } from './channel-store.ts';

export interface ChannelsOptions {
  readonly db: Kysely<Database>;
  readonly newId: () => string;
  readonly nowMs: () => number;
}

const MAX_FIRST_MEMBERS = 1000;

/** Channels and who is in them. Each change is one transaction. */
export class Channels {
  readonly #options: ChannelsOptions;

  constructor(options: ChannelsOptions) {
    this.#options = options;
  }

  /** The creator and `userIds` are in it. @throws TelexError `not_found`, `forbidden` */
  async create(userId: string, body: Body<'createChannel'>): Promise<string> {
    const { db } = this.#options;
    const organisationId = body.organisation_id;
    const first = [...new Set([userId, ...(body.userIds ?? [])])];
    if (first.length > MAX_FIRST_MEMBERS) {
      throw invalid(`userIds must have at most ${MAX_FIRST_MEMBERS} ids; add the others later`);
    }
    return db.transaction().execute(async (transaction) => {
      const { role } = await requireMembership(transaction, organisationId, userId);
      requireRight(role, 'createChannels');
      await requireMembers(transaction, organisationId, first);
      const channelId = await insertChannel(transaction, this.#options, {
        organisationId,
        ownerId: userId,
        name: body.name,
        description: body.description,
        topic: body.topic,
        isPrivate: body.is_private,
      });
      await this.#putIn(transaction, organisationId, channelId, first);
      return channelId;
    });
  }

  /** @throws TelexError `not_found`, `forbidden` */
  async update(channelId: string, userId: string, body: Body<'updateChannel'>): Promise<void> {
    const { db, nowMs } = this.#options;
    await db.transaction().execute(async (transaction) => {
      const seen = await visibleChannel(transaction, channelId, userId);
      if (seen.channel.owner_id !== userId) requireRight(seen.role, 'manageChannels');
      requireNoDirectMessage(seen);
      await transaction
        .updateTable('channels')
        .set({ ...columnsOf(body), updated_at: nowMs() })
        .where('id', '=', channelId)
        .execute();
    });
  }

  /** Joining twice is joining. @throws TelexError `not_found`, `forbidden` */
  async join(channelId: string, userId: string): Promise<void> {
    await this.#options.db.transaction().execute(async (transaction) => {
      const { channel, isIn } = await visibleChannel(transaction, channelId, userId);
      if (isIn) return;
      if (channel.archived === 1) {
        throw new TelexError('forbidden', 'The channel is archived; nobody can join it.');
      }
      await this.#putIn(transaction, channel.organisation_id, channelId, [userId]);
    });
  }

  /** Gives the channel as it was seen from inside. @throws TelexError `not_found`, `forbidden` */
  async leave(channelId: string, userId: string): Promise<SeenChannel> {
    const { db, nowMs } = this.#options;
    return db.transaction().execute(async (transaction) => {
      const seen = await visibleChannel(transaction, channelId, userId);
      requireNoDirectMessage(seen);
      const seq = await lastSeqOf(transaction, seen.channel.organisation_id);
      await transaction
        .updateTable('channel_memberships')
        .set({ ended_seq: seq, ended_at: nowMs() })
        .where('channel_id', '=', channelId)
        .where('user_id', '=', userId)
        .where('ended_seq', 'is', null)
        .execute();
      return seen;
    });
  }

  /** Someone inside puts others in. @throws TelexError `not_found`, `forbidden`, `validation_failed` */
  async addMembers(channelId: string, userId: string, others: readonly string[]): Promise<void> {
    await this.#options.db.transaction().execute(async (transaction) => {
      const seen = await visibleChannel(transaction, channelId, userId);
      requireRight(seen.role, 'invite');
      if (!seen.isIn) throw new TelexError('forbidden', 'Join the channel before adding others.');
      requireNoDirectMessage(seen);
      const { organisation_id: organisationId } = seen.channel;
      await requireMembers(transaction, organisationId, others);
      await this.#putIn(transaction, organisationId, channelId, others);
    });
  }

  async #putIn(
    transaction: Kysely<Database>,
    organisationId: string,
    channelId: string,
    userIds: readonly string[],
  ): Promise<void> {
    const seq = await lastSeqOf(transaction, organisationId);
    for (const userId of userIds) {
      await beginChannelMembership(transaction, this.#options, channelId, userId, seq);
    }
  }
}

function requireNoDirectMessage({ channel }: SeenChannel): void {
  if (channel.is_dm === 0) return;
  throw new TelexError('forbidden', 'A direct message stays between the people it was begun with.');
}

async function requireMembers(
  db: Kysely<Database>,
  organisationId: string,
  userIds: readonly string[],
): Promise<void> {
  const strangers = await strangersAmong(db, organisationId, userIds);
  if (strangers.length === 0) return;
  throw invalid(`userIds has ${strangers.length} who are no members of the organisation`);
}

type Columns = Partial<
  Pick<Row<'channels'>, 'name' | 'description' | 'topic' | 'is_private' | 'archived'>
>;

function columnsOf(body: Body<'updateChannel'>): Columns {
  const flag = (value: boolean | undefined) => (value === undefined ? undefined : value ? 1 : 0);
  const { name, description, topic } = body;
  const given = {
    name,
    description,
    topic,
    is_private: flag(body.is_private),
    archived: flag(body.archived),
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

function invalid(fault: string): TelexError {
  return new TelexError('validation_failed', 'Validation error', { errors: [fault] });
}
