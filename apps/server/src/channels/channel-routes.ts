import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import { displayName } from '../display-name.ts';
import type { Handlers } from '../http/handler.ts';
import { requireMembership } from '../organisations/membership-store.ts';
import {
  channelMembersOf,
  isInChannel,
  type SeenChannel,
  visibleChannel,
  visibleChannels,
} from './channel-store.ts';
import type { Channels } from './channels.ts';

/** "Not deleted", as forms A and B of the channel object have it (telex-api.md §1.5). */
const NEVER = '0001-01-01T00:00:00Z';
/** A channel shows its members' ids up to this size; beyond, only their number. */
const MAX_LISTED_USERS = 1000;

export function channelRoutes(options: {
  readonly db: Kysely<Database>;
  readonly channels: Channels;
}): Handlers {
  const { db, channels } = options;

  async function read(channelId: string, userId: string) {
    const seen = await visibleChannel(db, channelId, userId);
    if (seen.channel.user_count > MAX_LISTED_USERS) return channelView(seen, userId);
    const members = await channelMembersOf(db, channelId);
    return { ...channelView(seen, userId), users: members.map((member) => member.user_id) };
  }

  async function ofOrganisation(organisationId: string, userId: string, isIn?: boolean) {
    await requireMembership(db, organisationId, userId);
    const filter = { userId, organisationId, archived: false };
    const seen = await visibleChannels(db, isIn === undefined ? filter : { ...filter, isIn });
    return seen.map((one) => channelView(one, userId));
  }

  return {
    async createChannel({ body, user }) {
      const id = await channels.create(user.id, body);
      return { data: await read(id, user.id), message: 'Channel created' };
    },
    async channels({ user }) {
      const seen = await visibleChannels(db, { userId: user.id, archived: false });
      return { data: { channels: seen.map((one) => channelView(one, user.id)) } };
    },
    async organisationChannels({ params, user }) {
      return { data: { channels: await ofOrganisation(params.org_id, user.id) } };
    },
    async myChannels({ params, user }) {
      return { data: await ofOrganisation(params.org_id, user.id, true) };
    },
    async channelsToJoin({ params, user }) {
      return { data: await ofOrganisation(params.org_id, user.id, false) };
    },
    async channel({ params, user }) {
      return { data: await read(params.channel_id, user.id) };
    },
    async updateChannel({ params, body, user }) {
      await channels.update(params.channel_id, user.id, body);
      return { data: await read(params.channel_id, user.id), message: 'Channel changed' };
    },
    async joinChannel({ params, user }) {
      await channels.join(params.channel_id, user.id);
      return { data: await read(params.channel_id, user.id), message: 'Channel joined' };
    },
    async leaveChannel({ params, user }) {
      const seen = await channels.leave(params.channel_id, user.id);
      return { data: channelView(seen, user.id), message: 'Channel left' };
    },
    async channelMembers({ params, user }) {
      await visibleChannel(db, params.channel_id, user.id);
      const members = await channelMembersOf(db, params.channel_id);
      return {
        data: {
          users: members.map((member) => ({
            user_id: member.user_id,
            username: member.username,
            name: displayName(member),
            joined_at: new Date(member.created_at).toISOString(),
          })),
        },
      };
    },
    async addChannelMembers({ params, body, user }) {
      await channels.addMembers(params.channel_id, user.id, body.userIds);
      return { message: 'Members added' };
    },
    async channelUserCount({ params, user }) {
      const { channel } = await visibleChannel(db, params.channel_id, user.id);
      return { data: { user_count: channel.user_count } };
    },
    async channelUserExists({ params, query, user }) {
      await visibleChannel(db, params.channel_id, user.id);
      return { data: { exists: await isInChannel(db, params.channel_id, query.userId) } };
    },
  };
}

/** The union of the documented forms B to E: three names for the id, two for the owner. */
function channelView({ channel }: SeenChannel, userId: string) {
  return {
    id: channel.id,
    channels_id: channel.id,
    channel_id: channel.id,
    name: channel.name,
    description: channel.description,
    topic: channel.topic,
    organisation_id: channel.organisation_id,
    owner_id: channel.owner_id,
    created_by: channel.owner_id,
    userId,
    is_private: channel.is_private === 1,
    is_dm: channel.is_dm === 1,
    archived: channel.archived === 1,
    users: null,
    user_count: channel.user_count,
    message_count: channel.message_count,
    messages: [],
    created_at: new Date(channel.created_at).toISOString(),
    updated_at: new Date(channel.updated_at).toISOString(),
    deleted_at: NEVER,
  };
}
