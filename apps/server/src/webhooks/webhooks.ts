import { BASE_PATH, fillPath, routes, TelexError } from '@telex/contract';
import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { PostMessages } from '../messages/post-messages.ts';
import { may, requireRight } from '../organisations/rights.ts';
import { type PageQuery, paged, readPage } from '../paging.ts';
import { type ChannelAccess, readableChannel } from '../threads/channel-access.ts';
import {
  changeWebhook,
  countWebhooks,
  deleteWebhookRow,
  insertWebhook,
  type WebhookChange,
  type WebhookPlace,
  type WebhookRow,
  webhookBySlug,
  webhooksOf,
} from './webhook-store.ts';

export interface WebhookOptions {
  readonly db: Kysely<Database>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly newId: () => string;
  /** A secret of at least 128 random bits that fits into a path. */
  readonly newSlug: () => string;
  /** Where this server is reached, without a slash at the end. */
  readonly publicUrl: () => string;
}

function mayManage({ role }: ChannelAccess): boolean {
  return may(role, 'manageWebhooks');
}

async function managedChannel(
  db: Kysely<Database>,
  channelId: string,
  userId: string,
): Promise<ChannelAccess> {
  const access = await readableChannel(db, channelId, userId);
  requireRight(access.role, 'manageWebhooks');
  return access;
}

/** A webhook as the API shows it; its secret only to those who may manage it. */
function view(options: WebhookOptions, webhook: WebhookRow, isManager: boolean) {
  const path = fillPath(routes.webhookFeed.path, { webhook_slug: webhook.slug });
  return {
    id: webhook.id,
    owner_id: webhook.owner_id,
    channel_id: webhook.channel_id,
    webhook_name: webhook.name,
    event_name: webhook.event_name,
    status: webhook.status,
    webhook_status: webhook.status,
    ...(isManager
      ? {
          webhook_slug: webhook.slug,
          webhook_url: `${options.publicUrl()}${BASE_PATH}${path}`,
        }
      : {}),
    created_at: new Date(webhook.created_at).toISOString(),
    updated_at: new Date(webhook.updated_at).toISOString(),
    deleted_at: null,
  };
}

/** @throws TelexError `not_found`, `forbidden` */
export async function createWebhook(
  options: WebhookOptions,
  of: { readonly channelId: string; readonly userId: string },
  body: { readonly webhook_name: string; readonly event_name?: string | undefined },
) {
  const { channel } = await managedChannel(options.db, of.channelId, of.userId);
  const now = options.now();
  const webhook = await insertWebhook(options.db, {
    id: options.newId(),
    channel_id: channel.id,
    organisation_id: channel.organisation_id,
    owner_id: of.userId,
    name: body.webhook_name,
    event_name: body.event_name ?? '',
    slug: options.newSlug(),
    created_at: now,
    updated_at: now,
  });
  return view(options, webhook, true);
}

/** The newest webhook of a channel. @throws TelexError `not_found` */
export async function newestWebhook(
  options: WebhookOptions,
  of: { readonly channelId: string; readonly userId: string },
) {
  const access = await readableChannel(options.db, of.channelId, of.userId);
  const [webhook] = await webhooksOf(options.db, access.channel.id, { limit: 1, offset: 0 });
  if (webhook === undefined) throw new TelexError('not_found', 'The channel has no webhook.');
  return view(options, webhook, mayManage(access));
}

/** @throws TelexError `not_found`, `validation_failed` */
export async function listWebhooks(
  options: WebhookOptions,
  of: { readonly channelId: string; readonly userId: string },
  query: PageQuery,
) {
  const access = await readableChannel(options.db, of.channelId, of.userId);
  const page = readPage(query);
  const total = await countWebhooks(options.db, access.channel.id);
  const read = await webhooksOf(options.db, access.channel.id, {
    limit: page.limit + 1,
    offset: page.offset,
  });
  const { items, pagination } = paged(page, read, { total });
  return {
    data: { webhooks: items.map((webhook) => view(options, webhook, mayManage(access))) },
    pagination,
  };
}

/** @throws TelexError `not_found`, `forbidden` */
export async function updateWebhook(
  options: WebhookOptions,
  of: WebhookPlace & { readonly userId: string },
  change: Omit<WebhookChange, 'updated_at'>,
) {
  await managedChannel(options.db, of.channelId, of.userId);
  const changed = { ...change, updated_at: options.now() };
  const webhook = await changeWebhook(options.db, of, changed);
  if (webhook === undefined) throw new TelexError('not_found', 'There is no such webhook here.');
  return view(options, webhook, true);
}

/** @throws TelexError `not_found`, `forbidden` */
export async function deleteWebhook(
  options: WebhookOptions,
  of: WebhookPlace & { readonly userId: string },
): Promise<void> {
  await managedChannel(options.db, of.channelId, of.userId);
  if (!(await deleteWebhookRow(options.db, of))) {
    throw new TelexError('not_found', 'There is no such webhook here.');
  }
}

export interface Feed {
  readonly event_name: string;
  readonly message: string;
  readonly status: string;
  readonly username: string;
}

/**
 * A post to a webhook becomes a thread of its channel. The slug alone opens it.
 * @throws TelexError `not_found` (unknown slug), `forbidden` (paused), and those of posting
 */
export async function feedWebhook(
  ports: { readonly db: Kysely<Database>; readonly messages: PostMessages },
  slug: string,
  post: Feed & { readonly idempotencyKey: string | undefined },
): Promise<void> {
  const webhook = await webhookBySlug(ports.db, slug);
  if (webhook === undefined) {
    throw new TelexError('not_found', 'There is no webhook with this address.');
  }
  if (webhook.status !== 'active') {
    throw new TelexError('forbidden', 'The webhook is paused. Whoever manages it can resume it.');
  }
  await ports.messages.post({
    channelId: webhook.channel_id,
    threadId: undefined,
    content: post.message,
    idempotencyKey: post.idempotencyKey,
    author: {
      kind: 'webhook',
      webhookId: webhook.id,
      name: post.username || webhook.name,
      eventName: post.event_name || webhook.event_name,
      status: post.status,
    },
  });
}
