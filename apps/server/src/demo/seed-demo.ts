import { randomBytes } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { AccountStore } from '../auth/account-store.ts';
import type { Passwords } from '../auth/passwords.ts';
import type { Sessions } from '../auth/sessions.ts';
import type { Database } from '../db/schema.ts';
import { displayName } from '../display-name.ts';
import { beginMembership, GENERAL } from '../organisations/joining.ts';
import { isActiveMember } from '../organisations/membership-store.ts';
import type { Organisations } from '../organisations/organisations.ts';
import { StartError } from '../start-error.ts';

/** `.example` never belongs to anyone (RFC 2606). */
const PEOPLE = [
  { email: 'ada@demo.telex.example', username: 'ada', first_name: 'Ada', last_name: 'Demo' },
  { email: 'grace@demo.telex.example', username: 'grace', first_name: 'Grace', last_name: 'Demo' },
] as const;
const ORGANISATION = 'Telex demo';
const WEBHOOK = 'Demo webhook';

export interface DemoAccount {
  readonly name: string;
  readonly email: string;
  readonly password: string;
  readonly user_id: string;
}

export interface Demo {
  readonly organisation: { readonly id: string; readonly name: string };
  readonly channel: { readonly id: string; readonly name: string };
  readonly accounts: readonly [DemoAccount, DemoAccount];
  readonly webhookSlug: string;
}

export interface SeedDemoOptions {
  readonly db: Kysely<Database>;
  readonly accounts: AccountStore;
  readonly passwords: Passwords;
  readonly sessions: Sessions;
  readonly organisations: Organisations;
  readonly newId: () => string;
  readonly nowMs: () => number;
}

/**
 * A demo organisation with two people, a channel and a webhook; what is there from an earlier start
 * is used again. Passwords are new each time and what the old ones had opened is ended. Accounts
 * that are not marked as demo are never touched.
 * @throws StartError `demo_refused`
 */
export async function seedDemo(options: SeedDemoOptions): Promise<Demo> {
  const [ada, grace] = await Promise.all([
    seedPerson(options, PEOPLE[0]),
    seedPerson(options, PEOPLE[1]),
  ]);
  const organisationId = await seedOrganisation(options, ada.user_id);
  await seedMembership(options, organisationId, grace.user_id);
  const channelId = await generalOf(options.db, organisationId);
  return {
    organisation: { id: organisationId, name: ORGANISATION },
    channel: { id: channelId, name: GENERAL },
    accounts: [ada, grace],
    webhookSlug: await seedWebhook(options, { organisationId, channelId, ownerId: ada.user_id }),
  };
}

async function seedPerson(
  options: SeedDemoOptions,
  person: (typeof PEOPLE)[number],
): Promise<DemoAccount> {
  const { accounts, passwords, sessions, newId, nowMs } = options;
  const password = randomBytes(12).toString('base64url');
  const known = await accounts.byEmail(person.email);
  if (known !== undefined && known.is_demo === 0) throw refused(person.email);
  const hash = await passwords.hash(password);
  const now = nowMs();
  const id = known?.id ?? newId();
  if (known === undefined) {
    const row = {
      ...person,
      id,
      username: `${person.username}-demo`,
      password_hash: hash,
      is_demo: 1,
      created_at: now,
      updated_at: now,
    } as const;
    if ((await accounts.insert(row)) !== 'inserted') throw refused(row.username);
  } else {
    await accounts.setPassword(id, hash, now);
    await sessions.end(id, {});
  }
  return { name: displayName(person), email: person.email, password, user_id: id };
}

function refused(who: string): StartError {
  return new StartError(
    'demo_refused',
    `${who} is an account of this server that is not marked as demo. Use --demo with another --data.`,
  );
}

async function seedOrganisation(options: SeedDemoOptions, ownerId: string): Promise<string> {
  const known = await options.db
    .selectFrom('organisations')
    .select('id')
    .where('owner_id', '=', ownerId)
    .where('name', '=', ORGANISATION)
    .orderBy('id')
    .executeTakeFirst();
  if (known !== undefined) return known.id;
  return options.organisations.create(ownerId, { name: ORGANISATION });
}

async function seedMembership(
  options: SeedDemoOptions,
  organisationId: string,
  userId: string,
): Promise<void> {
  await options.db.transaction().execute(async (transaction) => {
    if (await isActiveMember(transaction, organisationId, userId)) return;
    await beginMembership(transaction, options, { organisationId, userId, role: 'User' });
  });
}

async function generalOf(db: Kysely<Database>, organisationId: string): Promise<string> {
  const channel = await db
    .selectFrom('channels')
    .select('id')
    .where('organisation_id', '=', organisationId)
    .where('name', '=', GENERAL)
    .orderBy('id')
    .executeTakeFirst();
  if (channel !== undefined) return channel.id;
  throw new StartError('demo_refused', 'The demo organisation has lost its channel "general".');
}

async function seedWebhook(
  options: SeedDemoOptions,
  of: { readonly organisationId: string; readonly channelId: string; readonly ownerId: string },
): Promise<string> {
  const { db, newId, nowMs } = options;
  const known = await db
    .selectFrom('webhooks')
    .select('slug')
    .where('channel_id', '=', of.channelId)
    .where('name', '=', WEBHOOK)
    .where('status', '=', 'active')
    .orderBy('id', 'desc')
    .executeTakeFirst();
  if (known !== undefined) return known.slug;
  const slug = randomBytes(24).toString('base64url');
  await db
    .insertInto('webhooks')
    .values({
      id: newId(),
      channel_id: of.channelId,
      organisation_id: of.organisationId,
      owner_id: of.ownerId,
      name: WEBHOOK,
      slug,
      created_at: nowMs(),
      updated_at: nowMs(),
    })
    .execute();
  return slug;
}
