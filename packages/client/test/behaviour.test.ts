import { createFakeClock, type FakeConnection, fakeToken, startFakeTelex } from '@telex/testkit';
import { afterEach, describe, expect, test } from 'vitest';
import { createMemoryMarks } from '../node/index.ts';
import type { Ports } from '../src/index.ts';
import { LOGIN, watch } from './harness.ts';

const open: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

type Options = Parameters<typeof startFakeTelex>[0];

/** A signed-in session whose timers the test moves; sockets are real. */
async function start(options: Options = {}, ports: Partial<Ports> = {}) {
  const fake = await startFakeTelex(options);
  const clock = createFakeClock();
  const client = watch(fake.url, { clock, random: () => 0.5, ...ports });
  open.push(fake, client.session);
  return { fake, clock, client };
}

/** Offline and waiting, not dialling any more: moves the time to the next try. */
async function nextTry({ client, clock }: Awaited<ReturnType<typeof start>>): Promise<void> {
  let waitMs = 0;
  await client.until(() => {
    const { state } = client.session;
    waitMs = state.kind === 'offline' ? state.retryAt - clock.now() : 0;
    return waitMs > 0;
  });
  await clock.advance(waitMs);
}

const connects = (connection: FakeConnection | undefined) =>
  connection?.commands.filter((command) => 'connect' in command) ?? [];
const tokenOf = (command: object | undefined): unknown =>
  command !== undefined && 'connect' in command
    ? (command.connect as { token?: unknown }).token
    : undefined;
const many = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ id: `org-${index}`, name: `Number ${index}` }));

describe('a connection that ends', () => {
  test('[M3] closed by the server: offline with the time of the next try, then live again', async () => {
    const { fake, clock, client } = await start();
    await client.session.signIn(LOGIN);
    fake.connections[0]?.close(3001, 'shutdown');
    const state = await client.untilState('offline');
    expect(state).toMatchObject({ reason: { code: 'link_lost' }, retryAt: 1_250 });
    await clock.advance(1_250);
    await client.untilState('live');
    expect(fake.connections).toHaveLength(2);
    expect(client.states).toEqual(['signing-in', 'connecting', 'live', 'offline', 'live']);
  });

  test('[L10] a server that closes after every connect is dialled at most five times in ten seconds', async () => {
    const all = await start({}, { random: () => 0 });
    const { fake, clock, client } = all;
    const dialledAt: number[] = [];
    fake.setOnCommand((command, connection) => {
      if ('connect' in command) {
        dialledAt.push(clock.now());
        setImmediate(() => connection.close(3004, 'internal'));
      }
      return undefined;
    });
    await client.session.signIn(LOGIN);
    for (let dials = 2; dials < 10; dials += 1) {
      await nextTry(all);
      await fake.until(() => dialledAt.length === dials);
    }
    const inTenSeconds = dialledAt.map(
      (start) => dialledAt.filter((at) => at >= start && at < start + 10_000).length,
    );
    expect(Math.max(...inTenSeconds)).toBeLessThanOrEqual(5);
  });

  test.each([3501, 3503, 3507, 4500, 4999])(
    '[M4] [L9] terminal close %i: signed out with a reason, no reconnect',
    async (code) => {
      const { fake, clock, client } = await start();
      await client.session.signIn(LOGIN);
      fake.connections[0]?.close(code, 'terminal');
      const state = await client.untilState('signed-out');
      expect(state).toMatchObject({ reason: 'refused' });
      await clock.advance(600_000);
      expect(fake.connections).toHaveLength(1);
      expect(fake.requests.map(({ route }) => route)).toContain('POST /auth/logout');
    },
  );

  test('[L9] 3502 and its like wait 35 s or more', async () => {
    const { fake, client } = await start();
    await client.session.signIn(LOGIN);
    fake.connections[0]?.close(3502, 'stale');
    expect(await client.untilState('offline')).toMatchObject({ retryAt: 47_500 });
  });

  test('[M4] 3500: all tokens anew and once more, then the end', async () => {
    const { fake, clock, client } = await start();
    await client.session.signIn(LOGIN);
    const before = tokenOf(connects(fake.connections[0])[0]);
    fake.connections[0]?.close(3500, 'invalid token');
    await client.untilState('offline');
    await clock.advance(2_000);
    await client.untilState('live');
    expect(tokenOf(connects(fake.connections[1])[0])).not.toBe(before);
    fake.connections[1]?.close(3500, 'invalid token');
    expect(await client.untilState('signed-out')).toMatchObject({ reason: 'refused' });
  });

  test('[L7] a link that does not answer a probe is lost', async () => {
    const { fake, client } = await start();
    await client.session.signIn(LOGIN);
    fake.setOnCommand((command, connection) => {
      if ('rpc' in command) connection.terminate();
      return 'rpc' in command ? null : undefined;
    });
    client.session.reconnectNow();
    await client.untilState('offline');
  });

  test('[M6] a hint dials at once', async () => {
    const { fake, clock, client } = await start();
    await client.session.signIn(LOGIN);
    fake.connections[0]?.close(3001, 'shutdown');
    await client.untilState('offline');
    await clock.advance(1_100);
    client.session.reconnectNow();
    await client.untilState('live');
    expect(fake.connections).toHaveLength(2);
  });

  test('the server being down is offline with a reason, and the session comes back by itself', async () => {
    const all = await start();
    const { fake, client } = all;
    await client.session.signIn(LOGIN);
    let refused = 0;
    fake.setOnCommand((command, connection) => {
      if ('connect' in command) refused += 1;
      connection.terminate();
      return null;
    });
    fake.connections[0]?.terminate();
    for (let dials = 1; dials < 5; dials += 1) {
      await nextTry(all);
      await fake.until(() => refused === dials);
    }
    fake.setOnCommand(undefined);
    await nextTry(all);
    await client.untilState('live');
  });
});

describe('tokens', () => {
  test('[T1] renewed before they expire, and the organisations listed again', async () => {
    const { fake, clock, client } = await start({ lifeS: 900 });
    await client.session.signIn(LOGIN);
    fake.setOrganisations([{ id: 'org-2', name: 'Second' }]);
    await clock.advance(900_000 * 0.7 - 1);
    expect(fake.requests.map(({ route }) => route)).not.toContain('POST /auth/refresh');
    await clock.advance(2);
    await client.until(() => {
      const { state } = client.session;
      return state.kind === 'live' && state.organisations[0]?.organisation.id === 'org-2';
    });
    await fake.until(() => fake.connections[0]?.channels.has('org-2/user-1') === true);
    expect([...(fake.connections[0]?.channels ?? [])]).toEqual(['org-2/user-1']);
  });

  test('[T6] organisations are listed again after a reconnect', async () => {
    const { fake, clock, client } = await start();
    await client.session.signIn(LOGIN);
    fake.setOrganisations(many(3));
    fake.connections[0]?.close(3001, 'shutdown');
    await client.untilState('offline');
    await clock.advance(1_250);
    await client.untilState('live');
    await clock.advance(10_000);
    await fake.until(() => fake.connections[1]?.channels.size === 3);
  });

  test('[T3] a refresh whose reply got lost is repeated with the same token', async () => {
    const { fake, clock, client } = await start();
    await client.session.signIn(LOGIN);
    let lost = 0;
    fake.answer('POST /auth/refresh', ({ body }) => {
      lost += 1;
      if (lost <= 2) return { drop: true };
      return { body: { data: { access_token: 'a2', refresh_token: 'r2', body } } };
    });
    await clock.advance(640_000);
    while (lost < 3) await clock.advance(500);
    const refreshes = fake.requests.filter(({ route }) => route === 'POST /auth/refresh');
    expect(refreshes[0]?.body).toMatchObject({ refresh_token: expect.any(String) });
    for (const { body } of refreshes) expect(body).toEqual(refreshes[0]?.body);
  });

  test('[T5] a refused refresh leads to the login with the reason', async () => {
    const { fake, clock, client } = await start();
    await client.session.signIn(LOGIN);
    fake.answer('POST /auth/refresh', { status: 401, body: { code: 'refresh_invalid' } });
    await clock.advance(640_000);
    const state = await client.untilState('signed-out');
    expect(state).toMatchObject({ reason: 'expired', fault: { code: 'expired' } });
  });

  test('[T5] [M7] a session that was ended elsewhere says so', async () => {
    const { fake, clock, client } = await start();
    await client.session.signIn(LOGIN);
    fake.answer('POST /auth/refresh', { status: 401, body: { code: 'session_ended' } });
    await clock.advance(640_000);
    expect(await client.untilState('signed-out')).toMatchObject({ reason: 'ended' });
  });

  test('[M4] [T5] a force disconnect because the session is over says that it is over', async () => {
    const { fake, client } = await start();
    await client.session.signIn(LOGIN);
    fake.answer('POST /auth/refresh', { status: 401, body: { code: 'session_ended' } });
    fake.connections[0]?.close(3503, 'force disconnect');
    const state = await client.untilState('signed-out');
    expect(state).toMatchObject({ reason: 'ended', fault: { code: 'ended_elsewhere' } });
  });

  test('[T4] after a sleep of hours tokens are renewed before the next dial', async () => {
    const { fake, clock, client } = await start();
    await client.session.signIn(LOGIN);
    clock.sleep(8 * 3_600_000);
    fake.connections[0]?.terminate();
    await client.untilState('offline');
    await clock.advance(1_250);
    await client.untilState('live');
    const routes = fake.requests.map(({ route }) => route);
    expect(routes.slice(-2)).toEqual(['POST /auth/refresh', 'GET /centrifugo/subscriptions']);
  });

  test('[T2] many needs at once are one refresh', async () => {
    const { fake, clock, client } = await start();
    await client.session.signIn(LOGIN);
    clock.sleep(3_600_000);
    client.session.reconnectNow();
    fake.answer('GET /profile', { status: 401, body: { code: 'token_expired' } });
    await Promise.all([client.session.call('profile'), client.session.call('profile')]);
    expect(fake.requests.filter(({ route }) => route === 'POST /auth/refresh')).toHaveLength(1);
  });

  test('error 109 on connect: one refresh, then connected again', async () => {
    const { fake, clock, client } = await start();
    let refusals = 0;
    fake.setOnCommand((command) => {
      if (!('connect' in command) || refusals > 0) return undefined;
      refusals += 1;
      return { error: { code: 109, message: 'token expired' } };
    });
    await client.session.signIn(LOGIN);
    await client.untilState('offline');
    await clock.advance(1_250);
    await client.untilState('live');
    expect(fake.requests.filter(({ route }) => route === 'POST /auth/refresh')).toHaveLength(1);
    expect(tokenOf(connects(fake.connections[1])[0])).not.toBe(
      tokenOf(connects(fake.connections[0])[0]),
    );
  });

  test('error 109 for one channel: that channel gets a new token, the others stay live', async () => {
    const { fake, client } = await start({ organisations: many(3) });
    const seen: unknown[] = [];
    fake.setOnCommand((command) => {
      if (!('subscribe' in command)) return undefined;
      const { channel, token } = command.subscribe as { channel: string; token: string };
      if (channel !== 'org-1/user-1') return undefined;
      seen.push(token);
      return seen.length === 1 ? { error: { code: 109, message: 'token expired' } } : undefined;
    });
    await client.session.signIn(LOGIN);
    await client.until(() => {
      const { state } = client.session;
      return state.kind === 'live' && state.organisations.every(({ kind }) => kind === 'live');
    });
    expect(new Set(seen).size).toBe(2);
  });
});

describe('organisations', () => {
  test('[L4] a token for another organisation is not sent; the others are live', async () => {
    const { fake, client } = await start();
    const entry = (id: string, channel: string) => ({
      organisation_id: id,
      organisation_name: id,
      channel: `${id}/user-1`,
      token: fakeToken({ sub: 'user-1', channel }),
      expires_in: 900,
    });
    fake.answer('GET /centrifugo/subscriptions', {
      body: {
        data: { subscriptions: [entry('good', 'good/user-1'), entry('bad', 'good/user-1')] },
      },
    });
    await client.session.signIn(LOGIN);
    const { state } = client.session;
    if (state.kind !== 'live') throw new Error(state.kind);
    expect(state.organisations).toMatchObject([
      { kind: 'live' },
      { kind: 'failed', fault: { code: 'organisation_token' } },
    ]);
    expect([...(fake.connections[0]?.channels ?? [])]).toEqual(['good/user-1']);
  });

  test('[L11] error 103 for one: it shows its fault, the others are live', async () => {
    const { fake, client } = await start({ organisations: many(3) });
    fake.setOnCommand((command) => {
      if (!('subscribe' in command)) return undefined;
      const { channel } = command.subscribe as { channel: string };
      return channel.startsWith('org-1')
        ? { error: { code: 103, message: 'permission denied' } }
        : undefined;
    });
    await client.session.signIn(LOGIN);
    const { state } = client.session;
    if (state.kind !== 'live') throw new Error(state.kind);
    expect(state.organisations.map(({ kind }) => kind)).toEqual(['live', 'failed', 'live']);
  });

  test('nobody invited: signed in and live, and told so', async () => {
    const { client } = await start({ organisations: [] });
    expect(await client.session.signIn(LOGIN)).toMatchObject({ ok: true });
    expect(client.session.state).toMatchObject({ kind: 'live', organisations: [] });
    expect(client.of('fault').map(({ fault }) => fault.code)).toContain('no_organisation');
  });

  test('[L3] [L2] [M1] 300 organisations take three connections, every frame below the limit', async () => {
    const { fake, client } = await start({ organisations: many(300) });
    await client.session.signIn(LOGIN);
    expect(client.session.state.kind).toBe('live');
    expect(fake.connections.map(({ channels }) => channels.size).sort()).toEqual([128, 128, 44]);
    for (const { frameSizes } of fake.connections) {
      expect(Math.max(...frameSizes)).toBeLessThanOrEqual(60_000);
    }
  });

  test('an organisation without a token is asked about again by itself', async () => {
    const { fake, clock, client } = await start({ shape: 'public', organisations: many(2) });
    fake.answer('POST /centrifugo/subscription', ({ body }) => {
      const { channel } = body as { channel: string };
      return channel.startsWith('org-0')
        ? { status: 403, body: {} }
        : { body: { data: { token: 'opaque' } } };
    });
    await client.session.signIn(LOGIN);
    fake.answer('POST /centrifugo/subscription', undefined);
    await clock.advance(40_000);
    await client.until(() => {
      const { state } = client.session;
      return state.kind === 'live' && state.organisations.every(({ kind }) => kind === 'live');
    });
  });

  test('[L10] a channel that is unsubscribed again and again is not resubscribed in a hurry', async () => {
    const { fake, clock, client } = await start();
    let subscribes = 0;
    fake.setOnCommand((command, connection) => {
      if (!('subscribe' in command)) return undefined;
      subscribes += 1;
      const unsubscribe = { code: 2000, reason: 'again' };
      const push = JSON.stringify({ push: { channel: 'org-1/user-1', unsubscribe } });
      setImmediate(() => connection.send(push));
      return undefined;
    });
    await client.session.signIn(LOGIN);
    for (let second = 0; second < 240; second += 1) await clock.advance(250);
    expect(subscribes).toBeGreaterThan(1);
    expect(subscribes).toBeLessThanOrEqual(8);
    expect(client.session.state.kind).toBe('live');
  });

  test('[L3] one of several connections breaks: its organisations wait, the others stay live', async () => {
    const all = await start({ organisations: many(130) });
    const { fake, client } = all;
    await client.session.signIn(LOGIN);
    const small = fake.connections.find(({ channels }) => channels.size === 2);
    const [lost] = small?.channels ?? [];
    small?.terminate();
    const state = await client.untilState('offline');
    if (state.kind !== 'offline') throw new Error(state.kind);
    const count = (kind: string) => state.organisations.filter((one) => one.kind === kind).length;
    expect([count('live'), count('connecting')]).toEqual([128, 2]);
    await nextTry(all);
    await client.untilState('live');
    expect(fake.connections).toHaveLength(3);
    expect(fake.connections[2]?.channels.has(String(lost))).toBe(true);
  });

  test('[M8] a second login ends the first session and shows nothing of it', async () => {
    const { fake, client } = await start();
    await client.session.signIn(LOGIN);
    fake.setOrganisations([{ id: 'other', name: 'Other' }]);
    await client.session.signIn(LOGIN);
    const { state } = client.session;
    if (state.kind !== 'live') throw new Error(state.kind);
    expect(state.organisations.map(({ organisation }) => organisation.id)).toEqual(['other']);
    await fake.until(() => fake.requests.some(({ route }) => route === 'POST /auth/logout'));
  });
});

describe('a server of the public shape', () => {
  test('is signed in to with the documented routes, tokens in parallel', async () => {
    const { fake, client } = await start({ shape: 'public', organisations: many(20) });
    expect(await client.session.signIn(LOGIN)).toMatchObject({ ok: true });
    expect(client.session.state.kind).toBe('live');
    const routes = fake.requests.map(({ route }) => route);
    expect(routes.filter((route) => route === 'POST /centrifugo/subscription')).toHaveLength(20);
    const connection = fake.requests.find(({ route }) => route === 'GET /centrifugo/connection');
    expect(connection?.headers['x-notification-token']).toBeDefined();
    expect(connection?.headers.authorization).toBeUndefined();
  });

  test('takes the twin routes with a bearer where the first pair is missing', async () => {
    const { fake, client } = await start({ shape: 'public', organisations: many(2) });
    for (const route of ['GET /centrifugo/connection', 'POST /centrifugo/subscription']) {
      fake.answer(route, { status: 404, body: { status: 'error' } });
    }
    await client.session.signIn(LOGIN);
    expect(client.session.state.kind).toBe('live');
    const twin = fake.requests.filter(({ route }) => route === 'POST /token/subscription');
    expect(twin.map(({ body }) => body)).toEqual([
      { channel_id: 'org-0/user-1' },
      { channel_id: 'org-1/user-1' },
    ]);
    expect(twin[0]?.headers.authorization).toMatch(/^Bearer /);
  });

  test('[L5] server-side subscriptions and "already subscribed" are live, and their pushes arrive', async () => {
    const { fake, client } = await start({ shape: 'public', organisations: many(2) });
    const subs = { 'org-0/user-1': {}, 'org-1/user-1': {} };
    fake.setOnCommand((command) => {
      if ('connect' in command) return { connect: { client: 'c', ping: 25, pong: true, subs } };
      if ('subscribe' in command) return { error: { code: 105, message: 'already subscribed' } };
      return undefined;
    });
    await client.session.signIn(LOGIN);
    const { state } = client.session;
    if (state.kind !== 'live') throw new Error(state.kind);
    expect(state.organisations.map(({ kind }) => kind)).toEqual(['live', 'live']);
    const pub = { data: { notification_type: 'mention_alert', data: { name: 'General' } } };
    fake.connections[0]?.send(JSON.stringify({ push: { channel: 'org-1/user-1', pub } }));
    await client.until((events) => events.some(({ kind }) => kind === 'push'));
    expect(client.of('push')[0]?.push).toMatchObject({
      event: { kind: 'other' },
      organisation: { id: 'org-1' },
      via: 'live',
      userId: 'user-1',
    });
  });

  test('[I6] without catch-up a break is a gap that is told', async () => {
    const { fake, clock, client } = await start({ shape: 'public' });
    await client.session.signIn(LOGIN);
    await client.until(() => client.of('caught-up').length === 1);
    expect(client.of('caught-up')[0]?.organisations[0]).toMatchObject({ gap: false });
    fake.connections[0]?.terminate();
    await client.untilState('offline');
    await clock.advance(5_000);
    await client.untilState('live');
    await clock.advance(2_000);
    await client.until(() => client.of('caught-up').length === 2);
    expect(client.of('caught-up')[1]).toMatchObject({ organisations: [{ gap: true }] });
    expect(client.of('caught-up')[1]?.away).toBeDefined();
  });

  test('without a refresh an expired token leads to the login', async () => {
    const { fake, clock, client } = await start({ shape: 'public' });
    await client.session.signIn(LOGIN);
    for (const route of [
      'GET /users/organisations',
      'GET /centrifugo/connection',
      'GET /token/connection',
    ]) {
      fake.answer(route, { status: 401, body: { status: 'error', error: 'token expired' } });
    }
    fake.setOnCommand((command) =>
      'connect' in command ? { error: { code: 109, message: 'token expired' } } : undefined,
    );
    fake.connections[0]?.terminate();
    for (let round = 0; round < 2; round += 1) {
      await client.untilState('offline');
      await clock.advance(5_000);
    }
    expect(await client.untilState('signed-out')).toMatchObject({ reason: 'expired' });
  });
});

describe('catching up', () => {
  const push = (seq: number) => ({
    notification_type: 'unread_thread_change',
    notification_id: `n-${seq}`,
    data: { seq, thread_id: `t-${seq}`, name: 'General', description: '' },
  });
  const pageOf = (events: readonly object[], upto: number, over: object = {}) => ({
    body: {
      data: {
        organisations: [
          { organisation_id: 'org-1', events, upto, has_more: false, reset: false, ...over },
        ],
      },
    },
  });

  test('[I3] starts from the saved mark, pages through, and saves the new one', async () => {
    const marks = createMemoryMarks();
    const { fake, client } = await start({}, { marks });
    await marks.save(`${fake.url} user-1`, { 'org-1': 4 });
    const asked: unknown[] = [];
    fake.answer('POST /events/catch-up', ({ body }) => {
      asked.push((body as { cursors: unknown }).cursors);
      return asked.length === 1
        ? pageOf([push(5), push(6)], 6, { has_more: true })
        : pageOf([push(7)], 7);
    });
    await client.session.signIn(LOGIN);
    await client.until(() => client.of('caught-up').length === 1);
    expect(asked).toEqual([
      [{ organisation_id: 'org-1', seq: 4 }],
      [{ organisation_id: 'org-1', seq: 6 }],
    ]);
    expect(client.of('push').map(({ push: one }) => [one.via, one.event.push.data.seq])).toEqual([
      ['catch-up', 5],
      ['catch-up', 6],
      ['catch-up', 7],
    ]);
    expect(client.of('caught-up')[0]).toMatchObject({ pushes: 3 });
    await client.session.close();
    expect(await marks.load(`${fake.url} user-1`)).toEqual({ 'org-1': 7 });
  });

  test('[I1] [I2] live pushes that race with it arrive once and in order', async () => {
    const { fake, client } = await start();
    fake.answer('POST /events/catch-up', () => {
      for (const seq of [3, 4]) fake.publish('org-1/user-1', push(seq));
      return pageOf([push(1), push(2), push(3)], 3);
    });
    await client.session.signIn(LOGIN);
    await client.until(() => client.of('push').length === 4);
    fake.publish('org-1/user-1', push(5));
    await client.until(() => client.of('push').length === 5);
    expect(client.of('push').map(({ push: one }) => one.event.push.data.seq)).toEqual([
      1, 2, 3, 4, 5,
    ]);
  });

  test('[L6] a recovered channel does not catch up; one that is not does', async () => {
    const { fake, clock, client } = await start();
    let recovered = true;
    fake.setOnCommand((command, connection) => {
      if (!('subscribe' in command)) return undefined;
      const { recover, offset } = command.subscribe as { recover?: boolean; offset?: number };
      const position = { recoverable: true, positioned: true, epoch: 'e' };
      (connection.channels as Set<string>).add('org-1/user-1');
      if (recover !== true) return { subscribe: { ...position, offset: 7 } };
      const publications = [{ data: push(8), offset: 8 }];
      return recovered
        ? { subscribe: { ...position, offset, was_recovering: true, recovered, publications } }
        : { subscribe: { ...position, offset: 20, was_recovering: true } };
    });
    const asks = () => fake.requests.filter(({ route }) => route === 'POST /events/catch-up');
    await client.session.signIn(LOGIN);
    await client.until(() => client.of('caught-up').length === 1);
    fake.connections[0]?.terminate();
    await client.untilState('offline');
    await clock.advance(1_250);
    await client.untilState('live');
    await client.until(() => client.of('push').length === 1);
    expect(client.of('push')[0]?.push.via).toBe('catch-up');
    await client.until(() => client.of('caught-up').length === 2);
    expect(client.of('caught-up')[1]).toMatchObject({ pushes: 1, away: expect.any(Object) });
    await clock.advance(15_000);
    expect(asks()).toHaveLength(1);
    recovered = false;
    fake.connections[1]?.terminate();
    await client.untilState('offline');
    await clock.advance(5_000);
    await client.untilState('live');
    await clock.advance(2_000);
    await client.until(() => client.of('caught-up').length === 3);
    expect(asks()).toHaveLength(2);
  });

  test('[I5] a server error while catching up does not hold live pushes, and is tried again', async () => {
    const { fake, clock, client } = await start();
    fake.answer('POST /events/catch-up', { status: 500, body: {} });
    await client.session.signIn(LOGIN);
    await client.until(() => client.of('fault').length > 0);
    fake.publish('org-1/user-1', push(2));
    await client.until(() => client.of('push').length === 1);
    fake.answer('POST /events/catch-up', pageOf([push(1), push(2)], 2));
    await clock.advance(5_000);
    await client.until(() => client.of('push').length === 2);
    expect(client.of('push').map(({ push: one }) => one.event.push.data.seq)).toEqual([2, 1]);
  });

  test('[U2] the unread set is loaded at each connect, and pushes add to it', async () => {
    const { fake, client } = await start();
    fake.answer('GET /users/unread', {
      body: {
        data: {
          total: 1,
          organisations: [
            {
              organisation_id: 'org-1',
              seq: 3,
              total: 1,
              threads: [{ thread_id: 't-3', channel_id: 'c', last_seq: 3 }],
            },
          ],
        },
      },
    });
    await client.session.signIn(LOGIN);
    await client.until(() => client.session.unread.total === 1);
    await client.until(() => client.of('caught-up').length === 1);
    fake.publish('org-1/user-1', push(4));
    await client.until(() => client.of('unread').at(-1)?.unread.total === 2);
    fake.publish('org-1/user-1', {
      notification_type: 'thread_read',
      data: { seq: 5, thread_id: 't-3', read_seq: 3 },
    });
    await client.until(() => client.of('unread').at(-1)?.unread.total === 1);
    expect(client.of('unread').at(-1)?.unread.organisations[0]?.threadIds).toEqual(['t-4']);
  });
});

describe('secrets', () => {
  test('[S1] no token and no password is in any event, state, fault or log line', async () => {
    const lines: string[] = [];
    const note = (message: string, fields?: object) =>
      void lines.push(`${message} ${JSON.stringify(fields)}`);
    const { fake, clock, client } = await start({}, { log: { debug: note, warn: note } });
    fake.answer('GET /users/unread', { status: 500, body: 'oops' });
    await client.session.signIn(LOGIN);
    fake.connections[0]?.close(3000, 'lost');
    await client.untilState('offline');
    await clock.advance(2_000);
    await client.untilState('live');
    fake.answer('POST /auth/refresh', { status: 401, body: {} });
    await clock.advance(640_000);
    await client.untilState('signed-out');
    const told = JSON.stringify(client.events) + lines.join('\n');
    const secrets = [LOGIN.password, 'refresh-', 'eyJ'];
    for (const secret of secrets) expect(told).not.toContain(secret);
    for (const { route } of fake.requests) {
      for (const secret of secrets) expect(route).not.toContain(secret);
    }
  });
});
