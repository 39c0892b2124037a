import type { ColumnType, Insertable, Selectable } from 'kysely';

/**
 * The tables. Ids are UUIDv7 text, times whole milliseconds since 1970, flags 0 or 1 (SQLite has no
 * boolean). A span in the event log is half open: `began_seq < seq <= ended_seq`, and an
 * `ended_seq` of null goes on; the row stays when it has ended.
 */
export interface Database {
  users: UsersTable;
  sessions: SessionsTable;
  organisations: OrganisationsTable;
  memberships: MembershipsTable;
  channels: ChannelsTable;
  channel_memberships: ChannelMembershipsTable;
  threads: ThreadsTable;
  messages: MessagesTable;
  read_marks: ReadMarksTable;
  events: EventsTable;
  idempotency_keys: IdempotencyKeysTable;
  webhooks: WebhooksTable;
  dead_letters: DeadLettersTable;
  settings: SettingsTable;
  schema_migrations: SchemaMigrationsTable;
}

/** A column with a default: may be left out when inserting. */
type Defaulted<T> = ColumnType<T, T | undefined, T>;
type Flag = Defaulted<0 | 1>;

export interface UsersTable {
  id: string;
  /** Lower case, unique. */
  email: string;
  /** Unique without case. */
  username: string;
  /** argon2id in PHC form. */
  password_hash: string;
  first_name: Defaulted<string>;
  last_name: Defaulted<string>;
  phone: Defaulted<string>;
  avatar_url: Defaulted<string>;
  is_demo: Flag;
  created_at: number;
  updated_at: number;
  deactivated_at: Defaulted<number | null>;
}

export interface SessionsTable {
  id: string;
  user_id: string;
  /** What the user may tell it by, from the login's `User-Agent`. */
  user_agent: Defaulted<string>;
  created_at: number;
  last_used_at: number;
  expires_at: number;
  revoked_at: Defaulted<number | null>;
  /** Hash of the refresh token that is valid now. */
  refresh_hash: string;
  /** Hash of the one before, whose repeat gives the same successor until that one is used. */
  previous_hash: Defaulted<string | null>;
  rotated_at: Defaulted<number | null>;
}

export interface OrganisationsTable {
  id: string;
  name: string;
  description: Defaulted<string>;
  email: Defaulted<string>;
  type: Defaulted<string>;
  industry: Defaulted<string>;
  location: Defaulted<string>;
  country: Defaulted<string>;
  logo_url: Defaulted<string>;
  owner_id: string;
  /** Seq of the newest event. */
  last_seq: Defaulted<number>;
  /** Every event up to it has been accepted by the push server or is a dead letter. */
  sent_seq: Defaulted<number>;
  /** Every event up to it has been pruned. */
  pruned_seq: Defaulted<number>;
  created_at: number;
  updated_at: number;
}

export type MembershipStatus = 'active' | 'deactivated';

export interface MembershipsTable {
  id: string;
  organisation_id: string;
  user_id: string;
  /** One of the contract's `ROLES`. */
  role: string;
  status: Defaulted<MembershipStatus>;
  began_seq: number;
  ended_seq: Defaulted<number | null>;
  created_at: number;
  ended_at: Defaulted<number | null>;
}

export interface ChannelsTable {
  id: string;
  organisation_id: string;
  name: string;
  description: Defaulted<string>;
  topic: Defaulted<string>;
  owner_id: string;
  is_private: Flag;
  is_dm: Flag;
  archived: Flag;
  message_count: Defaulted<number>;
  created_at: number;
  updated_at: number;
  deleted_at: Defaulted<number | null>;
}

export interface ChannelMembershipsTable {
  id: string;
  channel_id: string;
  user_id: string;
  /** The user's name in this channel, where it differs. */
  nickname: Defaulted<string | null>;
  began_seq: number;
  ended_seq: Defaulted<number | null>;
  created_at: number;
  ended_at: Defaulted<number | null>;
}

export interface ThreadsTable {
  id: string;
  channel_id: string;
  organisation_id: string;
  /** Null: a webhook opened it. */
  author_id: string | null;
  author_name: string;
  /** Text of the first message. */
  content: string;
  /** Of a webhook's post, else empty. */
  event_name: Defaulted<string>;
  /** `success`, or what a webhook's post said. */
  status: Defaulted<string>;
  /** Seq of the first message; orders threads by age. */
  first_seq: number;
  /** Seq of the newest message. */
  last_seq: number;
  message_count: number;
  created_at: number;
  last_reply_at: Defaulted<number | null>;
}

export interface MessagesTable {
  id: string;
  thread_id: string;
  channel_id: string;
  organisation_id: string;
  author_id: string | null;
  /** As it was when posted. */
  author_name: string;
  content: string;
  /** Of its event. */
  seq: number;
  created_at: number;
}

export interface ReadMarksTable {
  user_id: string;
  thread_id: string;
  /** Last seq read; only raised. */
  read_seq: number;
  /** The user put it back to unread. */
  marked_unread: Flag;
  /** The documented thread status for this user: `active`, `inactive`. */
  status: Defaulted<string>;
}

export interface EventsTable {
  organisation_id: string;
  seq: number;
  /** Goes out as `notification_id` and as the push server's idempotency key. */
  id: string;
  /** `notification_type`. */
  type: string;
  channel_id: string | null;
  thread_id: string | null;
  /** Null: the members of the channel. */
  audience_user_id: string | null;
  /** Who caused it; not told about it. */
  actor_id: string | null;
  /** The JSON text that goes out, the same for all receivers. */
  payload: string;
  created_at: number;
}

export interface IdempotencyKeysTable {
  /** A user or a webhook. */
  author_id: string;
  key: string;
  /** Hash of the request. */
  fingerprint: string;
  message_id: string;
  created_at: number;
}

export interface WebhooksTable {
  id: string;
  channel_id: string;
  organisation_id: string;
  owner_id: string;
  name: string;
  event_name: Defaulted<string>;
  /** The secret. Stored as it is, since those who manage the webhook may see it again. */
  slug: string;
  status: Defaulted<'active' | 'inactive' | 'paused'>;
  created_at: number;
  updated_at: number;
}

export interface DeadLettersTable {
  event_id: string;
  organisation_id: string;
  seq: number;
  type: string;
  payload: string;
  reason: string;
  failed_at: number;
}

export interface SettingsTable {
  key: string;
  value: string;
  updated_at: number;
}

export interface SchemaMigrationsTable {
  number: number;
  name: string;
  applied_at: number;
}

export type Row<Table extends keyof Database> = Selectable<Database[Table]>;
export type NewRow<Table extends keyof Database> = Insertable<Database[Table]>;
