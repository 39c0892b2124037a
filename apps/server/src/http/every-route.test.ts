import { BASE_PATH, fillPath, pathParameters, type Route, routes } from '@telex/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Person, type ServerRig, serverRig } from '../testing/server-rig.ts';
import { routeNames } from './registrar.ts';

let rig: ServerRig;
let owner: Person;
let stranger: Person;
const ids: Record<string, string> = {};

beforeAll(async () => {
  rig = await serverRig();
  owner = await rig.person('owner');
  stranger = await rig.person('stranger');
  const { id, general } = await rig.organisation(owner);
  const params = { channel_id: general };
  const post = { params, token: owner.token, body: { content: 'private matters' } };
  const { thread_id } = (await rig.call('postMessage', post)).json.data;
  const body = { webhook_name: 'builds' };
  const webhook = await rig.call('createWebhook', { params, token: owner.token, body });
  Object.assign(ids, {
    org_id: id,
    channel_id: general,
    thread_id,
    webhook_id: webhook.json.data.id,
    user_id: owner.id,
    webhook_slug: 'not-the-slug-of-any-webhook',
  });
});
afterAll(() => rig.close());

/** A body each route takes, so that what refuses is the right and not the shape. */
const bodies: Readonly<Record<string, () => object>> = {
  createChannel: () => ({ name: 'x', organisation_id: ids.org_id }),
  createOrganisation: () => ({ name: 'x' }),
  addMember: () => ({ email: 'stranger@example.com' }),
  addChannelMembers: () => ({ userIds: [stranger.id] }),
  postMessage: () => ({ content: 'x' }),
  postThread: () => ({ content: 'x' }),
  setThreadStatus: () => ({ status: 'read' }),
  createWebhook: () => ({ webhook_name: 'x' }),
  webhookStatus: () => ({ webhook_status: 'paused' }),
  subscriptionToken: () => ({ channel: `${ids.org_id}/${stranger.id}` }),
  subscriptionTokenTwin: () => ({ channel: `${ids.org_id}/${owner.id}` }),
  testNotification: () => ({ organisation_id: ids.org_id }),
  catchUp: () => ({ cursors: {} }),
};

async function request(name: (typeof names)[number], token: string | undefined) {
  const route: Route = routes[name];
  const body = route.body === undefined ? undefined : (bodies[name]?.() ?? {});
  const reply = await rig.server.app.inject({
    method: route.method,
    url: BASE_PATH + fillPath(route.path, ids),
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    ...(name === 'channelUserExists' ? { query: { userId: owner.id } } : {}),
    ...(body === undefined ? {} : { payload: body }),
  });
  return { status: reply.statusCode, text: reply.body };
}

const names = routeNames();
const guarded = names.filter((name) => routes[name].auth !== 'none');
const ofSomeone = guarded.filter((name) => pathParameters(routes[name].path).length > 0);

describe('every route', () => {
  it.each(names)('%s is offered', async (name) => {
    const { text } = await request(name, undefined);
    expect(text).not.toContain('"unavailable"');
  });

  it.each(guarded)('%s answers 401 without a token', async (name) => {
    const { status, text } = await request(name, undefined);
    expect(status).toBe(401);
    expect(JSON.parse(text).code).toBe('token_missing');
  });

  it.each(guarded)('%s answers 401 to a token that is none', async (name) => {
    expect((await request(name, 'x.y.z')).status).toBe(401);
  });

  it.each(ofSomeone)('%s answers 403 or 404 to a stranger and shows nothing', async (name) => {
    const { status, text } = await request(name, stranger.token);
    expect([403, 404]).toContain(status);
    for (const secret of ['private matters', 'owner@example.com', 'Northwind', 'builds']) {
      expect(text).not.toContain(secret);
    }
  });

  it.each([
    'createChannel',
    'subscriptionToken',
    'subscriptionTokenTwin',
    'testNotification',
  ] as const)('%s answers 403 or 404 to a stranger who names an organisation', async (name) => {
    expect([403, 404]).toContain((await request(name, stranger.token)).status);
  });
});
