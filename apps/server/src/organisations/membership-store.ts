import { type Role, readRole, TelexError } from '@telex/contract';
import type { Kysely } from 'kysely';
import type { Database, MembershipStatus, Row } from '../db/schema.ts';

export interface Membership {
  readonly id: string;
  readonly organisationId: string;
  readonly userId: string;
  readonly role: Role;
  readonly status: MembershipStatus;
  readonly createdAt: number;
}

/** The membership that goes on, active or not. */
export async function membershipOf(
  db: Kysely<Database>,
  organisationId: string,
  userId: string,
): Promise<Membership | undefined> {
  const row = await db
    .selectFrom('memberships')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .where('user_id', '=', userId)
    .where('ended_seq', 'is', null)
    .executeTakeFirst();
  return row === undefined ? undefined : membership(row);
}

export async function isActiveMember(
  db: Kysely<Database>,
  organisationId: string,
  userId: string,
): Promise<boolean> {
  return (await membershipOf(db, organisationId, userId))?.status === 'active';
}

/** @throws TelexError `not_found`, also where the organisation is there but none of the user's */
export async function requireMembership(
  db: Kysely<Database>,
  organisationId: string,
  userId: string,
): Promise<Membership> {
  const found = await membershipOf(db, organisationId, userId);
  if (found?.status === 'active') return found;
  throw new TelexError('not_found', 'There is no such organisation, or you are not in it.');
}

/** Seq of the organisation's newest event: where a membership begins or ends. */
export async function lastSeqOf(db: Kysely<Database>, organisationId: string): Promise<number> {
  const row = await db
    .selectFrom('organisations')
    .select('last_seq')
    .where('id', '=', organisationId)
    .executeTakeFirst();
  if (row === undefined) throw new TelexError('not_found');
  return row.last_seq;
}

export async function countActiveAdministrators(
  db: Kysely<Database>,
  organisationId: string,
): Promise<number> {
  const { total } = await db
    .selectFrom('memberships')
    .select((eb) => eb.fn.countAll<number>().as('total'))
    .where('organisation_id', '=', organisationId)
    .where('ended_seq', 'is', null)
    .where('status', '=', 'active')
    .where('role', '=', 'Administrator')
    .executeTakeFirstOrThrow();
  return total;
}

/** Organisations where the user is active, in the order of joining. */
export function organisationsOf(
  db: Kysely<Database>,
  userId: string,
): Promise<Pick<Row<'organisations'>, 'id' | 'name'>[]> {
  return db
    .selectFrom('memberships as m')
    .innerJoin('organisations as o', 'o.id', 'm.organisation_id')
    .select(['o.id', 'o.name'])
    .where('m.user_id', '=', userId)
    .where('m.ended_seq', 'is', null)
    .where('m.status', '=', 'active')
    .orderBy('m.id')
    .execute();
}

export interface MembersQuery {
  readonly organisationId: string;
  /** Members after this membership id, else from `offset` on. */
  readonly after: string | undefined;
  readonly offset: number;
  readonly limit: number;
  /** Only this one. */
  readonly userId?: string;
}

export function membersOf(db: Kysely<Database>, query: MembersQuery) {
  return db
    .selectFrom('memberships as m')
    .innerJoin('users as u', 'u.id', 'm.user_id')
    .select([
      'm.id as membershipId',
      'm.role',
      'm.status',
      'm.created_at',
      'u.id',
      'u.email',
      'u.phone',
      'u.username',
      'u.first_name',
      'u.last_name',
    ])
    .where('m.organisation_id', '=', query.organisationId)
    .where('m.ended_seq', 'is', null)
    .where('m.id', '>', query.after ?? '')
    .$if(query.userId !== undefined, (some) => some.where('m.user_id', '=', query.userId ?? ''))
    .orderBy('m.id')
    .limit(query.limit)
    .offset(query.offset)
    .execute();
}

export async function countMembers(db: Kysely<Database>, organisationId: string): Promise<number> {
  const { total } = await db
    .selectFrom('memberships')
    .select((eb) => eb.fn.countAll<number>().as('total'))
    .where('organisation_id', '=', organisationId)
    .where('ended_seq', 'is', null)
    .executeTakeFirstOrThrow();
  return total;
}

/** A stored role is one of ours; one that is not may do least. */
export function roleOf(stored: string): Role {
  return readRole(stored) ?? 'Guest';
}

function membership(row: Row<'memberships'>): Membership {
  return {
    id: row.id,
    organisationId: row.organisation_id,
    userId: row.user_id,
    role: roleOf(row.role),
    status: row.status,
    createdAt: row.created_at,
  };
}
