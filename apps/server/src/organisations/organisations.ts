import { type Body, pushChannel, type Role, readRole, TelexError } from '@telex/contract';
import type { Kysely } from 'kysely';
import { normalEmail } from '../auth/account-store.ts';
import type { Database, Row } from '../db/schema.ts';
import { beginMembership, endMembership, GENERAL, insertChannel } from './joining.ts';
import {
  countActiveAdministrators,
  type Membership,
  membershipOf,
  requireMembership,
} from './membership-store.ts';
import { outranks, requireRight } from './rights.ts';

/** Port: ends what someone has open of a push channel that is no longer theirs. */
export interface SubscriptionEnder {
  subscriptionEnded(userId: string, channel: string): void;
}

export interface OrganisationsOptions {
  readonly db: Kysely<Database>;
  readonly newId: () => string;
  readonly nowMs: () => number;
  readonly ender: SubscriptionEnder;
}

export interface OrganisationDetails {
  readonly organisation: Row<'organisations'>;
  readonly role: Role;
  readonly channelsCount: number;
  readonly messagesCount: number;
}

/** Organisations and who is in them. Each change is one transaction. */
export class Organisations {
  readonly #options: OrganisationsOptions;

  constructor(options: OrganisationsOptions) {
    this.#options = options;
  }

  /** Makes the creator its Administrator and gives it the channel `general`. */
  async create(userId: string, body: Body<'createOrganisation'>): Promise<string> {
    const { db, newId, nowMs } = this.#options;
    return db.transaction().execute(async (transaction) => {
      const organisationId = newId();
      const now = nowMs();
      await transaction
        .insertInto('organisations')
        .values({
          id: organisationId,
          ...columnsOf(body),
          name: body.name,
          owner_id: userId,
          created_at: now,
          updated_at: now,
        })
        .execute();
      await insertChannel(transaction, this.#options, {
        organisationId,
        ownerId: userId,
        name: GENERAL,
        description: 'For everyone',
      });
      const role = 'Administrator';
      await beginMembership(transaction, this.#options, { organisationId, userId, role });
      return organisationId;
    });
  }

  /** @throws TelexError `not_found` */
  async details(organisationId: string, userId: string): Promise<OrganisationDetails> {
    const { db } = this.#options;
    const { role } = await requireMembership(db, organisationId, userId);
    const organisation = await db
      .selectFrom('organisations')
      .selectAll()
      .where('id', '=', organisationId)
      .executeTakeFirstOrThrow();
    const counts = await db
      .selectFrom('channels')
      .select((eb) => [
        eb.fn.countAll<number>().as('channels'),
        eb.fn.coalesce(eb.fn.sum<number>('message_count'), eb.val(0)).as('messages'),
      ])
      .where('organisation_id', '=', organisationId)
      .where('deleted_at', 'is', null)
      .where('is_dm', '=', 0)
      .executeTakeFirstOrThrow();
    return {
      organisation,
      role,
      channelsCount: counts.channels,
      messagesCount: counts.messages,
    };
  }

  /** @throws TelexError `not_found`, `forbidden` */
  async update(
    organisationId: string,
    userId: string,
    body: Body<'updateOrganisation'>,
  ): Promise<void> {
    const { db, nowMs } = this.#options;
    const { role } = await requireMembership(db, organisationId, userId);
    requireRight(role, 'changeOrganisation');
    await db
      .updateTable('organisations')
      .set({ ...columnsOf(body), updated_at: nowMs() })
      .where('id', '=', organisationId)
      .execute();
  }

  /** @throws TelexError `not_found`, `forbidden`, `validation_failed` */
  async addMember(
    organisationId: string,
    callerId: string,
    body: Body<'addMember'>,
  ): Promise<void> {
    const role = wantedRole(body.role_id ?? body.role_Id ?? body.role) ?? 'User';
    await this.#options.db.transaction().execute(async (transaction) => {
      const caller = await requireMembership(transaction, organisationId, callerId);
      requireRight(caller.role, 'invite');
      requireRank(caller, role);
      const userId = await findPerson(transaction, body);
      const there = await membershipOf(transaction, organisationId, userId);
      if (there !== undefined) {
        throw invalid('user_id is a member already; change the member instead');
      }
      await beginMembership(transaction, this.#options, { organisationId, userId, role });
    });
  }

  /** @throws TelexError `not_found`, `forbidden`, `validation_failed` */
  async updateMember(
    organisationId: string,
    userId: string,
    callerId: string,
    body: Body<'updateMember'>,
  ): Promise<Membership> {
    const role = wantedRole(body.role_id ?? body.role);
    const changed = await this.#options.db.transaction().execute(async (transaction) => {
      const caller = await requireMembership(transaction, organisationId, callerId);
      requireRight(caller.role, 'manageMembers');
      const member = await requireMember(transaction, organisationId, userId);
      requireRank(caller, member.role);
      if (role !== undefined) requireRank(caller, role);
      const next = { ...member, role: role ?? member.role, status: body.status ?? member.status };
      await keepAnAdministrator(transaction, member, next);
      await transaction
        .updateTable('memberships')
        .set({ role: next.role, status: next.status })
        .where('id', '=', member.id)
        .execute();
      return next;
    });
    if (changed.status !== 'active') this.#endSubscription(organisationId, userId);
    return changed;
  }

  /** Removes someone else, or lets the caller leave. @throws TelexError `not_found`, `forbidden` */
  async removeMember(organisationId: string, userId: string, callerId: string): Promise<void> {
    const { db, nowMs } = this.#options;
    await db.transaction().execute(async (transaction) => {
      const caller = await requireMembership(transaction, organisationId, callerId);
      const member = await requireMember(transaction, organisationId, userId);
      if (userId !== callerId) {
        requireRight(caller.role, 'manageMembers');
        requireRank(caller, member.role);
      }
      await keepAnAdministrator(transaction, member, undefined);
      await endMembership(transaction, nowMs(), { organisationId, userId });
      await passOwnershipOn(transaction, organisationId, userId);
    });
    this.#endSubscription(organisationId, userId);
  }

  #endSubscription(organisationId: string, userId: string): void {
    this.#options.ender.subscriptionEnded(userId, pushChannel(organisationId, userId));
  }
}

type Columns = Partial<
  Pick<
    Row<'organisations'>,
    'name' | 'description' | 'email' | 'type' | 'industry' | 'location' | 'country' | 'logo_url'
  >
>;

/** What the request's `type` says comes back as `industry` (telex-api.md §5.2). */
function columnsOf(body: Body<'updateOrganisation'>): Columns {
  const { name, description, email, type, location, country, logo_url } = body;
  const industry = body.industry ?? type;
  const given = { name, description, email, type, industry, location, country, logo_url };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

function wantedRole(text: string | undefined): Role | undefined {
  if (text === undefined) return undefined;
  const role = readRole(text);
  if (role !== undefined) return role;
  throw invalid('role must be Administrator, Manager, Project Lead, User or Guest');
}

function requireRank(caller: Membership, role: Role): void {
  if (outranks(caller.role, role)) return;
  throw new TelexError('forbidden', `A ${caller.role} may not do this to a ${role}.`);
}

async function requireMember(
  db: Kysely<Database>,
  organisationId: string,
  userId: string,
): Promise<Membership> {
  const member = await membershipOf(db, organisationId, userId);
  if (member !== undefined) return member;
  throw new TelexError('not_found', 'There is no such member.');
}

/** An organisation without an Administrator could never be changed again. */
async function keepAnAdministrator(
  db: Kysely<Database>,
  member: Membership,
  next: Membership | undefined,
): Promise<void> {
  const isOne = (some: Membership | undefined) =>
    some?.role === 'Administrator' && some.status === 'active';
  if (!isOne(member) || isOne(next)) return;
  if ((await countActiveAdministrators(db, member.organisationId)) > 1) return;
  throw new TelexError(
    'forbidden',
    'This is the last Administrator; make someone else Administrator first.',
  );
}

/** When the owner goes, the Administrator who joined first owns it. */
async function passOwnershipOn(
  db: Kysely<Database>,
  organisationId: string,
  leaverId: string,
): Promise<void> {
  const heir = await db
    .selectFrom('memberships')
    .select('user_id')
    .where('organisation_id', '=', organisationId)
    .where('ended_seq', 'is', null)
    .where('status', '=', 'active')
    .where('role', '=', 'Administrator')
    .orderBy('id')
    .executeTakeFirst();
  if (heir === undefined) return;
  await db
    .updateTable('organisations')
    .set({ owner_id: heir.user_id })
    .where('id', '=', organisationId)
    .where('owner_id', '=', leaverId)
    .execute();
}

async function findPerson(db: Kysely<Database>, body: Body<'addMember'>): Promise<string> {
  const { user_id: userId, email } = body;
  if (userId === undefined && email === undefined) throw invalid('user_id or email is required');
  const person = await db
    .selectFrom('users')
    .select('id')
    .where('deactivated_at', 'is', null)
    .$if(userId !== undefined, (query) => query.where('id', '=', userId ?? ''))
    .$if(userId === undefined, (query) => query.where('email', '=', normalEmail(email ?? '')))
    .executeTakeFirst();
  if (person !== undefined) return person.id;
  throw new TelexError('not_found', 'There is no such person; they must register first.');
}

function invalid(fault: string): TelexError {
  return new TelexError('validation_failed', 'Validation error', { errors: [fault] });
}
