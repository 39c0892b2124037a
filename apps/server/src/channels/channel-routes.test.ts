import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Person, type ServerRig, serverRig } from '../testing/server-rig.ts';

let rig: ServerRig;
let ada: Person;
let grace: Person;
let eve: Person;
let org = '';
beforeEach(async () => {
  rig = await serverRig();
  ada = await rig.person('ada');
  grace = await rig.person('grace');
  eve = await rig.person('eve');
  org = (await rig.organisation(ada, [grace])).id;
});
afterEach(() => rig.close());

async function create(by: Person, more: object = {}) {
  const body = { name: 'launch', organisation_id: org, ...more };
  return rig.call('createChannel', { token: by.token, body });
}
const on = (
  name: 'channel' | 'joinChannel' | 'leaveChannel' | 'channelMembers' | 'channelUserCount',
  by: Person,
  id: string,
) => rig.call(name, { params: { channel_id: id }, token: by.token });
const names = (list: { name: string }[]) => list.map(({ name }) => name);

describe('a channel', () => {
  it('is made with its creator and others in it, and shows all documented ids', async () => {
    const made = await create(grace, { description: 'Lift-off', userIds: [ada.id], topic: 'soon' });
    expect(made.status).toBe(201);
    const { data } = made.json;
    expect(data).toMatchObject({
      channels_id: data.id,
      channel_id: data.id,
      owner_id: grace.id,
      created_by: grace.id,
      description: 'Lift-off',
      topic: 'soon',
      is_private: false,
      is_dm: false,
      archived: false,
      user_count: 2,
      message_count: 0,
      deleted_at: '0001-01-01T00:00:00Z',
    });
    expect(data.users).toEqual([grace.id, ada.id]);
  });

  it('cannot be made by a guest, outside, or with strangers in it', async () => {
    expect((await create(eve)).status).toBe(404);
    expect((await create(ada, { userIds: [eve.id] })).json.code).toBe('validation_failed');
    const params = { org_id: org };
    const body = { user_id: eve.id, role: 'guest' };
    await rig.call('addMember', { params, token: ada.token, body });
    expect((await create(eve)).json.code).toBe('forbidden');
  });

  it('is listed by organisation, by membership and to join, with the bare key beside data', async () => {
    await create(ada);
    const list = async (name: 'organisationChannels' | 'myChannels' | 'channelsToJoin') =>
      (await rig.call(name, { params: { org_id: org }, token: grace.token })).json;
    const all = await list('organisationChannels');
    expect(names(all.data.channels)).toEqual(['general', 'launch']);
    expect(all.channels).toEqual(all.data.channels);
    expect(names((await list('myChannels')).data)).toEqual(['general']);
    expect(names((await list('channelsToJoin')).data)).toEqual(['launch']);
    const everywhere = await rig.call('channels', { token: grace.token });
    expect(names(everywhere.json.channels)).toEqual(['general', 'launch']);
  });

  it('is joined once and left, and both are told', async () => {
    const { id } = (await create(ada)).json.data;
    expect((await on('joinChannel', grace, id)).json.data.user_count).toBe(2);
    expect((await on('joinChannel', grace, id)).json.data.user_count).toBe(2);
    const members = await on('channelMembers', ada, id);
    expect(members.json.users).toEqual(members.json.data.users);
    expect(members.json.users[1]).toMatchObject({ user_id: grace.id, username: 'grace' });
    expect((await on('leaveChannel', grace, id)).status).toBe(200);
    expect((await on('channelUserCount', ada, id)).json).toMatchObject({ user_count: 1 });
    const exists = await rig.call('channelUserExists', {
      params: { channel_id: id },
      token: ada.token,
      query: { userId: grace.id },
    });
    expect(exists.json.data).toEqual({ exists: false });
  });

  it('begins with nothing unread for who joins, and ends for who leaves', async () => {
    const { id } = (await create(ada)).json.data;
    const post = (content: string) =>
      rig.call('postMessage', { params: { channel_id: id }, token: ada.token, body: { content } });
    const unread = async () =>
      JSON.stringify((await rig.call('unread', { token: grace.token })).json.data);
    await post('before');
    await on('joinChannel', grace, id);
    expect(await unread()).not.toContain('thread_id');
    await post('between');
    expect((await unread()).match(/thread_id/g)).toHaveLength(1);
    await on('leaveChannel', grace, id);
    await post('after');
    expect((await unread()).match(/thread_id/g)?.length ?? 0).toBeLessThanOrEqual(1);
  });

  it('is changed by its owner and by those who manage channels', async () => {
    const { id } = (await create(grace)).json.data;
    const change = (by: Person, body: object) =>
      rig.call('updateChannel', { params: { channel_id: id }, token: by.token, body });
    expect((await change(grace, { topic: 'now' })).json.data).toMatchObject({
      name: 'launch',
      topic: 'now',
    });
    expect((await change(ada, { archived: true })).json.data.archived).toBe(true);
    const params = { org_id: org };
    await rig.call('addMember', { params, token: ada.token, body: { user_id: eve.id } });
    expect((await change(eve, { name: 'mine' })).json.code).toBe('forbidden');
    expect((await on('joinChannel', eve, id)).json.code).toBe('forbidden');
  });
});

describe('a private channel', () => {
  it('is not there for who is not in it, whatever is tried', async () => {
    const { id } = (await create(grace, { name: 'secret', is_private: true })).json.data;
    for (const name of [
      'channel',
      'joinChannel',
      'leaveChannel',
      'channelMembers',
      'channelUserCount',
    ] as const) {
      expect((await on(name, ada, id)).status).toBe(404);
    }
    const all = await rig.call('organisationChannels', {
      params: { org_id: org },
      token: ada.token,
    });
    expect(all.text).not.toContain('secret');
  });

  it('is opened to others by someone inside', async () => {
    const { id } = (await create(grace, { is_private: true })).json.data;
    const add = (by: Person, userIds: string[]) =>
      rig.call('addChannelMembers', {
        params: { channel_id: id },
        token: by.token,
        body: { userIds },
      });
    expect((await add(ada, [ada.id])).status).toBe(404);
    expect((await add(grace, [eve.id])).json.code).toBe('validation_failed');
    expect((await add(grace, [ada.id])).status).toBe(200);
    expect((await on('channel', ada, id)).json.data.users).toEqual([grace.id, ada.id]);
  });
});
