import { sql } from 'kysely';
import type { Migration, MigrationDatabase } from '../migration.ts';

export const messagesAndEvents: Migration = {
  number: 2,
  name: 'messages-and-events',
  async up(db) {
    await threads(db);
    await readState(db);
    await events(db);
    await webhooks(db);
  },
};

async function threads(db: MigrationDatabase): Promise<void> {
  await db.schema
    .createTable('threads')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('channel_id', 'text', (column) => column.notNull().references('channels.id'))
    .addColumn('organisation_id', 'text', (column) => column.notNull())
    .addColumn('author_id', 'text')
    .addColumn('author_name', 'text', (column) => column.notNull())
    .addColumn('content', 'text', (column) => column.notNull())
    .addColumn('event_name', 'text', (column) => column.notNull().defaultTo(''))
    .addColumn('status', 'text', (column) => column.notNull().defaultTo('success'))
    .addColumn('first_seq', 'bigint', (column) => column.notNull())
    .addColumn('last_seq', 'bigint', (column) => column.notNull())
    .addColumn('message_count', 'bigint', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('last_reply_at', 'bigint')
    .execute();
  // Threads of an organisation and of a channel by age …
  await db.schema
    .createIndex('threads_organisation')
    .on('threads')
    .columns(['organisation_id', 'first_seq'])
    .execute();
  await db.schema
    .createIndex('threads_by_age')
    .on('threads')
    .columns(['channel_id', 'first_seq'])
    .execute();
  // … and by their newest message, for what is unread.
  await db.schema
    .createIndex('threads_by_change')
    .on('threads')
    .columns(['channel_id', 'last_seq'])
    .execute();
  await db.schema
    .createTable('messages')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('thread_id', 'text', (column) => column.notNull().references('threads.id'))
    .addColumn('channel_id', 'text', (column) => column.notNull())
    .addColumn('organisation_id', 'text', (column) => column.notNull())
    .addColumn('author_id', 'text')
    .addColumn('author_name', 'text', (column) => column.notNull())
    .addColumn('content', 'text', (column) => column.notNull())
    .addColumn('seq', 'bigint', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createIndex('messages_channel')
    .on('messages')
    .columns(['channel_id', 'seq'])
    .execute();
  await db.schema
    .createIndex('messages_thread')
    .on('messages')
    .columns(['thread_id', 'seq'])
    .execute();
}

async function readState(db: MigrationDatabase): Promise<void> {
  await db.schema
    .createTable('read_marks')
    .addColumn('user_id', 'text', (column) => column.notNull())
    .addColumn('thread_id', 'text', (column) => column.notNull())
    .addColumn('read_seq', 'bigint', (column) => column.notNull())
    .addColumn('marked_unread', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('status', 'text', (column) => column.notNull().defaultTo('active'))
    // The thread first: marks of new threads then stand side by side, on one page for each commit.
    .addPrimaryKeyConstraint('read_marks_key', ['thread_id', 'user_id'])
    .execute();
  // The few threads that a user put back to unread.
  await db.schema
    .createIndex('read_marks_marked_unread')
    .on('read_marks')
    .columns(['user_id', 'thread_id'])
    .where(sql.ref('marked_unread'), '=', sql.lit(1))
    .execute();
}

async function events(db: MigrationDatabase): Promise<void> {
  await db.schema
    .createTable('events')
    .addColumn('organisation_id', 'text', (column) => column.notNull())
    .addColumn('seq', 'bigint', (column) => column.notNull())
    .addColumn('id', 'text', (column) => column.notNull())
    .addColumn('type', 'text', (column) => column.notNull())
    .addColumn('channel_id', 'text')
    .addColumn('thread_id', 'text')
    .addColumn('audience_user_id', 'text')
    .addColumn('actor_id', 'text')
    .addColumn('payload', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('events_key', ['organisation_id', 'seq'])
    .execute();
  await db.schema
    .createTable('idempotency_keys')
    .addColumn('author_id', 'text', (column) => column.notNull())
    .addColumn('key', 'text', (column) => column.notNull())
    .addColumn('fingerprint', 'text', (column) => column.notNull())
    .addColumn('message_id', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('idempotency_keys_key', ['author_id', 'key'])
    .execute();
  // Pruning.
  await db.schema
    .createIndex('idempotency_keys_age')
    .on('idempotency_keys')
    .column('created_at')
    .execute();
  await db.schema
    .createTable('dead_letters')
    .addColumn('event_id', 'text', (column) => column.primaryKey())
    .addColumn('organisation_id', 'text', (column) => column.notNull())
    .addColumn('seq', 'bigint', (column) => column.notNull())
    .addColumn('type', 'text', (column) => column.notNull())
    .addColumn('payload', 'text', (column) => column.notNull())
    .addColumn('reason', 'text', (column) => column.notNull())
    .addColumn('failed_at', 'bigint', (column) => column.notNull())
    .execute();
}

async function webhooks(db: MigrationDatabase): Promise<void> {
  await db.schema
    .createTable('webhooks')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('channel_id', 'text', (column) => column.notNull().references('channels.id'))
    .addColumn('organisation_id', 'text', (column) => column.notNull())
    .addColumn('owner_id', 'text', (column) => column.notNull().references('users.id'))
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('event_name', 'text', (column) => column.notNull().defaultTo(''))
    .addColumn('slug', 'text', (column) => column.notNull().unique())
    .addColumn('status', 'text', (column) => column.notNull().defaultTo('active'))
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createIndex('webhooks_channel')
    .on('webhooks')
    .columns(['channel_id', 'id'])
    .execute();
}
