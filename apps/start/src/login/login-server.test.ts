import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import type { LoginAttempt, LoginOutcome, TrySignIn } from '../desktop/login-dialog.ts';
import { type OpenPage, openPage, pageSecret } from './test/open-page.ts';
import { rawRequest, sendRaw } from './test/raw-http.ts';

const attempt = { email: 'ana@example.com', password: 'open sesame', server: 'https://t.example' };
const accept: TrySignIn = async () => ({ ok: true });
const refuse: TrySignIn = async () => ({ ok: false, code: 'wrong_credentials', sentence: '' });

let page: OpenPage | undefined;
afterEach(async () => {
  page?.server.close('void');
  await page?.clock.advance(10_000);
});

const start = async (trySignIn: TrySignIn = refuse): Promise<OpenPage> => {
  page = await openPage(trySignIn);
  return page;
};

/** A try that ends when it is told to. */
function heldTry() {
  const begun = Promise.withResolvers<void>();
  const outcome = Promise.withResolvers<LoginOutcome>();
  const stopped = Promise.withResolvers<void>();
  const attempts: LoginAttempt[] = [];
  const trySignIn: TrySignIn = (given, signal) => {
    attempts.push(given);
    signal.addEventListener('abort', () => {
      outcome.resolve({ ok: false, code: 'cancelled', sentence: '' });
      stopped.resolve();
    });
    begun.resolve();
    return outcome.promise;
  };
  return { begun: begun.promise, outcome, stopped: stopped.promise, attempts, trySignIn };
}

function canConnect(port: number, host: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(port, host);
  socket.once('connect', () => resolve(true));
  socket.once('error', () => resolve(false));
  return promise.finally(() => socket.destroy());
}

test('[L1] it listens on 127.0.0.1 and on no other address of the machine', async () => {
  const { server } = await start();
  expect(await canConnect(server.port, '127.0.0.1')).toBe(true);
  const others = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .map(({ address }) => address)
    .filter((address) => address !== '127.0.0.1');
  for (const other of ['127.0.0.2', ...others]) {
    expect(await canConnect(server.port, other)).toBe(false);
  }
});

test('[L1] it listens no more once the dialog is over', async () => {
  const { server } = await start();
  server.close('cancelled');
  expect(await canConnect(server.port, '127.0.0.1')).toBe(false);
  const next = await openPage(refuse);
  expect(next.server.port).not.toBe(server.port);
  next.server.close('cancelled');
});

test('[L2] the opening secret is random, long, and good for one load of the page', async () => {
  const { server, load } = await start();
  const { secret } = server.newOpening('window');
  expect(Buffer.from(secret, 'base64url')).toHaveLength(32);
  const loaded = await load(secret);
  expect(loaded.status).toBe(200);
  expect(loaded.body).not.toContain(secret);
  expect(await load(secret)).toMatchObject({ status: 403, body: '' });
});

test('[L2] a wrong opening secret gives nothing and does not spend the right one', async () => {
  const { server, load } = await start();
  const { secret } = server.newOpening('window');
  for (const wrong of ['', 'x', secret.slice(1), `${secret}x`, secret.toUpperCase()]) {
    expect(await load(wrong)).toMatchObject({ status: 403, body: '' });
  }
  expect((await load(secret)).status).toBe(200);
});

test('[L2] a newer opening voids the one before', async () => {
  const { server, load } = await start();
  const { secret } = server.newOpening('window');
  const newer = server.newOpening('tab').secret;
  expect((await load(secret)).status).toBe(403);
  expect((await load(newer)).status).toBe(200);
});

test('[L2] what the page sends needs the second secret, which is not the first', async () => {
  const { server, load, post } = await start();
  const opening = server.newOpening('window').secret;
  const secret = pageSecret((await load(opening)).body);
  expect(secret).toMatch(/^[\w-]{43}$/);
  expect(secret).not.toBe(opening);
  for (const path of ['/sign-in', '/wait', '/leave']) {
    for (const wrong of [opening, '', secret.slice(1), undefined]) {
      expect((await post(path, { ...attempt, secret: wrong })).status).toBe(403);
    }
  }
  expect((await post('/sign-in', { ...attempt, secret })).status).toBe(200);
});

test('[L2] nothing can be sent before the page was loaded', async () => {
  const { server, post } = await start();
  server.newOpening('window');
  expect((await post('/sign-in', { ...attempt, secret: 'undefined' })).status).toBe(403);
});

test.each(['signed-in', 'cancelled', 'time-limit', 'void'] as const)(
  '[L2] both secrets are void after the end by %s, also on a connection that was open before',
  async (end) => {
    const { server, open, host } = await start();
    const secret = await open();
    const unused = server.newOpening('tab').secret;
    const socket = connect(server.port, '127.0.0.1');
    const { promise: answered, resolve } = Promise.withResolvers<string>();
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(text));
    const body = JSON.stringify({ ...attempt, secret });
    const request = rawRequest(
      'POST /sign-in',
      { Host: host, Origin: `http://${host}`, 'Content-Type': 'application/json' },
      body,
    );
    const { promise: isHalfSent, resolve: halfSent } = Promise.withResolvers<void>();
    socket.write(request.slice(0, -10), () => halfSent());
    await isHalfSent;
    // Answered only after the half before has been read.
    await sendRaw(server.port, rawRequest('GET /', { Host: host }));
    server.close(end);
    socket.write(request.slice(-10));
    expect(await answered).toMatch(/^HTTP\/1.1 403 /);
    expect((await sendRaw(server.port, `secret=${unused}`)).status).toBe(0);
  },
);

const evilHosts = [
  'localhost',
  '127.0.0.1',
  'evil.example',
  '127.0.0.1:1',
  '127.0.0.1.evil.example',
  '',
];
test.each(evilHosts)('[L3] Host %j is refused without a body', async (wrong) => {
  const { open, post, load, server, host } = await start();
  const secret = await open();
  const port = new URL(`http://${host}`).port;
  const hosts = [wrong, wrong.includes(':') ? wrong : `${wrong}:${port}`];
  for (const Host of hosts.filter((name) => name !== host)) {
    expect(await post('/sign-in', { ...attempt, secret }, { Host })).toMatchObject({
      status: 403,
      body: '',
    });
    const opening = server.newOpening('window').secret;
    expect((await load(opening, { Host })).status).toBe(403);
  }
});

test('[L3] no Host, or two of them, are refused', async () => {
  const { post, open, host, server } = await start();
  const secret = await open();
  const body = { ...attempt, secret };
  expect((await post('/sign-in', body, { Host: undefined })).status).toBeGreaterThanOrEqual(400);
  const two = rawRequest('POST /sign-in', { Host: `${host}\r\nHost: evil.example` });
  expect((await sendRaw(server.port, two)).status).toBeGreaterThanOrEqual(400);
});

test('[L3] a POST of another origin, of none, or of an opaque one is refused without a body', async () => {
  const { open, post, host } = await start();
  const secret = await open();
  const port = new URL(`http://${host}`).port;
  const wrong = [
    'https://evil.example',
    'null',
    undefined,
    `https://${host}`,
    `http://localhost:${port}`,
    `http://${host}/`,
    'http://127.0.0.1',
    `HTTP://${host}`,
  ];
  for (const path of ['/sign-in', '/wait', '/leave']) {
    for (const Origin of wrong) {
      const reply = await post(path, { ...attempt, secret }, { Origin });
      expect(reply).toMatchObject({ status: 403, body: '' });
    }
  }
});

test('[L3] the opening POST must come from a file, which has no origin', async () => {
  const { server, load, host } = await start();
  const { secret } = server.newOpening('window');
  for (const Origin of ['https://evil.example', undefined, `http://${host}`]) {
    expect(await load(secret, { Origin })).toMatchObject({ status: 403, body: '' });
  }
  expect((await load(secret)).status).toBe(200);
});

test.each([
  'GET /',
  'GET /open',
  'GET /favicon.ico',
  'GET /sign-in',
  'PUT /sign-in',
  'OPTIONS /sign-in',
  'POST /',
  'POST /sign-in/',
  'POST /sign-in?x=1',
  'POST //sign-in',
  'POST http://evil.example/sign-in',
  'POST /__proto__',
  'POST /constructor',
  'GET /../../etc/passwd',
])('[L3] %s is 404 without a body', async (line) => {
  const { host, server } = await start();
  const request = rawRequest(line, {
    Host: host,
    Origin: `http://${host}`,
    'Content-Type': 'application/json',
  });
  expect(await sendRaw(server.port, request)).toMatchObject({ status: 404, body: '' });
});

test('[L4] only application/json is read, and a form only for the opening', async () => {
  const { open, post, server, load } = await start();
  const secret = await open();
  const types = ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data'];
  for (const type of [...types, 'application/json; charset=utf-8', undefined]) {
    const reply = await post('/sign-in', { ...attempt, secret }, { 'Content-Type': type });
    expect(reply).toMatchObject({ status: 415, body: '' });
  }
  const opening = server.newOpening('window').secret;
  expect((await load(opening, { 'Content-Type': 'application/json' })).status).toBe(415);
});

test('[L4] a body over 4 KB is refused by its announced length, before it is sent', async () => {
  const { host, server } = await start();
  const head = rawRequest('POST /sign-in', {
    Host: host,
    Origin: `http://${host}`,
    'Content-Type': 'application/json',
    'Content-Length': '4097',
  });
  expect(await sendRaw(server.port, head)).toMatchObject({ status: 413, body: '' });
});

test('[L4] a body without an announced length is cut off at 4 KB, although it never ends', async () => {
  const { host, server } = await start();
  const head = rawRequest('POST /sign-in', {
    Host: host,
    Origin: `http://${host}`,
    'Content-Type': 'application/json',
    'Content-Length': undefined,
    'Transfer-Encoding': 'chunked',
  });
  const chunk = `400\r\n${'x'.repeat(1024)}\r\n`;
  const reply = await sendRaw(server.port, `${head}${chunk.repeat(5)}`);
  expect(reply).toMatchObject({ status: 413, body: '' });
});

test('[L4] a body of just 4 KB is read', async () => {
  const { open, post } = await start();
  const body = { ...attempt, secret: await open() };
  const rest = 4096 - Buffer.byteLength(JSON.stringify(body));
  const reply = await post('/sign-in', { ...body, password: attempt.password + 'x'.repeat(rest) });
  expect(reply.status).toBe(200);
});

test('[L4] what is no JSON, or has not the form of a try, is refused', async () => {
  const held = heldTry();
  const { open, post } = await start(held.trySignIn);
  const secret = await open();
  const bodies = ['', '{', 'null', '[]', '1e999', JSON.stringify({ secret })];
  for (const wrong of bodies) expect((await post('/sign-in', wrong)).status).toBe(403);
  const noText = { ...attempt, secret, password: 7 };
  expect((await post('/sign-in', noText)).status).toBe(403);
  expect(held.attempts).toEqual([]);
});

test('[L4] what is no HTTP ends its connection and nothing else', async () => {
  const { server, open } = await start();
  for (const noise of ['\x16\x03\x01\x02\x00\x01\x00', 'hello\r\n\r\n', '\0'.repeat(2000)]) {
    expect((await sendRaw(server.port, noise)).status).toBe(0);
  }
  expect(await open()).not.toBe('');
});

test('[L5] a second try at the same time is refused, and the first one goes on', async () => {
  const held = heldTry();
  const { open, post } = await start(held.trySignIn);
  const secret = await open();
  const first = post('/sign-in', { ...attempt, secret });
  await held.begun;
  expect(await post('/sign-in', { ...attempt, secret })).toMatchObject({ status: 409, body: '' });
  held.outcome.resolve({ ok: true });
  expect(JSON.parse((await first).body)).toEqual({ kind: 'signed-in' });
  expect(held.attempts).toEqual([attempt]);
});

test('[L5] a try whose connection breaks off is aborted, and another one can follow', async () => {
  const held = heldTry();
  const tries = [held.trySignIn, refuse];
  const { open, host, server, post } = await start((given, signal) =>
    (tries.shift() ?? refuse)(given, signal),
  );
  const secret = await open();
  const socket = connect(server.port, '127.0.0.1');
  socket.write(
    rawRequest(
      'POST /sign-in',
      { Host: host, Origin: `http://${host}`, 'Content-Type': 'application/json' },
      JSON.stringify({ ...attempt, secret }),
    ),
  );
  await held.begun;
  socket.destroy();
  await held.stopped;
  expect((await post('/sign-in', { ...attempt, secret })).status).toBe(200);
});

test('[L5] the signal of a try that has been answered is not aborted afterwards', async () => {
  let signal: AbortSignal | undefined;
  const { open, post } = await start(async (_, given) => {
    signal = given;
    return { ok: true };
  });
  await post('/sign-in', { ...attempt, secret: await open() });
  expect(signal?.aborted).toBe(false);
});

test('[L5] the end of the dialog aborts the try under way', async () => {
  const held = heldTry();
  const { open, post, server } = await start(held.trySignIn);
  const answer = post('/sign-in', { ...attempt, secret: await open() });
  await held.begun;
  server.close('void');
  await held.stopped;
  await answer;
});

test('[L6] the page may use its own script and style and its own server, and nothing else', async () => {
  const { server, load } = await start();
  const { headers, body } = await load(server.newOpening('window').secret);
  const nonce = /<script nonce="([\w-]{43})">/.exec(body)?.[1];
  expect(headers['content-security-policy']).toBe(
    `default-src 'none'; script-src 'nonce-${nonce}'; style-src 'nonce-${nonce}'; connect-src 'self'; img-src data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`,
  );
  expect(headers).toMatchObject({
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
  });
  const addresses = [...body.matchAll(/\b(?:src|href|action)="([^"]*)"/g)].map(([, to]) => to);
  expect(addresses.map((to = '') => to.slice(0, 5))).toEqual(['data:']);
});

test('[L6] every answer says that it is not to be kept, refusals too', async () => {
  const { open, post, host, server } = await start();
  const secret = await open();
  const replies = [
    await post('/sign-in', { ...attempt, secret }),
    await post('/sign-in', { ...attempt, secret: 'x' }),
    await post('/leave', { secret }),
    await sendRaw(server.port, rawRequest('GET /', { Host: host })),
    await sendRaw(server.port, rawRequest('GET /', { Host: 'evil.example' })),
  ];
  for (const { headers } of replies) {
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
    });
  }
});

test('[L7] no answer repeats the password', async () => {
  const { open, post } = await start();
  const secret = await open();
  for (const body of [
    { ...attempt, secret },
    { ...attempt, secret: 'x' },
    { password: attempt.password },
  ]) {
    const reply = await post('/sign-in', body);
    expect(JSON.stringify(reply)).not.toContain(attempt.password);
  }
});

test('[L9] a failure is answered in the words of its code, with the wait', async () => {
  const { open, post } = await start(async () => ({
    ok: false,
    code: 'too_many_tries',
    sentence: 'x',
    waitMs: 7_000,
  }));
  const reply = await post('/sign-in', { ...attempt, secret: await open() });
  expect(JSON.parse(reply.body)).toEqual({
    kind: 'failed',
    problem: { title: 'Too many tries', text: 'The server asks for a pause.' },
    clearsPassword: false,
    waitMs: 7_000,
  });
});

test('signing in that worked ends the dialog as signed in', async () => {
  const { open, post, server } = await start(accept);
  await post('/sign-in', { ...attempt, secret: await open() });
  expect(await server.outcome).toBe('signed-in');
});

test('signed in with something to be read first, it ends once that was left', async () => {
  const { open, post, server } = await start(async () => ({ ok: true, hint: 'No organisation.' }));
  const secret = await open();
  const reply = await post('/sign-in', { ...attempt, secret });
  expect(JSON.parse(reply.body)).toEqual({ kind: 'told', sentence: 'No organisation.' });
  expect(server.standing).toBe('signed-in');
  expect((await post('/sign-in', { ...attempt, secret })).status).toBe(409);
  await post('/leave', { secret });
  expect(await server.outcome).toBe('signed-in');
});

test('[L10] leaving the page cancels', async () => {
  const { open, post, server } = await start();
  expect((await post('/leave', { secret: await open() })).status).toBe(204);
  expect(await server.outcome).toBe('cancelled');
});

test('[L10] a page that asks for no news for 3 s is gone, which cancels', async () => {
  const { open, host, server, clock } = await start();
  const secret = await open();
  const request = rawRequest(
    'POST /wait',
    { Host: host, Origin: `http://${host}`, 'Content-Type': 'application/json' },
    JSON.stringify({ secret }),
  );
  const socket = connect(server.port, '127.0.0.1');
  socket.write(request);
  while (clock.pending === 0) await sendRaw(server.port, rawRequest('GET /', { Host: host }));
  socket.destroy();
  // The wait's own timer goes and the one of the page that is gone comes: time moves until it has.
  let outcome: string | undefined;
  void server.outcome.then((value) => {
    outcome = value;
  });
  while (outcome === undefined) {
    await sendRaw(server.port, rawRequest('GET /', { Host: host }));
    await clock.advance(3_000);
  }
  expect(outcome).toBe('cancelled');
});

test('a page that waits for news is asked to ask again before its browser gives up', async () => {
  const { open, post, clock, host, server } = await start();
  const waiting = post('/wait', { secret: await open() });
  while (clock.pending === 0) await sendRaw(server.port, rawRequest('GET /', { Host: host }));
  await clock.advance(120_000);
  expect(JSON.parse((await waiting).body)).toEqual({});
});

test('[L12] a page that waits is told the end', async () => {
  const { open, post, server, clock, host } = await start();
  const secret = await open();
  const first = post('/wait', { secret });
  while (clock.pending === 0) await sendRaw(server.port, rawRequest('GET /', { Host: host }));
  const second = post('/wait', { secret });
  // Answered because the second one has taken its place.
  expect(JSON.parse((await first).body)).toEqual({});
  server.close('void');
  expect(JSON.parse((await second).body)).toEqual({ end: 'void' });
});

test('[L2] [L4] noise in every part of a request opens nothing and ends nothing', async () => {
  const held = heldTry();
  const { server, host, open } = await start(held.trySignIn);
  await open();
  const noise = fc.string({ maxLength: 40 }).map((text) => text.replace(/[\r\n]/g, ''));
  const spoilt = (right: string) => fc.oneof(fc.constant(right), noise);
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        line: spoilt('POST /sign-in'),
        Host: spoilt(host),
        Origin: spoilt(`http://${host}`),
        'Content-Type': spoilt('application/json'),
        length: fc.option(noise),
        body: fc.oneof(
          noise,
          fc.json().map((json) => json.slice(0, 6_000)),
          fc
            .record({ secret: noise, email: noise, password: noise, server: noise })
            .map((given) => JSON.stringify(given)),
        ),
      }),
      async ({ line, length, body, ...headers }) => {
        const more = length === null ? {} : { 'Content-Length': length };
        // A request that seems to go on would be waited for: it ends with its connection.
        const text = rawRequest(line, { ...headers, ...more }, body);
        const { status } = await sendRaw(server.port, text, 'end');
        expect([0, 400, 403, 404, 413, 415]).toContain(status);
      },
    ),
    { numRuns: 300 },
  );
  expect(held.attempts).toEqual([]);
  expect(server.standing).toBe('cancelled');
});
