import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type ApiCaller,
  createApiCaller,
  type LaunchOptions,
  launchServer,
  type PushBehind,
  type ServerProcess,
  startPushBehind,
} from '@telex/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createNodePorts } from '../node/index.ts';
import { previews, type Watched, watch } from './harness.ts';

const RATES = ['--rate-anonymous', 'off', '--rate-user', 'off'];

describe.each([
  { push: 'hub', holder: 'its own hub', isTold: false },
  { push: 'engine', holder: 'Centrifugo’s engine', isTold: false },
  { push: 'engine-redis', holder: 'Centrifugo’s engine on Redis', isTold: false },
  // Told at login: the client connects there and not to the server.
  { push: 'engine', holder: 'Centrifugo’s engine on an address of its own', isTold: true },
] as const)('a session with the real server, over TLS, with $holder', ({ push, isTold }) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'telex-client-'));
  const open: { close(): Promise<unknown> }[] = [];
  let behind: PushBehind | undefined;
  let server: ServerProcess;
  let api: ApiCaller;
  let port: number;
  let demo: () => NonNullable<ServerProcess['ready']['demo']>;

  const launch = (more: Partial<LaunchOptions>) =>
    launchServer({
      dataDir,
      flags: [
        ...RATES,
        ...(behind?.flags ?? []),
        ...(isTold ? ['--centrifugo-url', behind?.server.wsUrl ?? ''] : []),
      ],
      ...more,
    });

  beforeAll(async () => {
    behind = push === 'hub' ? undefined : await startPushBehind(push, dataDir);
    server = await launch({ demo: true });
    port = Number(new URL(server.ready.url).port);
    api = createApiCaller(server.ready.url, server.ready.ca_file);
    const seeded = server.ready.demo;
    demo = () => {
      if (seeded === undefined) throw new Error('no demo organisation');
      return seeded;
    };
  }, 120_000);
  afterEach(async () => {
    for (const one of open.splice(0).reverse()) await one.close();
  });
  afterAll(async () => {
    api.close();
    await server.stop();
    await behind?.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  const receiver = () => demo().accounts[0];
  const author = () => demo().accounts[1];
  const connect = (marksDirectory?: string): Watched => {
    const ca = readFileSync(server.ready.ca_file ?? '', 'utf8');
    const client = watch(
      server.ready.url,
      createNodePorts(marksDirectory === undefined ? { ca } : { ca, marksDirectory }),
      // The engine's own address has no certificate.
      { allowLoopbackHttp: isTold },
    );
    open.push(client.session);
    return client;
  };
  const authorToken = async () => {
    const { email, password } = author();
    return (await api.call('login', { body: { email, password } })).access_token;
  };
  const post = async (token: string, content: string) => {
    const params = { channel_id: demo().channel.id };
    return api.call('postMessage', { params, token, body: { content } });
  };
  const caughtUp = (client: Watched) => client.until(() => client.of('caught-up').length > 0);

  test('a posted message becomes a push and an unread thread; reading it takes it out', async () => {
    const client = connect();
    client.session.prepare();
    expect(await client.session.signIn(receiver())).toMatchObject({
      ok: true,
      user: { id: receiver().user_id },
    });
    await client.until(() => client.of('unread').length > 0);
    const before = client.session.unread.total;
    const message = await post(await authorToken(), 'hello from the other side');
    await client.until(() => previews(client).includes('hello from the other side'));
    expect(client.session.unread.total).toBe(before + 1);
    const { push } = client.of('push').at(-1) ?? {};
    expect(push).toMatchObject({
      via: 'live',
      userId: receiver().user_id,
      organisation: { id: demo().organisation.id, name: demo().organisation.name },
      event: { push: { data: { author_name: expect.any(String), seq: expect.any(Number) } } },
    });
    const thread_id = String(message.thread_id);
    expect(
      await client.session.call('markRead', { parameters: { thread_id }, body: {} }),
    ).toMatchObject({ ok: true });
    await client.until(() => client.session.unread.total === before);
  });

  test('test_notification comes back by the push connection', async () => {
    const client = connect();
    await client.session.signIn(receiver());
    const sent = await client.session.call('testNotification', { body: {} });
    if (!sent.ok) throw new Error(sent.fault.sentence);
    await client.until(() =>
      client.of('push').some(({ push }) => push.event.kind === 'test_notification'),
    );
    const { push } = client.of('push').at(-1) ?? {};
    expect(push?.event.push.notification_id).toBe(sent.value.notification_id);
  });

  test('[I3] what was posted while the program was away is fetched once, from the saved marks', async () => {
    const marks = mkdtempSync(join(dataDir, 'marks-'));
    const first = connect(marks);
    await first.session.signIn(receiver());
    await caughtUp(first);
    const token = await authorToken();
    await post(token, 'before');
    await first.until(() => previews(first).includes('before'));
    await first.session.close();
    for (const word of ['away 1', 'away 2', 'away 3']) await post(token, word);
    const second = connect(marks);
    await second.session.signIn(receiver());
    await caughtUp(second);
    await post(token, 'after');
    await second.until(() => previews(second).includes('after'));
    expect(previews(second)).toEqual(['away 1', 'away 2', 'away 3', 'after']);
    expect(second.of('push').map(({ push }) => push.via)).toEqual([
      'catch-up',
      'catch-up',
      'catch-up',
      'live',
    ]);
  });

  test('a certificate of an authority that is not given is refused, and says what to do', async () => {
    const client = watch(server.ready.url, createNodePorts(), { allowLoopbackHttp: false });
    open.push(client.session);
    const outcome = await client.session.signIn(receiver());
    expect(outcome).toMatchObject({ ok: false, fault: { code: 'untrusted_certificate' } });
  });

  test('a wrong password says so', async () => {
    const client = connect();
    const outcome = await client.session.signIn({ email: receiver().email, password: 'wrong' });
    expect(outcome).toMatchObject({ ok: false, fault: { code: 'wrong_credentials' } });
  });

  test('[T5] a session revoked elsewhere is signed out at once, with the reason', async () => {
    const client = connect();
    await client.session.signIn(receiver());
    const { email, password } = receiver();
    const other = await api.call('login', { body: { email, password } });
    const sessions = await api.call('sessions', { token: other.access_token });
    const revokedAt = performance.now();
    for (const { session_id, current } of sessions) {
      if (current) continue;
      await api.call('revokeSession', { token: other.access_token, body: { session_id } });
    }
    const state = await client.untilState('signed-out');
    // Centrifugo knows no sessions: it asks for a new token, and there is none. The connection ends at
    // once; before it asks for a token the client waits as after any loss.
    expect(state).toMatchObject({ reason: isTold ? 'expired' : 'ended' });
    expect(performance.now() - revokedAt).toBeLessThan(isTold ? 4_000 : 1_500);
  });

  test('signing out ends the session on the server too', async () => {
    const client = connect();
    await client.session.signIn(receiver());
    const { email, password } = receiver();
    const other = await api.call('login', { body: { email, password } });
    const count = async () => (await api.call('sessions', { token: other.access_token })).length;
    const before = await count();
    client.session.signOut();
    await client.session.close();
    expect(await count()).toBe(before - 1);
  });

  test('kill -9 of the server: live again, and nothing is lost or doubled', async () => {
    const client = connect();
    await client.session.signIn(receiver());
    await caughtUp(client);
    await post(await authorToken(), 'before the crash');
    await client.until(() => previews(client).includes('before the crash'));
    await server.kill();
    if (!isTold) await client.untilState('offline');
    api.close();
    server = await launch({ port });
    api = createApiCaller(server.ready.url, server.ready.ca_file);
    const token = await authorToken();
    await post(token, 'while it was away');
    client.session.reconnectNow();
    await client.untilState('live');
    await client.until(() => previews(client).includes('while it was away'));
    await post(token, 'after the crash');
    await client.until(() => previews(client).includes('after the crash'));
    const words = ['before the crash', 'while it was away', 'after the crash'];
    expect(previews(client).filter((one) => words.includes(String(one)))).toEqual(words);
  });
});
