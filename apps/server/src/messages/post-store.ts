import { sql } from 'kysely';
import { insertRows } from '../db/insert-rows.ts';
import type { Queries } from '../db/query-cache.ts';
import type { NewRow, Row } from '../db/schema.ts';
import { type PushChannel, pushChannelColumns } from '../events/push-payload.ts';

/** A channel as posting needs it. */
export interface PostingChannel extends PushChannel {
  readonly deleted_at: number | null;
}

/** An author as a current member of the channel. */
export interface PostingAuthor {
  readonly channel_id: string;
  readonly user_id: string;
  readonly nickname: string | null;
  readonly role: string;
  readonly status: string;
  readonly username: string;
  readonly first_name: string;
  readonly last_name: string;
}

/** A message with what its thread says of it. */
export type PostedMessage = Row<'messages'>;

/** An earlier post under an idempotency key. */
export interface EarlierPost {
  readonly authorId: string;
  readonly key: string;
  readonly fingerprint: string;
  readonly message: PostedMessage;
}

/** Lists of few lengths make few statements, so that each stays prepared: the last one repeats. */
function padded<Item>(items: readonly Item[]): readonly Item[] {
  const last = items.at(-1);
  if (last === undefined) return items;
  let length = 1;
  while (length < items.length) length *= 2;
  return [...items, ...Array.from({ length: length - items.length }, () => last)];
}

type Pair = readonly [string, string];

/** Looks pairs up one by one in an index: of a list of `or` SQLite makes a scan of the channel. */
function isOneOf([first, second]: Pair, list: readonly Pair[]) {
  const rows = list.map((pair) => sql`(${pair[0]}, ${pair[1]})`);
  return sql<boolean>`(${sql.ref(first)}, ${sql.ref(second)}) in (values ${sql.join(rows)})`;
}

export async function channelsToPostIn(
  queries: Queries,
  ids: readonly string[],
): Promise<Map<string, PostingChannel>> {
  const list = padded(ids);
  const rows = await queries.run(`channels to post in ${list.length}`, list, () =>
    queries.db
      .selectFrom('channels as c')
      .innerJoin('users as o', 'o.id', 'c.owner_id')
      .where('c.id', 'in', list)
      .select([...pushChannelColumns, 'c.deleted_at']),
  );
  return new Map(rows.map((row) => [row.id, row]));
}

export interface Membership {
  readonly channelId: string;
  readonly userId: string;
}

/** By `channelId/userId`. */
export async function authorsIn(
  queries: Queries,
  wanted: readonly Membership[],
): Promise<Map<string, PostingAuthor>> {
  if (wanted.length === 0) return new Map();
  const list = padded(wanted.map(({ channelId, userId }): Pair => [channelId, userId]));
  const rows = await queries.run(`authors ${list.length}`, list.flat(), () =>
    queries.db
      .selectFrom('channel_memberships as cm')
      .innerJoin('channels as c', 'c.id', 'cm.channel_id')
      .innerJoin('users as u', 'u.id', 'cm.user_id')
      .innerJoin('memberships as m', (join) =>
        join
          .onRef('m.organisation_id', '=', 'c.organisation_id')
          .onRef('m.user_id', '=', 'cm.user_id')
          .on('m.ended_seq', 'is', null),
      )
      .where('cm.ended_seq', 'is', null)
      .where(isOneOf(['cm.channel_id', 'cm.user_id'], list))
      .select([
        'cm.channel_id',
        'cm.user_id',
        'cm.nickname',
        'm.role',
        'm.status',
        'u.username',
        'u.first_name',
        'u.last_name',
      ]),
  );
  return new Map(rows.map((row) => [`${row.channel_id}/${row.user_id}`, row]));
}

/** The channel of each thread that exists. */
export async function channelsOfThreads(
  queries: Queries,
  ids: readonly string[],
): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const list = padded(ids);
  const rows = await queries.run(`channels of threads ${list.length}`, list, () =>
    queries.db.selectFrom('threads').select(['id', 'channel_id']).where('id', 'in', list),
  );
  return new Map(rows.map(({ id, channel_id }) => [id, channel_id]));
}

export interface KeyOfAuthor {
  readonly authorId: string;
  readonly key: string;
}

/** What was posted under these keys since `since` (milliseconds since 1970). */
export async function earlierPosts(
  queries: Queries,
  keys: readonly KeyOfAuthor[],
  since: number,
): Promise<EarlierPost[]> {
  if (keys.length === 0) return [];
  const list = padded(keys.map(({ authorId, key }): Pair => [authorId, key]));
  const parameters = [since, ...list.flat()];
  const rows = await queries.run(`earlier posts ${list.length}`, parameters, () =>
    queries.db
      .selectFrom('idempotency_keys as i')
      .innerJoin('messages as m', 'm.id', 'i.message_id')
      .where('i.created_at', '>', since)
      .where(isOneOf(['i.author_id', 'i.key'], list))
      .selectAll('m')
      .select(['i.author_id as key_author_id', 'i.key', 'i.fingerprint']),
  );
  return rows.map(({ key_author_id, key, fingerprint, ...message }) => ({
    authorId: key_author_id,
    key,
    fingerprint,
    message,
  }));
}

export interface NewReply {
  readonly threadId: string;
  readonly lastSeq: number;
  readonly count: number;
  readonly at: number;
}

/** All rows of a batch of posts, apart from its events. */
export interface PostRows {
  readonly threads: readonly NewRow<'threads'>[];
  readonly replies: readonly NewReply[];
  readonly messages: readonly NewRow<'messages'>[];
  /** One for each reader and thread. */
  readonly readMarks: readonly NewRow<'read_marks'>[];
  readonly idempotencyKeys: readonly NewRow<'idempotency_keys'>[];
  /** New messages in each channel. */
  readonly messageCounts: ReadonlyMap<string, number>;
}

export async function insertPosts(queries: Queries, rows: PostRows): Promise<void> {
  await insertRows(queries, 'threads', rows.threads);
  for (const reply of rows.replies) await noteReply(queries, reply);
  await insertRows(queries, 'messages', rows.messages);
  await raiseReadMarks(queries, rows.readMarks);
  await insertKeys(queries, rows.idempotencyKeys);
  for (const [channelId, count] of rows.messageCounts) {
    await queries.run('count messages', [count, channelId], () =>
      queries.db
        .updateTable('channels')
        .set((eb) => ({ message_count: eb('message_count', '+', count) }))
        .where('id', '=', channelId),
    );
  }
}

async function noteReply(
  queries: Queries,
  { threadId, lastSeq, count, at }: NewReply,
): Promise<void> {
  await queries.run('note reply', [lastSeq, count, at, threadId], () =>
    queries.db
      .updateTable('threads')
      .set((eb) => ({
        last_seq: lastSeq,
        message_count: eb('message_count', '+', count),
        last_reply_at: at,
      }))
      .where('id', '=', threadId),
  );
}

/** A key that is there already has expired and was not pruned yet. */
async function insertKeys(
  queries: Queries,
  keys: readonly NewRow<'idempotency_keys'>[],
): Promise<void> {
  await insertRows(queries, 'idempotency_keys', keys, (insert) =>
    insert.onConflict((conflict) =>
      conflict.columns(['author_id', 'key']).doUpdateSet((eb) => ({
        fingerprint: eb.ref('excluded.fingerprint'),
        message_id: eb.ref('excluded.message_id'),
        created_at: eb.ref('excluded.created_at'),
      })),
    ),
  );
}

/** Raises read marks, never lowers one; each reader and thread at most once. */
export async function raiseReadMarks(
  queries: Queries,
  marks: readonly NewRow<'read_marks'>[],
): Promise<void> {
  await insertRows(queries, 'read_marks', marks, (insert) =>
    insert.onConflict((conflict) =>
      conflict.columns(['user_id', 'thread_id']).doUpdateSet((eb) => ({
        read_seq: eb
          .case()
          .when('excluded.read_seq', '>', eb.ref('read_marks.read_seq'))
          .then(eb.ref('excluded.read_seq'))
          .else(eb.ref('read_marks.read_seq'))
          .end(),
        marked_unread: eb.lit(0),
      })),
    ),
  );
}
