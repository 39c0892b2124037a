// What ended, hung or misled the first Telex Start (its measured faults, row by row), at ours: a real session with a scripted
// server. What needs a hub, a clock or a process of its own is in packages/client/test and processes.test.ts.
import { createServer as createHttpServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { issueCertificate } from '@telex/testkit';
import { afterEach, describe, expect, test } from 'vitest';
import { credentials, startTestApp, type TestApp, type TestAppOptions, until } from './test-app.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function start(options: TestAppOptions = {}): Promise<TestApp> {
  const app = await startTestApp(options);
  closing.push(() => app.close());
  return app;
}

/** Shows a push and waits for it: whatever came before has been dealt with. */
let goodOnes = 0;
async function showsTheNext({ push, bodies }: TestApp): Promise<void> {
  goodOnes += 1;
  push({ name: 'general', text_preview: `good ${goodOnes}`, thread_id: `good-${goodOnes}` });
  await until(() => bodies().includes(`good ${goodOnes}`));
}

const sends = ({ telex }: TestApp, frame: string) => {
  for (const connection of telex.connections) connection.send(frame);
};
const framed = (data: string) =>
  `{"push":{"channel":"org-1/user-1","pub":{"data":{"notification_type":"unread_thread_change","section":"channels_section","data":${data}}}}}`;

describe('frames that ended the process', () => {
  test.each([
    ['1', framed('{"name":"General"}')],
    ['2', framed('{"description":"x"}')],
    ['3', framed('{"name":null,"description":"x"}')],
    ['4', framed('{"name":42,"description":"x"}')],
    ['5', framed('{"name":"General","description":null}')],
    ['6', framed('"hello"')],
    ['7', framed('[1]')],
    ['8', framed('null')],
    ['9', '1e999'],
    ['invalid JSON', '{"push":'],
    ['an empty frame', ''],
    ['plain text', 'hello'],
    ['an array', '[1,2]'],
    ['push null', '{"push":null}'],
    ['data a string', '{"push":{"channel":"org-1/user-1","pub":{"data":"x"}}}'],
    [
      'a numeric type',
      '{"push":{"channel":"org-1/user-1","pub":{"data":{"notification_type":5,"data":{}}}}}',
    ],
    ['200,000 deep', `${'['.repeat(200_000)}${']'.repeat(200_000)}`],
  ])('%s: shown, or noted once, and the next good push is shown', async (name, frame) => {
    const app = await start();
    await app.live();
    await showsTheNext(app);
    const before = app.reports.length;
    sends(app, frame);
    await showsTheNext(app);
    const about = app.reports
      .slice(before)
      .filter(
        ({ kind, decision }) => kind === 'fault' || (kind === 'decision' && decision === 'drop'),
      );
    // Of a message two fields may be missing: these are shown.
    const isShown = ['1', '2'].includes(name);
    expect(about).toHaveLength(isShown ? 0 : 1);
    expect(app.desktop.notifications.shown).toHaveLength(isShown ? 3 : 2);
    expect(app.status()?.state).toBe('live');
  });

  test('a push that cannot be read is told to the user once, however many come', async () => {
    const app = await start();
    await app.live();
    for (let count = 0; count < 20; count += 1) sends(app, framed('{"name":42}'));
    await showsTheNext(app);
    const faults = app.reports.filter(({ code }) => code === 'bad_push');
    expect(faults.length).toBeLessThanOrEqual(20);
    expect(faults.length).toBeGreaterThan(0);
    expect(app.desktop.said).toHaveLength(1);
  });
});

describe('replies after which no login worked any more', () => {
  const user = { id: 'user-1', email: 'ann@example.org' };
  const tokens = { access_token: 'a', access_token_expires_in: '900', notification_token: 'n' };
  test.each([
    ['1 login: an HTML page', 'POST /auth/login', '<html>Welcome</html>'],
    ['2 login: an empty body', 'POST /auth/login', ''],
    [
      '3 login: notification_token null',
      'POST /auth/login',
      { data: { user, ...tokens, notification_token: null } },
    ],
    [
      '4 login: user.id a number',
      'POST /auth/login',
      { data: { user: { ...user, id: 123 }, ...tokens } },
    ],
    ['login: data a string', 'POST /auth/login', { data: 'x' }],
  ])(
    '%s: told in the dialog, and the next try asks the server again',
    async (_name, route, body) => {
      const app = await start();
      app.telex.answer(route, { status: 200, body });
      app.app.begin(undefined);
      const attempt = { ...credentials, server: app.telex.url };
      const outcome = await app.desktop.login.submit(attempt);
      expect(outcome).toMatchObject({ ok: false, sentence: expect.stringMatching(/\.$/) });
      expect(app.desktop.login.isOpen).toBe(true);
      const asked = app.telex.requests.length;
      app.telex.answer(route, undefined);
      expect(await app.desktop.login.submit(attempt)).toEqual({ ok: true });
      expect(app.telex.requests.length).toBeGreaterThan(asked);
      await showsTheNext(app);
    },
  );

  const organisations = 'GET /users/organisations';
  test.each([
    ['5 organisations: an HTML page', organisations, '<html>Welcome</html>'],
    ['6 organisations: id a number', organisations, { data: [{ id: 1, name: 'Acme' }] }],
    ['7 organisations: name null', organisations, { data: [{ id: 'org-1', name: null }] }],
    ['8 connection token: null', 'GET /centrifugo/connection', { data: { token: null } }],
    ['9 subscription token: a number', 'POST /centrifugo/subscription', { data: { token: 5 } }],
  ])('%s: a message says so, and the next login is as good as new', async (_name, route, body) => {
    const app = await start({ telex: { shape: 'public' } });
    app.telex.answer(route, { status: 200, body });
    app.app.begin(undefined);
    const attempt = { ...credentials, server: app.telex.url };
    const outcome = await app.desktop.login.submit(attempt);
    // An organisation may fail alone: then its state says so.
    const sentence = outcome.ok ? app.status()?.sentence : outcome.sentence;
    expect(sentence).toMatch(/\.$/);
    expect(sentence).not.toMatch(/^Live: notifications from Northwind arrive\.$/);
    app.telex.answer(route, undefined);
    app.desktop.emit({ kind: 'chosen', command: { kind: 'login' } });
    const asked = app.telex.requests.length;
    expect(await app.desktop.login.submit(attempt)).toEqual({ ok: true });
    expect(app.telex.requests.length).toBeGreaterThan(asked);
    await until(() => app.status()?.sentence === 'Live: notifications from Northwind arrive.');
    await showsTheNext(app);
  });
});

describe('an API that accepts the login and never answers', () => {
  test('says at once what goes on, can be cancelled, and keeps nobody from ending the program', async () => {
    const app = await start();
    app.telex.answer('POST /auth/login', { hang: true });
    app.app.begin(undefined);
    const attempt = { ...credentials, server: app.telex.url };
    void app.desktop.login.submit(attempt);
    await until(() => app.status()?.sentence === 'Signing in…');
    app.desktop.login.cancel();
    app.telex.answer('POST /auth/login', undefined);
    app.desktop.emit({ kind: 'chosen', command: { kind: 'login' } });
    expect(await app.desktop.login.submit(attempt)).toEqual({ ok: true });

    app.telex.answer('POST /auth/login', { hang: true });
    app.desktop.emit({ kind: 'chosen', command: { kind: 'login' } });
    void app.desktop.login.submit(attempt);
    const from = performance.now();
    app.desktop.emit({ kind: 'chosen', command: { kind: 'exit' } });
    await app.app.quit;
    await app.app.close();
    expect(performance.now() - from).toBeLessThan(1_000);
  });
});

describe('what is told', () => {
  test('five kinds of failure have five messages, each with what to do', async () => {
    const told = new Set<string>();
    const app = await start();
    app.app.begin(undefined);
    const tryIt = async (server = app.telex.url) => {
      const outcome = await app.desktop.login.submit({ ...credentials, server });
      if (!outcome.ok) told.add(outcome.sentence);
    };
    app.telex.answer('POST /auth/login', { status: 401, body: { code: 'wrong_credentials' } });
    await tryIt();
    app.telex.answer('POST /auth/login', { status: 500, body: { code: 'server_error' } });
    await tryIt();
    await tryIt('http://127.0.0.1:9');
    const { origin, requests } = await selfSigned();
    await tryIt(origin);
    app.telex.answer('POST /auth/login', undefined);
    app.telex.setOrganisations([]);
    await tryIt();
    await until(() => app.status()?.state === 'live');
    told.add(app.status()?.sentence ?? '');
    expect([...told]).toEqual([
      expect.stringContaining('Check both and sign in again'),
      expect.stringContaining('Try again later, or tell its administrator'),
      expect.stringContaining('The server does not answer'),
      expect.stringContaining('certificate of the server is not trusted'),
      expect.stringContaining('Ask to be invited'),
    ]);
    expect(requests()).toBe(0);
  });

  test('a certificate for another host is refused, and no request is sent', async () => {
    const { origin, requests, ca } = await selfSigned('elsewhere.example');
    const app = await start({ ca });
    app.app.begin(undefined);
    const outcome = await app.desktop.login.submit({ ...credentials, server: origin });
    expect(outcome).toMatchObject({ ok: false, code: 'untrusted_certificate' });
    expect(requests()).toBe(0);
    expect(app.desktop.login.opened).toHaveLength(1);
  });

  test('it is live only after the reply to connect', async () => {
    const app = await start();
    let answer: (() => void) | undefined;
    app.telex.setOnCommand((command, connection) => {
      if (!('connect' in command) || answer !== undefined) return undefined;
      const subs = { 'org-1/user-1': {} };
      answer = () =>
        connection.send(JSON.stringify({ id: command.id, connect: { client: 'c', subs } }));
      return null;
    });
    app.app.begin(credentials);
    await until(() => answer !== undefined);
    expect(app.status()?.state).not.toBe('live');
    answer?.();
    await until(() => app.status()?.state === 'live');
  });

  test('a push server that refuses the upgrade is a state with the next try, and no bubble', async () => {
    const refusing = createHttpServer((_request, response) => response.writeHead(401).end());
    await new Promise<void>((resolve) => refusing.listen(0, '127.0.0.1', resolve));
    closing.push(() => refusing.close());
    const address = refusing.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const app = await start({ telex: { pushUrl: `ws://127.0.0.1:${port}/push` } });
    app.app.begin(credentials);
    await until(() => app.status()?.state === 'offline');
    expect(app.status()?.retry_at_unix_ms).toBeGreaterThan(Date.now() - 1_000);
    expect(app.desktop.notifications.shown).toEqual([]);
  });
});

describe('a session that ends', () => {
  test('closed for good with 3500, it connects once more with fresh tokens, then says why and asks', async () => {
    const app = await start();
    await app.live();
    app.telex.setOnCommand((command, connection) => {
      if (!('connect' in command)) return undefined;
      connection.close(3500, 'invalid token');
      return null;
    });
    const before = app.telex.connections.length;
    for (const connection of app.telex.connections) connection.close(3500, 'invalid token');
    await until(() => app.status()?.state === 'signed-out');
    expect(app.telex.connections.length - before).toBeLessThanOrEqual(2);
    expect(app.status()?.sentence).toContain('shut this client out');
    expect(app.desktop.login.opened.at(-1)?.reason).toContain('shut this client out');
  });
});

describe('many pushes', () => {
  test('several in one frame are all shown, in order', async () => {
    const app = await start();
    await app.live();
    await showsTheNext(app);
    const pushes = ['one', 'two', 'three'].map((text) =>
      framed(JSON.stringify({ name: 'general', text_preview: text, thread_id: `t-${text}` })),
    );
    sends(app, pushes.join('\n'));
    await until(() => app.bodies().endsWith('one\ntwo\nthree'));
  });

  test('a burst of 1,000 leaves at most four bubbles and a summary, and a question is answered within 100 ms', async () => {
    const app = await start();
    await app.live();
    await showsTheNext(app);
    for (let count = 0; count < 1_000; count += 1) {
      app.push({ name: 'general', text_preview: `burst ${count}`, thread_id: `burst-${count}` });
    }
    const from = performance.now();
    await app.app.handle({ command: 'status' });
    expect(performance.now() - from).toBeLessThan(100);
    await until(() => /99\d new in 1 channel/.test(app.bodies()));
    expect(app.desktop.notifications.open.size).toBeLessThanOrEqual(5);
  });

  test('10,000 notifications leave nothing behind', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const app = await start();
    await app.live();
    const send = async (from: number, count: number) => {
      for (let number = from; number < from + count; number += 1) {
        const text = `message ${number} ${'x'.repeat(1_000)}`;
        app.push({ name: 'general', text_preview: text, thread_id: 'always the same' });
      }
      await until(() => app.bodies().includes(`message ${from + count - 1} `));
      // The fakes remember everything; what they hold is not the program's.
      app.desktop.notifications.forget();
      app.reports.length = 0;
      collect();
      return process.memoryUsage().heapUsed;
    };
    const before = await send(0, 5_000);
    const after = await send(5_000, 10_000);
    // The first client kept 7,600 and more of each; a heap just collected varies by some hundred kilobytes.
    expect((after - before) / 10_000).toBeLessThan(300);
  }, 60_000);
});

async function selfSigned(name = '127.0.0.1') {
  const { cert, key, ca } = issueCertificate([name], Date.now());
  let requests = 0;
  const server = createTlsServer({ cert, key }, (_request, response) => {
    requests += 1;
    response.writeHead(500).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => server.close());
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  return { origin: `https://127.0.0.1:${port}`, requests: () => requests, ca };
}
