import { TelexError } from '@telex/contract';
import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import { displayName } from '../display-name.ts';
import type { Handlers } from '../http/handler.ts';
import { type PageQuery, paged, readPage } from '../paging.ts';
import { countMembers, membersOf, organisationsOf, requireMembership } from './membership-store.ts';
import type { OrganisationDetails, Organisations } from './organisations.ts';

export function organisationRoutes(options: {
  readonly db: Kysely<Database>;
  readonly organisations: Organisations;
}): Handlers {
  const { db, organisations } = options;

  async function read(organisationId: string, userId: string) {
    return organisationView(await organisations.details(organisationId, userId));
  }

  return {
    async myOrganisations({ user }) {
      return { data: await organisationsOf(db, user.id), message: 'Organisations found' };
    },
    async myOrganisation({ params, user }) {
      return { data: await read(params.org_id, user.id) };
    },
    async organisation({ params, user }) {
      return { data: await read(params.org_id, user.id) };
    },
    async createOrganisation({ body, user }) {
      const id = await organisations.create(user.id, body);
      return { data: await read(id, user.id), message: 'Organisation created' };
    },
    async updateOrganisation({ params, body, user }) {
      await organisations.update(params.org_id, user.id, body);
      return { data: await read(params.org_id, user.id), message: 'Organisation changed' };
    },
    async members({ params, query, user }) {
      await requireMembership(db, params.org_id, user.id);
      return listMembers(db, params.org_id, query);
    },
    async addMember({ params, body, user }) {
      await organisations.addMember(params.org_id, user.id, body);
      return { message: 'Member added' };
    },
    async updateMember({ params, body, user }) {
      const { org_id: organisationId, user_id: userId } = params;
      const member = await organisations.updateMember(organisationId, userId, user.id, body);
      const one = { organisationId, userId, after: undefined, offset: 0, limit: 1 };
      const [found] = await membersOf(db, one);
      if (found === undefined) throw new TelexError('not_found');
      return {
        data: {
          ...memberView(found),
          user_id: member.userId,
          organisation_id: organisationId,
          role_id: member.role,
          created_at: new Date(member.createdAt).toISOString(),
          deleted_at: null,
        },
        message: 'Member changed',
      };
    },
    async removeMember({ params, user }) {
      await organisations.removeMember(params.org_id, params.user_id, user.id);
      const isSelf = params.user_id === user.id;
      return { message: isSelf ? 'You have left the organisation' : 'Member removed' };
    },
  };
}

async function listMembers(db: Kysely<Database>, organisationId: string, query: PageQuery) {
  const { cursor, ...pages } = query;
  const page = readPage(pages);
  const after = cursor === undefined ? undefined : readCursor(cursor);
  const total = await countMembers(db, organisationId);
  const read = await membersOf(db, {
    organisationId,
    after,
    offset: after === undefined ? page.offset : 0,
    limit: page.limit + 1,
  });
  const { items, pagination } = paged(page, read, { total });
  const last = items.at(-1);
  const hasMore = read.length > items.length && last !== undefined;
  const next = hasMore ? { next_cursor: `m${last.membershipId}` } : {};
  return {
    data: items.map(memberView),
    pagination: { ...pagination, ...next },
    message: 'Members found',
  };
}

function readCursor(cursor: string): string {
  const id = /^m([A-Za-z0-9-]{1,64})$/.exec(cursor)?.[1];
  if (id !== undefined) return id;
  throw new TelexError('validation_failed', 'Validation error', {
    errors: ['cursor is not the next_cursor of an earlier page'],
  });
}

function memberView(member: Awaited<ReturnType<typeof membersOf>>[number]) {
  return {
    id: member.id,
    email: member.email,
    phone_number: member.phone,
    name: displayName(member),
    username: member.username,
    role: member.role,
    status: member.status,
    joined_at: new Date(member.created_at).toISOString(),
  };
}

function organisationView(details: OrganisationDetails) {
  const { organisation: row } = details;
  return {
    id: row.id,
    owner_id: row.owner_id,
    name: row.name,
    description: row.description,
    email: row.email,
    country: row.country,
    industry: row.industry,
    type: row.industry,
    location: row.location,
    logo_url: row.logo_url,
    channels_count: details.channelsCount,
    total_messages_count: details.messagesCount,
    org_role: null,
    role: details.role,
    created_at: new Date(row.created_at).toISOString(),
    updated_at: new Date(row.updated_at).toISOString(),
  };
}
