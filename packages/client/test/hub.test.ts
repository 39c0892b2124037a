import { createHmac } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PUSH_PATH } from '@telex/contract';
import { type ChannelRules, createHub, type Hub, type HubOptions } from '@telex/hub';
import { attachHub, createJwtVerifier, nodeClock } from '@telex/hub/node';
import { type FakeTelexOptions, startDelayLine, startFakeTelex } from '@telex/testkit';
import { afterEach, describe, expect, test } from 'vitest';
import { LOGIN, type Watched, watch } from './harness.ts';

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

const SECRET = 'a secret of this test alone, longer than 32 bytes';

function sign(claims: Readonly<Record<string, unknown>>): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const head = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}`;
  return `${head}.${createHmac('sha256', SECRET).update(head).digest('base64url')}`;
}

/** Channels that recover what was missed, from a history of this size. */
function channels(historySize: number): ChannelRules {
  return { withoutNamespace: { historySize, historyTtlMs: 3_600_000, forceRecovery: true } };
}

/** A hub on a port of its own, which can be replaced by an empty one as a restart does. */
async function startHub(options: Partial<HubOptions> = {}) {
  const server: Server = createServer();
  const make = () =>
    createHub({
      clock: nodeClock,
      random: Math.random,
      verifier: createJwtVerifier({ connection: { hmacSecret: SECRET } }),
      channels: channels(300),
      ...options,
    });
  let hub: Hub = make();
  let attached = attachHub({ hub, server, path: PUSH_PATH });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  open.push(() => {
    hub.close();
    server.closeAllConnections();
    server.close();
  });
  return {
    port: (server.address() as AddressInfo).port,
    get hub() {
      return hub;
    },
    restart: () => {
      attached.close();
      hub.close();
      hub = make();
      attached = attachHub({ hub, server, path: PUSH_PATH });
    },
  };
}

async function start(hubOptions: Partial<HubOptions> = {}, apiOptions: FakeTelexOptions = {}) {
  const push = await startHub(hubOptions);
  const line = await startDelayLine({ port: push.port });
  const api = await startFakeTelex({
    sign,
    pushUrl: `ws://127.0.0.1:${line.port}${PUSH_PATH}`,
    ...apiOptions,
  });
  // Quick retries: the least jitter there is.
  const client = watch(api.url, { random: () => 0 });
  open.push(
    () => line.close(),
    () => api.close(),
    () => client.session.close(),
  );
  return { push, line, api, client };
}

const CHANNEL = 'org-1/user-1';
const bodyOf = (seq: number) =>
  JSON.stringify({
    notification_type: 'unread_thread_change',
    notification_id: `n-${seq}`,
    data: { seq, thread_id: 't', name: 'General', description: '' },
  });
const seqsOf = (client: Watched) => client.of('push').map(({ push }) => push.event.push.data.seq);
const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);
const caughtUp = (client: Watched, times: number) =>
  client.until(() => client.of('caught-up').length === times);
const orgs = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ id: `org-${index}`, name: `Number ${index}` }));

describe('a session on the real hub, over real sockets', () => {
  test('[L1] 100 organisations are live on one connection, and pushes arrive in order', async () => {
    const { push, line, client } = await start({}, { organisations: orgs(100) });
    expect(await client.session.signIn(LOGIN)).toMatchObject({ ok: true });
    expect(client.session.state.kind).toBe('live');
    expect(line.connections).toBe(1);
    await caughtUp(client, 1);
    for (const seq of upTo(200)) push.hub.publish(CHANNEL, bodyOf(seq));
    await client.until(() => client.of('push').length === 200);
    expect(seqsOf(client)).toEqual(upTo(200));
  });

  test('[L6] [I12] what was published during a cut arrives once, in order, without a catch-up', async () => {
    const { push, line, api, client } = await start();
    await client.session.signIn(LOGIN);
    await caughtUp(client, 1);
    for (const seq of upTo(5)) push.hub.publish(CHANNEL, bodyOf(seq));
    await client.until(() => client.of('push').length === 5);
    line.refuse();
    await client.untilState('offline');
    for (const seq of upTo(50).slice(5)) push.hub.publish(CHANNEL, bodyOf(seq));
    line.accept();
    client.session.reconnectNow();
    await client.untilState('live');
    await client.until(() => client.of('push').length === 50);
    expect(seqsOf(client)).toEqual(upTo(50));
    expect(client.of('push').at(-1)?.push.via).toBe('catch-up');
    await caughtUp(client, 2);
    expect(client.of('caught-up')[1]).toMatchObject({ pushes: 45 });
    expect(api.requests.filter(({ route }) => route === 'POST /events/catch-up')).toHaveLength(1);
  });

  test('[L6] a gap that the hub cannot replay is fetched', async () => {
    const { push, line, api, client } = await start({ channels: channels(5) });
    await client.session.signIn(LOGIN);
    await caughtUp(client, 1);
    push.hub.publish(CHANNEL, bodyOf(1));
    await client.until(() => client.of('push').length === 1);
    api.answer('POST /events/catch-up', ({ body }) => {
      const [cursor] = (body as { cursors: { seq: number }[] }).cursors;
      const events = upTo(20).filter((seq) => seq > (cursor?.seq ?? 0));
      const page = { events: events.map((seq) => JSON.parse(bodyOf(seq))), upto: 20 };
      const organisations = [{ organisation_id: 'org-1', ...page, has_more: false, reset: false }];
      return { body: { data: { organisations } } };
    });
    line.refuse();
    await client.untilState('offline');
    for (const seq of upTo(20).slice(1)) push.hub.publish(CHANNEL, bodyOf(seq));
    line.accept();
    await caughtUp(client, 2);
    push.hub.publish(CHANNEL, bodyOf(21));
    await client.until(() => client.of('push').length === 21);
    expect(seqsOf(client)).toEqual(upTo(21));
  });

  test('[L6] a restarted hub has a new epoch: the session comes back and catches up', async () => {
    const { push, client } = await start();
    await client.session.signIn(LOGIN);
    await caughtUp(client, 1);
    push.hub.publish(CHANNEL, bodyOf(1));
    await client.until(() => client.of('push').length === 1);
    push.restart();
    await client.untilState('offline');
    await caughtUp(client, 2);
    push.hub.publish(CHANNEL, bodyOf(2));
    await client.until(() => client.of('push').length === 2);
    expect(seqsOf(client)).toEqual([1, 2]);
  });

  test('tokens of two seconds are refreshed on the living connection', async () => {
    const { push, line, api, client } = await start({}, { lifeS: 2 });
    await client.session.signIn(LOGIN);
    await caughtUp(client, 1);
    await api.until(
      () => api.requests.filter(({ route }) => route === 'POST /auth/refresh').length === 3,
    );
    push.hub.publish(CHANNEL, bodyOf(1));
    await client.until(() => client.of('push').length === 1);
    expect(line.connections).toBe(1);
    expect(client.states).toEqual(['signing-in', 'connecting', 'live']);
  });

  test('[L4] [L11] a wrong token for one organisation costs only that one', async () => {
    const { api, client } = await start({}, { organisations: orgs(3) });
    api.answer('GET /centrifugo/subscriptions', () => {
      const exp = Math.floor(Date.now() / 1000) + 900;
      const claims = { sub: 'user-1', exp };
      const tokens = [
        sign({ ...claims, channel: 'org-0/user-1' }),
        sign({ ...claims, channel: 'org-0/user-1' }),
        `${sign({ ...claims, channel: 'org-2/user-1' }).slice(0, -4)}AAAA`,
      ];
      const subscriptions = orgs(3).map(({ id, name }, index) => ({
        organisation_id: id,
        organisation_name: name,
        channel: `${id}/user-1`,
        token: tokens[index],
        expires_in: 900,
      }));
      return { body: { data: { subscriptions } } };
    });
    await client.session.signIn(LOGIN);
    const { state } = client.session;
    if (state.kind !== 'live') throw new Error(state.kind);
    expect(state.organisations).toMatchObject([
      { kind: 'live' },
      { kind: 'failed', fault: { code: 'organisation_token' } },
      { kind: 'failed', fault: { code: 'organisation_forbidden' } },
    ]);
  });

  test('[T6] an organisation that was left is dropped, the others stay', async () => {
    const { push, api, client } = await start({}, { organisations: orgs(2) });
    await client.session.signIn(LOGIN);
    api.setOrganisations(orgs(1));
    push.hub.unsubscribe({ user: 'user-1' }, CHANNEL);
    await client.until(() => {
      const { state } = client.session;
      return state.kind === 'live' && state.organisations.length === 1;
    });
  });

  test('[M4] force disconnect ends the session with the reason', async () => {
    const { push, client } = await start();
    await client.session.signIn(LOGIN);
    push.hub.disconnect({ user: 'user-1' });
    const state = await client.untilState('signed-out');
    expect(state).toMatchObject({ reason: 'refused', fault: { code: 'push_forbidden' } });
  });

  test('[L7] a half-open link is noticed within the ping and ten seconds', async () => {
    const { line, client } = await start({ limits: { pingMs: 1_000 } });
    await client.session.signIn(LOGIN);
    line.freeze();
    const startedAt = performance.now();
    await client.untilState('offline');
    expect(client.session.state).toMatchObject({ reason: { code: 'link_silent' } });
    expect(performance.now() - startedAt).toBeLessThan(12_500);
    await client.untilState('live');
  });

  test('[L7] a hint finds a half-open link without waiting for the ping', async () => {
    const { line, client } = await start();
    await client.session.signIn(LOGIN);
    line.freeze();
    client.session.reconnectNow();
    await client.untilState('offline');
  }, 15_000);
});
