import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Person, type ServerRig, serverRig } from '../testing/server-rig.ts';

let rig: ServerRig;
let ada: Person;
let grace: Person;
let org = '';
let general = '';
beforeEach(async () => {
  rig = await serverRig();
  ada = await rig.person('ada');
  grace = await rig.person('grace');
  ({ id: org, general } = await rig.organisation(ada));
});
afterEach(() => rig.close());

const add = (by: Person, user: Person, role?: string) =>
  rig.call('addMember', {
    params: { org_id: org },
    token: by.token,
    body: { user_id: user.id, ...(role === undefined ? {} : { role_Id: role }) },
  });
const update = (by: Person, user: Person, body: object) =>
  rig.call('updateMember', { params: { org_id: org, user_id: user.id }, token: by.token, body });
const remove = (by: Person, user: Person) =>
  rig.call('removeMember', { params: { org_id: org, user_id: user.id }, token: by.token });
const members = (by: Person, query: Record<string, string> = {}) =>
  rig.call('members', { params: { org_id: org }, token: by.token, query });

describe('an organisation', () => {
  it('is made with its creator as Administrator, in the channel general', async () => {
    const made = await rig.call('createOrganisation', {
      token: ada.token,
      body: { name: ' Fabrikam ', type: 'tools', country: 'NO' },
    });
    expect(made.status).toBe(201);
    expect(made.json.data).toMatchObject({
      name: 'Fabrikam',
      industry: 'tools',
      type: 'tools',
      country: 'NO',
      owner_id: ada.id,
      role: 'Administrator',
      org_role: null,
      channels_count: 1,
      total_messages_count: 0,
    });
    const { id } = made.json.data;
    const mine = await rig.call('myChannels', { params: { org_id: id }, token: ada.token });
    expect(mine.json.data.map(({ name }: { name: string }) => name)).toEqual(['general']);
  });

  it('is listed to its members alone', async () => {
    const listed = async (person: Person) =>
      (await rig.call('myOrganisations', { token: person.token })).json.data;
    expect(await listed(ada)).toEqual([{ id: org, name: 'Northwind' }]);
    expect(await listed(grace)).toEqual([]);
    for (const route of ['organisation', 'myOrganisation', 'members'] as const) {
      const params = { org_id: org };
      expect((await rig.call(route, { params, token: grace.token })).status).toBe(404);
      expect((await rig.call(route, { params, token: ada.token })).status).toBe(200);
    }
  });

  it('is changed by an Administrator, and only what is given', async () => {
    await add(ada, grace, 'Manager');
    const change = (by: Person) =>
      rig.call('updateOrganisation', {
        params: { org_id: org },
        token: by.token,
        body: { description: 'All of us' },
      });
    expect((await change(grace)).json.code).toBe('forbidden');
    expect((await change(ada)).json.data).toMatchObject({
      name: 'Northwind',
      description: 'All of us',
    });
  });
});

describe('members', () => {
  it('are added by id or e-mail and start in general with nothing unread', async () => {
    await rig.call('postMessage', {
      params: { channel_id: general },
      token: ada.token,
      body: { content: 'before' },
    });
    const body = { email: 'GRACE@example.com', role: 'member' };
    const params = { org_id: org };
    expect((await rig.call('addMember', { params, token: ada.token, body })).status).toBe(200);
    const mine = await rig.call('myChannels', { params, token: grace.token });
    expect(mine.json.data.map(({ id }: { id: string }) => id)).toEqual([general]);
    const unread = await rig.call('unread', { token: grace.token });
    expect(JSON.stringify(unread.json.data)).not.toContain(general);
  });

  it.each([
    ['nobody', {}, 422, 'validation_failed'],
    ['someone unknown', { email: 'nobody@example.com' }, 404, 'not_found'],
    ['a role that is none', { email: 'grace@example.com', role: 'King' }, 422, 'validation_failed'],
    ['a member', { email: 'ada@example.com' }, 422, 'validation_failed'],
  ])('cannot be added: %s', async (_who, body, status, code) => {
    const reply = await rig.call('addMember', { params: { org_id: org }, token: ada.token, body });
    expect([reply.status, reply.json.code]).toEqual([status, code]);
  });

  it('come in pages, by number and by cursor, in the order of joining', async () => {
    const others = await Promise.all(['b', 'c', 'd', 'e'].map((name) => rig.person(name)));
    for (const other of others) await add(ada, other);
    const emails = (reply: Awaited<ReturnType<typeof members>>) =>
      reply.json.data.map((member: { email: string }) => member.email[0]).join('');
    const first = await members(ada, { page_size: '2' });
    expect(emails(first)).toBe('ab');
    expect(first.json.pagination).toMatchObject({
      current_page: 1,
      page_size: 2,
      total_items: 5,
      total_pages: 3,
      page_count: 2,
      total_pages_count: 3,
    });
    expect(emails(await members(ada, { page_size: '2', page: '3' }))).toBe('e');
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await members(ada, { limit: '2', ...(cursor === undefined ? {} : { cursor }) });
      seen.push(emails(page));
      cursor = page.json.pagination.next_cursor;
    } while (cursor !== undefined);
    expect(seen).toEqual(['ab', 'cd', 'e']);
    expect((await members(ada, { cursor: 'b12' })).status).toBe(422);
  });

  it('show name, e-mail, role and status', async () => {
    expect((await members(ada)).json.data).toEqual([
      {
        id: ada.id,
        email: 'ada@example.com',
        phone_number: '',
        name: 'ada',
        username: 'ada',
        role: 'Administrator',
        status: 'active',
        joined_at: expect.any(String),
      },
    ]);
  });
});

describe('rights (telex-api.md §5.9)', () => {
  it.each([
    ['Administrator', 200],
    ['Manager', 200],
    ['Project Lead', 200],
    ['User', 200],
    ['Guest', 403],
  ])('a %s who invites gets %i', async (role, status) => {
    await add(ada, grace, role);
    expect((await add(grace, await rig.person('new'), 'Guest')).status).toBe(status);
  });

  it.each([
    ['Administrator', 200],
    ['Manager', 200],
    ['Project Lead', 200],
    ['User', 403],
    ['Guest', 403],
  ])('a %s who changes and removes members gets %i', async (role, status) => {
    const eve = await rig.person('eve');
    await add(ada, grace, role);
    await add(ada, eve, 'User');
    expect((await update(grace, eve, { role: 'Guest' })).status).toBe(status);
    expect((await remove(grace, eve)).status).toBe(status);
  });

  it('nobody touches or makes someone above themselves', async () => {
    const eve = await rig.person('eve');
    await add(ada, grace, 'Project Lead');
    await add(ada, eve, 'Manager');
    expect((await update(grace, eve, { role: 'User' })).json.code).toBe('forbidden');
    expect((await remove(grace, ada)).json.code).toBe('forbidden');
    expect((await update(grace, grace, { role: 'Administrator' })).json.code).toBe('forbidden');
    expect((await add(grace, await rig.person('new'), 'Manager')).json.code).toBe('forbidden');
  });

  it('takes roles under both documented keys and in any case', async () => {
    await add(ada, grace);
    expect((await update(ada, grace, { role_id: 'project lead' })).json.data).toMatchObject({
      user_id: grace.id,
      organisation_id: org,
      role: 'Project Lead',
      status: 'active',
      deleted_at: null,
    });
  });
});

describe('leaving', () => {
  it('is refused to the last Administrator, however it is tried', async () => {
    await add(ada, grace, 'User');
    for (const reply of [
      await remove(ada, ada),
      await update(ada, ada, { role: 'User' }),
      await update(ada, ada, { status: 'deactivated' }),
    ]) {
      expect([reply.status, reply.json.code]).toEqual([403, 'forbidden']);
      expect(reply.json.message).toContain('last Administrator');
    }
  });

  it('hands the organisation to the next Administrator', async () => {
    await add(ada, grace, 'Administrator');
    expect((await remove(ada, ada)).status).toBe(200);
    const read = await rig.call('organisation', { params: { org_id: org }, token: grace.token });
    expect(read.json.data.owner_id).toBe(grace.id);
    const after = await rig.call('organisation', { params: { org_id: org }, token: ada.token });
    expect(after.status).toBe(404);
  });

  it('ends the channels too, and coming back starts anew', async () => {
    await add(ada, grace);
    await remove(grace, grace);
    const post = { params: { channel_id: general }, token: grace.token, body: { content: 'x' } };
    expect((await rig.call('postMessage', post)).status).toBe(404);
    await rig.call('postMessage', { ...post, token: ada.token });
    await add(ada, grace);
    const unread = await rig.call('unread', { token: grace.token });
    expect(JSON.stringify(unread.json.data)).not.toContain('thread_id');
  });
});
