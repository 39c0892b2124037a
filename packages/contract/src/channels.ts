import * as v from 'valibot';
import { id, listOrNull, name, shortText, text, time } from './primitives.ts';

export const createChannelBody = v.object({
  name,
  description: v.optional(shortText),
  topic: v.optional(shortText),
  organisation_id: id,
  userIds: v.optional(v.nullable(v.array(id))),
  username: v.optional(shortText),
  is_private: v.optional(v.boolean()),
});
export const updateChannelBody = v.object({
  name: v.optional(name),
  description: v.optional(shortText),
  topic: v.optional(shortText),
  is_private: v.optional(v.boolean()),
  archived: v.optional(v.boolean()),
});

/**
 * A channel as we send it: the union of the documented forms B to E (telex-api.md §5.4), so its id
 * has three names and its owner two.
 */
export const channel = v.looseObject({
  id,
  channels_id: v.optional(id),
  channel_id: v.optional(id),
  name: text,
  description: text,
  topic: v.optional(text),
  organisation_id: v.optional(id),
  owner_id: v.optional(id),
  created_by: v.optional(id),
  is_private: v.optional(v.boolean()),
  is_dm: v.optional(v.boolean()),
  archived: v.optional(v.boolean()),
  users: v.optional(listOrNull(id)),
  user_count: v.optional(v.number()),
  message_count: v.optional(v.number()),
  created_at: v.optional(time),
  updated_at: v.optional(time),
  deleted_at: v.optional(v.nullable(time)),
});
export const channelsReply = v.looseObject({ channels: listOrNull(channel) });
export const channelListReply = v.array(channel);
export const channelMember = v.looseObject({ user_id: id, username: text, joined_at: time });
export const channelMembersReply = v.looseObject({ users: listOrNull(channelMember) });
export const userCountReply = v.looseObject({ user_count: v.number() });
export const existsReply = v.looseObject({ exists: v.boolean() });
export const userExistQuery = v.object({ userId: id });
/** Ours: add someone else to a channel. */
export const addChannelMembersBody = v.object({
  userIds: v.pipe(
    v.array(id),
    v.minLength(1, 'must not be empty'),
    v.maxLength(10_000, 'is too long'),
  ),
});
