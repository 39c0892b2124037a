import { chooseSeed, type FakeReply, seededRandom, startFakeTelex } from '@telex/testkit';
import { afterEach, describe, expect, test } from 'vitest';
import type { FaultCode } from '../src/index.ts';
import { LOGIN, watch } from './harness.ts';

const open: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

async function start(shape: 'own' | 'public' = 'own') {
  const fake = await startFakeTelex({ shape });
  const client = watch(fake.url);
  open.push(fake, client.session);
  return { fake, client };
}

const html = '<!doctype html><title>Welcome to the hotel network</title>';
const user = { id: 'user-1' };
const tokens = { access_token: 'a', notification_token: 'n' };

describe('the nine API replies that killed the first client, and more', () => {
  const replies: [string, string, FakeReply, FaultCode][] = [
    ['login: an HTML page', 'POST /auth/login', { body: html }, 'not_telex'],
    ['login: an empty body', 'POST /auth/login', { body: '' }, 'not_telex'],
    [
      'login: notification_token null',
      'POST /auth/login',
      { body: { data: { user, access_token: 'a', notification_token: null } } },
      'bad_reply',
    ],
    [
      'login: user.id a number',
      'POST /auth/login',
      { body: { data: { user: { id: 123 }, ...tokens } } },
      'bad_reply',
    ],
    ['organisations: an HTML page', 'GET /users/organisations', { body: html }, 'not_telex'],
    [
      'organisations: id a number',
      'GET /users/organisations',
      { body: { data: [{ id: 1, name: 'x' }] } },
      'bad_reply',
    ],
    [
      'organisations: name null',
      'GET /users/organisations',
      { body: { data: [{ id: 'o', name: null }] } },
      'bad_reply',
    ],
    [
      'connection token: null',
      'GET /centrifugo/connection',
      { body: { data: { token: null } } },
      'bad_reply',
    ],
    ['login: data a string', 'POST /auth/login', { body: { data: 'x' } }, 'bad_reply'],
    ['login: nested too deep', 'POST /auth/login', { body: '['.repeat(200_000) }, 'not_telex'],
    ['login: a redirect', 'POST /auth/login', { status: 302, body: html }, 'not_telex'],
    ['login: not found', 'POST /auth/login', { status: 404, body: html }, 'not_telex'],
  ];

  test.each(replies)(
    '%s fails with a sentence, and the next login works',
    async (_title, route, reply, code) => {
      const { fake, client } = await start('public');
      fake.answer(route, reply);
      const outcome = await client.session.signIn(LOGIN);
      expect(outcome).toMatchObject({ ok: false, fault: { code } });
      expect(client.session.state).toMatchObject({ kind: 'signed-out', reason: 'failed' });
      fake.answer(route, undefined);
      expect(await client.session.signIn(LOGIN)).toMatchObject({ ok: true });
      expect(client.session.state.kind).toBe('live');
    },
  );

  test('[L11] subscription token a number: that organisation fails alone', async () => {
    const { fake, client } = await start('public');
    fake.setOrganisations([
      { id: 'org-1', name: 'One' },
      { id: 'org-2', name: 'Two' },
    ]);
    fake.answer('POST /centrifugo/subscription', ({ body }) => {
      const { channel } = body as { channel: string };
      return { body: { data: { token: channel.startsWith('org-1') ? 5 : 'opaque' } } };
    });
    expect(await client.session.signIn(LOGIN)).toMatchObject({ ok: true });
    const { state } = client.session;
    if (state.kind !== 'live') throw new Error(`not live but ${state.kind}`);
    expect(state.organisations.map(({ kind }) => kind)).toEqual(['failed', 'live']);
  });
});

describe('errors of a login, each with its own words', () => {
  const faults: [FakeReply, FaultCode, RegExp][] = [
    [{ status: 401, body: { status: 'error' } }, 'wrong_credentials', /password is wrong/],
    [{ status: 422, body: { status: 'error' } }, 'bad_input', /Check both/],
    [{ status: 403, body: { status: 'error' } }, 'forbidden', /administrator/],
    [
      { status: 429, headers: { 'retry-after': '7' }, body: {} },
      'too_many_tries',
      /Wait and try again\. Wait 7 s\./,
    ],
    [{ status: 500, body: html }, 'server_error', /server failed/],
    [{ status: 503, body: html }, 'unavailable', /starting or overloaded/],
    [{ status: 502, body: html }, 'unavailable', /starting or overloaded/],
  ];
  test.each(faults)('%j is %s', async (reply, code, words) => {
    const { fake, client } = await start();
    fake.answer('POST /auth/login', reply);
    const outcome = await client.session.signIn(LOGIN);
    if (outcome.ok) throw new Error('signed in');
    expect(outcome.fault.code).toBe(code);
    expect(outcome.fault.sentence).toMatch(words);
  });

  test('nobody listens: unreachable', async () => {
    const { fake, client } = await start();
    await fake.close();
    open.shift();
    expect(await client.session.signIn(LOGIN)).toMatchObject({ fault: { code: 'unreachable' } });
  });

  test('no such host: no network', async () => {
    const client = watch('https://telex.invalid');
    open.push(client.session);
    expect(await client.session.signIn(LOGIN)).toMatchObject({ fault: { code: 'no_network' } });
  });

  test('[S2] a plain address is refused before anything is sent', async () => {
    const { fake } = await start();
    const client = watch(fake.url, {}, { allowLoopbackHttp: false });
    open.push(client.session);
    expect(await client.session.signIn(LOGIN)).toMatchObject({
      fault: { code: 'insecure_address' },
    });
    expect(fake.requests).toEqual([]);
  });
});

describe('the login that is never answered', () => {
  test('[M2] signing out cancels it at once, and the next login works', async () => {
    const { fake, client } = await start();
    fake.answer('POST /auth/login', { hang: true });
    const pending = client.session.signIn(LOGIN);
    await fake.until(() => fake.requests.length === 1);
    client.session.signOut();
    expect(await pending).toMatchObject({ ok: false, fault: { code: 'cancelled' } });
    fake.answer('POST /auth/login', undefined);
    expect(await client.session.signIn(LOGIN)).toMatchObject({ ok: true });
  });

  test('a second sign-in takes the place of the first', async () => {
    const { fake, client } = await start();
    fake.answer('POST /auth/login', { hang: true });
    const first = client.session.signIn(LOGIN);
    await fake.until(() => fake.requests.length === 1);
    fake.answer('POST /auth/login', undefined);
    const second = client.session.signIn(LOGIN);
    expect(await first).toMatchObject({ fault: { code: 'cancelled' } });
    expect(await second).toMatchObject({ ok: true });
  });

  test('closing does not wait for it', async () => {
    const { fake, client } = await start();
    fake.answer('POST /auth/login', { hang: true });
    const pending = client.session.signIn(LOGIN);
    await fake.until(() => fake.requests.length === 1);
    const startedAt = performance.now();
    await client.session.close();
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    expect(await pending).toMatchObject({ ok: false });
  });
});

describe('the nine pushes that aborted the first client', () => {
  const bodies: unknown[] = [
    { name: 'General' },
    { description: 'x' },
    { name: null, description: 'x' },
    { name: 42, description: 'x' },
    { name: 'General', description: null },
    'hello',
    [1],
    null,
  ];
  const frameOf = (data: unknown) =>
    JSON.stringify({
      push: {
        channel: 'org-1/user-1',
        pub: {
          data: { notification_type: 'unread_thread_change', section: 'channels_section', data },
        },
      },
    });
  const good = frameOf({ name: 'General', description: 'good', thread_id: 't' });

  test('[L8] [I7] each is passed on or reported once, and the good one after it arrives', async () => {
    const { fake, client } = await start();
    await client.session.signIn(LOGIN);
    await client.until((events) => events.some(({ kind }) => kind === 'caught-up'));
    const [connection] = fake.connections;
    for (const [index, frame] of [
      ...bodies.map(frameOf),
      '1e999',
      'junk',
      '{"push":null}',
    ].entries()) {
      connection?.send(frame);
      connection?.send(`${good}\n${good}`);
      const wanted = 2 * (index + 1);
      const isGood = (event: (typeof client.events)[number]) =>
        event.kind === 'push' && event.push.event.push.data.description === 'good';
      await client.until((events) => events.filter(isGood).length >= wanted);
    }
    // The first two are lawful: every field of a push is optional.
    const bad = client.of('fault').filter(({ fault }) => fault.code === 'bad_push');
    expect(bad).toHaveLength(6 + 3);
    expect(client.session.state.kind).toBe('live');
    expect(fake.connections).toHaveLength(1);
  });

  test('[L8] a whole hostile connection does not stop the session', async () => {
    const { fake, client } = await start();
    await client.session.signIn(LOGIN);
    const [connection] = fake.connections;
    for (const frame of [
      '{"id":2}',
      '{"id":1,"connect":5}',
      '{}{}',
      '\n\n',
      '{"push":{"channel":"__proto__","pub":{"data":1}}}',
    ]) {
      connection?.send(frame);
    }
    connection?.send(good);
    await client.until((events) => events.some(({ kind }) => kind === 'push'));
    expect(client.session.state.kind).toBe('live');
  });

  test('[L8] thousands of damaged frames, and the next login is as good as new', async () => {
    const seed = chooseSeed();
    console.log(`frames: TELEX_SEED=${seed}`);
    const random = seededRandom(seed);
    const pick = <T>(items: readonly T[]): T | undefined =>
      items[Math.floor(random() * items.length)];
    const templates = [
      good,
      '{}',
      '{"id":2,"subscribe":{"recoverable":true,"epoch":"e","offset":3,"publications":[{"data":1,"offset":4}]}}',
      '{"id":1,"connect":{"client":"c","ping":25,"pong":true,"subs":{"org-1/user-1":{"offset":1}}}}',
      '{"push":{"channel":"org-1/user-1","unsubscribe":{"code":2500,"reason":"x"}}}',
      '{"push":{"channel":"org-1/user-1","subscribe":{"offset":3,"epoch":"e"}}}',
      '{"push":{"channel":"org-1/user-1","join":{"info":{"user":"u","client":"c"}}}}',
      '{"push":{"message":{"data":{"x":1}}}}',
      '{"id":3,"error":{"code":109,"message":"token expired"}}',
    ];
    const pieces = ['{', '}', '[]', 'null', '"', ',', ':', '1e999', '-1', '0', '"x"', '\n', ''];
    const { fake, client } = await start();
    await client.session.signIn(LOGIN);
    const [connection] = fake.connections;
    for (let count = 0; count < 5_000; count += 1) {
      const template = pick(templates) ?? '';
      const at = Math.floor(random() * template.length);
      const length = Math.floor(random() * 8);
      const damaged = `${template.slice(0, at)}${pick(pieces)}${template.slice(at + length)}`;
      connection?.send(damaged);
    }
    expect(await client.session.signIn(LOGIN), `seed ${seed}`).toMatchObject({ ok: true });
    const before = client.of('push').length;
    fake.connections.at(-1)?.send(good);
    await client.until(() => client.of('push').length > before);
    expect(client.session.state.kind, `seed ${seed}`).toBe('live');
  });

  test('a listener that throws is reported and disturbs nobody', async () => {
    const { fake, client } = await start();
    client.session.listen(() => {
      throw new Error('of the listener');
    });
    client.session.listen(async () => {
      throw new Error('of the async listener');
    });
    await client.session.signIn(LOGIN);
    fake.connections[0]?.send(good);
    await client.until((events) => events.some(({ kind }) => kind === 'push'));
    expect(client.of('fault').some(({ fault }) => fault.code === 'handler_failed')).toBe(true);
    expect(client.session.state.kind).toBe('live');
  });
});
