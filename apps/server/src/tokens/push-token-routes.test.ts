import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Person, type ServerRig, serverRig } from '../testing/server-rig.ts';

let rig: ServerRig;
let ada: Person;
let grace: Person;
let org = '';
beforeEach(async () => {
  rig = await serverRig();
  ada = await rig.person('ada');
  grace = await rig.person('grace');
  org = (await rig.organisation(ada)).id;
});
afterEach(() => rig.close());

function claimsOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
}

describe('the connection token', () => {
  it.each(['connectionToken', 'connectionTokenTwin'] as const)(
    'is given by %s to either token, with my channels as a claim',
    async (route) => {
      for (const by of [{ notificationToken: ada.notificationToken }, { token: ada.token }]) {
        const reply = await rig.call(route, by);
        expect([reply.status, reply.json.data.expires_in]).toEqual([200, 900]);
        const claims = claimsOf(reply.json.data.token);
        expect(claims).toMatchObject({
          sub: ada.id,
          sid: ada.sessionId,
          use: 'connection',
          channels: [`${org}/${ada.id}`],
        });
        expect(Object.keys(claims).sort()).toEqual(['channels', 'exp', 'iat', 'sid', 'sub', 'use']);
      }
    },
  );

  it('is no notification token: nothing renews itself for ever', async () => {
    const { json } = await rig.call('connectionToken', { token: ada.token });
    const again = await rig.call('connectionToken', { notificationToken: json.data.token });
    expect([again.status, again.json.code]).toEqual([401, 'token_invalid']);
  });

  it('ends with the session at the latest', async () => {
    const short = await serverRig(['--session-seconds', '600']);
    try {
      const { token } = await short.person('ada');
      short.passMs(400_000);
      const { json } = await short.call('connectionToken', { token });
      expect(json.data.expires_in).toBeGreaterThan(190);
      expect(json.data.expires_in).toBeLessThanOrEqual(200);
    } finally {
      await short.close();
    }
  });
});

describe('a subscription token', () => {
  const forChannel = (channel: string, key = 'channel', by: object = { token: ada.token }) =>
    rig.call('subscriptionToken', { ...by, body: { [key]: channel } });

  it('is given by both routes, under both keys, to either token', async () => {
    const channel = `${org}/${ada.id}`;
    for (const route of ['subscriptionToken', 'subscriptionTokenTwin'] as const) {
      for (const key of ['channel', 'channel_id']) {
        for (const by of [{ notificationToken: ada.notificationToken }, { token: ada.token }]) {
          const { status, json } = await rig.call(route, { ...by, body: { [key]: channel } });
          expect(status).toBe(200);
          const claims = { sub: ada.id, use: 'subscription', channel };
          expect(claimsOf(json.data.token)).toMatchObject(claims);
        }
      }
    }
  });

  it.each([
    ["somebody else's channel", () => `${org}/${grace.id}`],
    ['an organisation I am not in', () => `0198f3a0-0000-7aaa-8aaa-000000000000/${ada.id}`],
    ['what is no push channel', () => 'news'],
    ['a namespace', () => `personal:${org}/${ada.id}`],
    ['more after it', () => `${org}/${ada.id}/x`],
    ['nothing', () => ''],
  ])('is refused for %s', async (_what, channel) => {
    const reply = await forChannel(channel());
    expect([reply.status, reply.json.code]).toEqual([403, 'channel_forbidden']);
  });

  it('is refused to a former and to a deactivated member', async () => {
    const params = { org_id: org, user_id: grace.id };
    const add = () =>
      rig.call('addMember', { params, token: ada.token, body: { user_id: grace.id } });
    const mine = () => forChannel(`${org}/${grace.id}`, 'channel', { token: grace.token });
    await add();
    expect((await mine()).status).toBe(200);
    const body = { status: 'deactivated' };
    await rig.call('updateMember', { params, token: ada.token, body });
    expect((await mine()).status).toBe(403);
    await rig.call('removeMember', { params, token: ada.token });
    expect((await mine()).status).toBe(403);
    await add();
    expect((await mine()).status).toBe(200);
  });

  it('needs a channel', async () => {
    const reply = await rig.call('subscriptionToken', { token: ada.token, body: {} });
    expect([reply.status, reply.json.errors]).toEqual([422, ['channel is required']]);
  });

  it('comes for all organisations at once', async () => {
    const second = await rig.organisation(ada);
    const { json } = await rig.call('subscriptions', { notificationToken: ada.notificationToken });
    const { subscriptions } = json.data;
    expect(subscriptions.map((one: { channel: string }) => one.channel)).toEqual([
      `${org}/${ada.id}`,
      `${second.id}/${ada.id}`,
    ]);
    expect(claimsOf(subscriptions[1].token)).toMatchObject({ channel: `${second.id}/${ada.id}` });
    expect(subscriptions[0]).toMatchObject({ organisation_name: 'Northwind', expires_in: 900 });
  });
});

it('the notification token opens push routes and nothing else', async () => {
  const as = { notificationToken: ada.notificationToken };
  expect((await rig.call('profile', as)).json.code).toBe('token_missing');
  expect((await rig.call('profile', { token: ada.notificationToken })).json.code).toBe(
    'token_invalid',
  );
  expect((await rig.call('subscriptions', { token: ada.notificationToken })).json.code).toBe(
    'token_invalid',
  );
});
