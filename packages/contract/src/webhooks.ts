import * as v from 'valibot';
import { id, listOrNull, name, shortText, text, time } from './primitives.ts';

export const createWebhookBody = v.object({
  webhook_name: name,
  event_name: v.optional(shortText),
  webhook_url: v.optional(shortText),
});
export const updateWebhookBody = v.object({
  webhook_name: v.optional(name),
  event_name: v.optional(shortText),
});
export const webhookStatusBody = v.object({
  webhook_status: v.picklist(
    ['active', 'inactive', 'paused'],
    'must be active, inactive or paused',
  ),
});

/** `webhook_slug` and `webhook_url` are secrets: shown only to those who may manage it. */
export const webhook = v.looseObject({
  id,
  owner_id: id,
  channel_id: id,
  event_name: text,
  webhook_name: text,
  webhook_url: v.optional(text),
  webhook_slug: v.optional(text),
  status: text,
  created_at: time,
  updated_at: time,
  deleted_at: v.null(),
});
export const webhooksReply = v.looseObject({ webhooks: listOrNull(webhook) });

/** What a program posts to a webhook; it becomes a thread of its channel (telex-api.md §5.7). */
export const feedBody = v.object({
  event_name: v.pipe(v.string(), v.maxLength(200, 'is too long')),
  message: v.pipe(
    v.string(),
    v.minLength(1, 'must not be empty'),
    v.maxLength(20_000, 'is too long'),
  ),
  status: v.pipe(v.string(), v.maxLength(100, 'is too long')),
  username: v.pipe(v.string(), v.maxLength(200, 'is too long')),
});
