import { sql } from 'kysely';
import type { Migration, MigrationDatabase } from '../migration.ts';

export const accountsAndChannels: Migration = {
  number: 1,
  name: 'accounts-and-channels',
  async up(db) {
    await people(db);
    await organisations(db);
    await channels(db);
    await db.schema
      .createTable('settings')
      .addColumn('key', 'text', (column) => column.primaryKey())
      .addColumn('value', 'text', (column) => column.notNull())
      .addColumn('updated_at', 'bigint', (column) => column.notNull())
      .execute();
  },
};

async function people(db: MigrationDatabase): Promise<void> {
  await db.schema
    .createTable('users')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('email', 'text', (column) => column.notNull().unique())
    .addColumn('username', 'text', (column) => column.notNull())
    .addColumn('password_hash', 'text', (column) => column.notNull())
    .addColumn('first_name', 'text', (column) => column.notNull().defaultTo(''))
    .addColumn('last_name', 'text', (column) => column.notNull().defaultTo(''))
    .addColumn('phone', 'text', (column) => column.notNull().defaultTo(''))
    .addColumn('avatar_url', 'text', (column) => column.notNull().defaultTo(''))
    .addColumn('is_demo', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .addColumn('deactivated_at', 'bigint')
    .execute();
  await db.schema
    .createIndex('users_username')
    .unique()
    .on('users')
    .expression(sql`lower(username)`)
    .execute();
  await db.schema
    .createTable('sessions')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('user_id', 'text', (column) => column.notNull().references('users.id'))
    .addColumn('user_agent', 'text', (column) => column.notNull().defaultTo(''))
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('last_used_at', 'bigint', (column) => column.notNull())
    .addColumn('expires_at', 'bigint', (column) => column.notNull())
    .addColumn('revoked_at', 'bigint')
    .addColumn('refresh_hash', 'text', (column) => column.notNull().unique())
    .addColumn('previous_hash', 'text')
    .addColumn('rotated_at', 'bigint')
    .execute();
  // The sessions of a user, and pruning.
  await db.schema.createIndex('sessions_user').on('sessions').column('user_id').execute();
  await db.schema.createIndex('sessions_expiry').on('sessions').column('expires_at').execute();
}

async function organisations(db: MigrationDatabase): Promise<void> {
  await db.schema
    .createTable('organisations')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('description', 'text', (column) => column.notNull().defaultTo(''))
    .addColumn('email', 'text', (column) => column.notNull().defaultTo(''))
    .addColumn('type', 'text', (column) => column.notNull().defaultTo(''))
    .addColumn('industry', 'text', (column) => column.notNull().defaultTo(''))
    .addColumn('location', 'text', (column) => column.notNull().defaultTo(''))
    .addColumn('country', 'text', (column) => column.notNull().defaultTo(''))
    .addColumn('logo_url', 'text', (column) => column.notNull().defaultTo(''))
    .addColumn('owner_id', 'text', (column) => column.notNull().references('users.id'))
    .addColumn('last_seq', 'bigint', (column) => column.notNull().defaultTo(0))
    .addColumn('sent_seq', 'bigint', (column) => column.notNull().defaultTo(0))
    .addColumn('pruned_seq', 'bigint', (column) => column.notNull().defaultTo(0))
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('memberships')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('organisation_id', 'text', (column) =>
      column.notNull().references('organisations.id'),
    )
    .addColumn('user_id', 'text', (column) => column.notNull().references('users.id'))
    .addColumn('role', 'text', (column) => column.notNull())
    .addColumn('status', 'text', (column) => column.notNull().defaultTo('active'))
    .addColumn('began_seq', 'bigint', (column) => column.notNull())
    .addColumn('ended_seq', 'bigint')
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('ended_at', 'bigint')
    .execute();
  // One membership at a time; also the members of an organisation by keyset.
  await db.schema
    .createIndex('memberships_current')
    .unique()
    .on('memberships')
    .columns(['organisation_id', 'user_id'])
    .where(sql.ref('ended_seq'), 'is', null)
    .execute();
  // Who of a channel's members is active, without touching the table.
  await db.schema
    .createIndex('memberships_audience')
    .on('memberships')
    .columns(['organisation_id', 'user_id', 'ended_seq', 'status', 'began_seq'])
    .execute();
  // The organisations of a user.
  await db.schema
    .createIndex('memberships_user')
    .on('memberships')
    .columns(['user_id', 'organisation_id'])
    .execute();
}

async function channels(db: MigrationDatabase): Promise<void> {
  await db.schema
    .createTable('channels')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('organisation_id', 'text', (column) =>
      column.notNull().references('organisations.id'),
    )
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('description', 'text', (column) => column.notNull().defaultTo(''))
    .addColumn('topic', 'text', (column) => column.notNull().defaultTo(''))
    .addColumn('owner_id', 'text', (column) => column.notNull().references('users.id'))
    .addColumn('is_private', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('is_dm', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('archived', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('message_count', 'bigint', (column) => column.notNull().defaultTo(0))
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .addColumn('deleted_at', 'bigint')
    .execute();
  await db.schema
    .createIndex('channels_organisation')
    .on('channels')
    .column('organisation_id')
    .execute();
  await db.schema
    .createTable('channel_memberships')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('channel_id', 'text', (column) => column.notNull().references('channels.id'))
    .addColumn('user_id', 'text', (column) => column.notNull().references('users.id'))
    .addColumn('nickname', 'text')
    .addColumn('began_seq', 'bigint', (column) => column.notNull())
    .addColumn('ended_seq', 'bigint')
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('ended_at', 'bigint')
    .execute();
  await db.schema
    .createIndex('channel_memberships_current')
    .unique()
    .on('channel_memberships')
    .columns(['channel_id', 'user_id'])
    .where(sql.ref('ended_seq'), 'is', null)
    .execute();
  // The audience of an event, by keyset on the user, without touching the table.
  await db.schema
    .createIndex('channel_memberships_audience')
    .on('channel_memberships')
    .columns(['channel_id', 'user_id', 'began_seq', 'ended_seq'])
    .execute();
  // The channels of a user.
  await db.schema
    .createIndex('channel_memberships_user')
    .on('channel_memberships')
    .columns(['user_id', 'channel_id'])
    .execute();
}
