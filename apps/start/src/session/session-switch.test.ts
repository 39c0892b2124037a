import { createSession } from '@telex/client';
import { createNodePorts } from '@telex/client/node';
import { type FakeTelex, startFakeTelex } from '@telex/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createSessionSwitch, type SessionSwitch } from './session-switch.ts';

const ann = { email: 'ann@example.org', password: 'hunter2' };
const bob = { email: 'bob@example.org', password: 'hunter3' };

let telex: FakeTelex;
let session: SessionSwitch;
let states: string[];
beforeEach(async () => {
  telex = await startFakeTelex();
  const ports = createNodePorts();
  session = createSessionSwitch(undefined, ({ origin }) =>
    createSession({ apiUrl: origin, allowLoopbackHttp: true, ports }),
  );
  states = [];
  session.listen((event) => {
    if (event.kind === 'state') states.push(event.state.kind);
  });
});
afterEach(async () => {
  await session.close();
  await telex.close();
});

const address = () => ({ origin: telex.url, isLoopbackHttp: true });

test('before any server is known nobody is signed in, and calls say so', async () => {
  expect(session.state).toEqual({ kind: 'signed-out', reason: 'never' });
  expect(session.server).toBeUndefined();
  expect(await session.call('unread')).toMatchObject({
    ok: false,
    fault: { code: 'not_signed_in' },
  });
});

test('the first sign-in tells every state as it comes', async () => {
  expect(await session.signIn(ann, address())).toMatchObject({ ok: true });
  expect(states).toEqual(expect.arrayContaining(['signing-in', 'live']));
  expect(session.server?.origin).toBe(telex.url);
});

test('a wrong password while somebody is signed in leaves that session as it is', async () => {
  await session.signIn(ann, address());
  states.length = 0;
  telex.answer('POST /auth/login', { status: 401, body: { code: 'wrong_credentials' } });
  expect(await session.signIn(bob, address())).toMatchObject({ ok: false });
  expect(session.state).toMatchObject({ kind: 'live', user: { email: ann.email } });
  expect(states).toEqual([]);
  // What was opened ahead for the trial is closed again.
  await telex.until(() => telex.openConnections === 1);
});

test('a sign-in that works takes the place of the old session, which is ended at the server', async () => {
  await session.signIn(ann, address());
  expect(await session.signIn(bob, address())).toMatchObject({ ok: true });
  expect(session.state).toMatchObject({ kind: 'live', user: { email: bob.email } });
  await telex.until(() => telex.requests.some(({ route }) => route === 'POST /auth/logout'));
  await telex.until(() => telex.openConnections === 1);
});

test('what the new session told while it was tried is told when it takes over', async () => {
  await session.signIn(ann, address());
  const emails: (string | undefined)[] = [];
  session.listen((event) => {
    if (event.kind === 'state' && 'user' in event.state) emails.push(event.state.user.email);
  });
  await session.signIn(bob, address());
  expect(new Set(emails)).toContain(bob.email);
});

test('a cancelled sign-in ends at once, and whoever was signed in stays so', async () => {
  await session.signIn(ann, address());
  telex.answer('POST /auth/login', { hang: true });
  const abort = new AbortController();
  const trial = session.signIn(bob, address(), abort.signal);
  abort.abort();
  expect(await trial).toMatchObject({ ok: false, fault: { code: 'cancelled' } });
  expect(session.state).toMatchObject({ kind: 'live', user: { email: ann.email } });
});

test('another server is signed in to beside the first', async () => {
  const other = await startFakeTelex();
  try {
    await session.signIn(ann, address());
    const there = { origin: other.url, isLoopbackHttp: true };
    expect(await session.signIn(bob, there)).toMatchObject({ ok: true });
    expect(session.server?.origin).toBe(other.url);
    await telex.until(() => telex.openConnections === 0);
  } finally {
    await session.close();
    await other.close();
  }
});
