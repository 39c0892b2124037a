import type { Kysely } from 'kysely';
import type { Database, NewRow, Row } from '../db/schema.ts';
import { MAX_COUNTED } from '../paging.ts';

export type WebhookRow = Row<'webhooks'>;

export async function insertWebhook(
  db: Kysely<Database>,
  webhook: NewRow<'webhooks'>,
): Promise<WebhookRow> {
  return db.insertInto('webhooks').values(webhook).returningAll().executeTakeFirstOrThrow();
}

export interface WebhookPlace {
  readonly channelId: string;
  readonly webhookId: string;
}

/** Newest first. A channel has few. */
export function webhooksOf(
  db: Kysely<Database>,
  channelId: string,
  page: { readonly limit: number; readonly offset: number },
): Promise<WebhookRow[]> {
  return db
    .selectFrom('webhooks')
    .selectAll()
    .where('channel_id', '=', channelId)
    .orderBy('id', 'desc')
    .limit(page.limit)
    .offset(page.offset)
    .execute();
}

export async function countWebhooks(db: Kysely<Database>, channelId: string): Promise<number> {
  const some = db.selectFrom('webhooks').select('id').where('channel_id', '=', channelId);
  const { total } = await db
    .selectFrom(some.limit(MAX_COUNTED).as('some'))
    .select((eb) => eb.fn.countAll<number>().as('total'))
    .executeTakeFirstOrThrow();
  return total;
}

export type WebhookChange = Partial<
  Pick<WebhookRow, 'name' | 'event_name' | 'status' | 'updated_at'>
>;

/** Undefined: the channel has no such webhook. */
export function changeWebhook(
  db: Kysely<Database>,
  place: WebhookPlace,
  change: WebhookChange,
): Promise<WebhookRow | undefined> {
  return db
    .updateTable('webhooks')
    .set(change)
    .where('id', '=', place.webhookId)
    .where('channel_id', '=', place.channelId)
    .returningAll()
    .executeTakeFirst();
}

/** Whether there was one. */
export async function deleteWebhookRow(
  db: Kysely<Database>,
  place: WebhookPlace,
): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom('webhooks')
    .where('id', '=', place.webhookId)
    .where('channel_id', '=', place.channelId)
    .executeTakeFirstOrThrow();
  return numDeletedRows > 0n;
}

export function webhookBySlug(db: Kysely<Database>, slug: string): Promise<WebhookRow | undefined> {
  return db.selectFrom('webhooks').selectAll().where('slug', '=', slug).executeTakeFirst();
}
