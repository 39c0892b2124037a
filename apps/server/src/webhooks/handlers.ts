import type { Handlers } from '../http/handler.ts';
import type { PostMessages } from '../messages/post-messages.ts';
import {
  createWebhook,
  deleteWebhook,
  feedWebhook,
  listWebhooks,
  newestWebhook,
  updateWebhook,
  type WebhookOptions,
} from './webhooks.ts';

/** Incoming webhooks and their management. */
export function webhookHandlers(
  options: WebhookOptions & { readonly messages: PostMessages },
): Handlers {
  return {
    async createWebhook({ params, user, body }) {
      const of = { channelId: params.channel_id, userId: user.id };
      return { data: await createWebhook(options, of, body) };
    },
    async webhookOfChannel({ params, user }) {
      const of = { channelId: params.channel_id, userId: user.id };
      return { data: await newestWebhook(options, of) };
    },
    webhooks: ({ params, user, query }) =>
      listWebhooks(options, { channelId: params.channel_id, userId: user.id }, query),
    async updateWebhook({ params, user, body }) {
      const of = { channelId: params.channel_id, webhookId: params.webhook_id, userId: user.id };
      const change = {
        ...(body.webhook_name === undefined ? {} : { name: body.webhook_name }),
        ...(body.event_name === undefined ? {} : { event_name: body.event_name }),
      };
      return { data: await updateWebhook(options, of, change) };
    },
    async webhookStatus({ params, user, body }) {
      const of = { channelId: params.channel_id, webhookId: params.webhook_id, userId: user.id };
      return { data: await updateWebhook(options, of, { status: body.webhook_status }) };
    },
    async deleteWebhook({ params, user }) {
      const { channel_id: channelId, webhook_id: webhookId } = params;
      await deleteWebhook(options, { channelId, webhookId, userId: user.id });
      return {};
    },
    async webhookFeed({ params, body, idempotencyKey }) {
      await feedWebhook(options, params.webhook_slug, { ...body, idempotencyKey });
      return { data: null };
    },
  };
}
