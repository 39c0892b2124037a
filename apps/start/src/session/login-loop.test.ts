import { faultTable, makeFault, type SignInOutcome, type State } from '@telex/client';
import { expect, test } from 'vitest';
import { createFakeLoginDialog } from '../desktop/test/fake-login-dialog.ts';
import type { KnownLogin } from './known-login.ts';
import { createLoginLoop } from './login-loop.ts';

const attempt = { server: 'https://telex.example', email: 'ann@example.org', password: 'hunter2' };

function start(known: KnownLogin = { server: attempt.server, email: undefined }) {
  const dialog = createFakeLoginDialog();
  const said: string[] = [];
  const signedIn: KnownLogin[] = [];
  const tried: string[] = [];
  let next: SignInOutcome = { ok: true, user: { id: 'u' } };
  let state: State = { kind: 'signed-out', reason: 'never' };
  const loop = createLoginLoop({
    dialog,
    known,
    session: {
      get state() {
        return state;
      },
      prepare: () => {},
      async signIn({ email }, { origin }) {
        tried.push(`${email} at ${origin}`);
        // As the session does it: the state changes before the outcome is there.
        if (next.ok) loop.signedIn();
        else loop.signedOut('failed', next.fault.sentence);
        return next;
      },
    },
    say: (sentence) => said.push(sentence),
    onSignedIn: (login) => signedIn.push(login),
    onQuit: () => said.push('quit'),
  });
  return {
    ...{ dialog, said, signedIn, tried, loop },
    answer(outcome: SignInOutcome) {
      next = outcome;
    },
    become(now: State) {
      state = now;
    },
  };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

test('nobody signed in yet: the dialog opens without a reason', () => {
  const { dialog, loop } = start();
  loop.signedOut('never', 'Nobody is signed in.');
  expect(dialog.opened).toEqual([{ server: attempt.server, email: undefined, reason: undefined }]);
});

test('a session that ended opens it with the reason and the e-mail address of before', async () => {
  const { dialog, loop } = start();
  loop.signedOut('never', '');
  await dialog.submit(attempt);
  await settle();
  loop.signedOut('expired', 'Your session has expired. Sign in again.');
  expect(dialog.opened.at(-1)).toEqual({
    server: attempt.server,
    email: attempt.email,
    reason: 'Your session has expired. Sign in again.',
  });
});

test('a wrong password is told in the dialog, which stays and opens no second one', async () => {
  const { dialog, loop, answer, signedIn } = start();
  answer({ ok: false, fault: makeFault('too_many_tries', { waitMs: 30_000 }) });
  loop.signedOut('never', '');
  expect(await dialog.submit(attempt)).toMatchObject({
    ok: false,
    code: 'too_many_tries',
    waitMs: 30_000,
  });
  expect(dialog.opened).toHaveLength(1);
  expect(dialog.isOpen).toBe(true);
  answer({ ok: true, user: { id: 'u' } });
  expect(await dialog.submit(attempt)).toEqual({ ok: true });
  await settle();
  expect(signedIn).toEqual([{ server: attempt.server, email: attempt.email }]);
});

test('signed in without an organisation, the dialog says so and stays until it was read', async () => {
  const { dialog, loop, become, signedIn } = start();
  become({ kind: 'live', user: { id: 'u' }, organisations: [] });
  loop.signedOut('never', '');
  const outcome = await dialog.submit(attempt);
  expect(outcome).toEqual({ ok: true, hint: faultTable.no_organisation.sentence });
  // What the state says meanwhile does not take it away.
  loop.signedIn();
  expect(dialog.isOpen).toBe(true);
  dialog.acknowledge();
  await settle();
  expect(dialog.isOpen).toBe(false);
  expect(signedIn).toEqual([{ server: attempt.server, email: attempt.email }]);
});

test('an address that is none is refused without asking any server', async () => {
  const { dialog, loop, tried } = start({ server: undefined, email: undefined });
  loop.signedOut('never', '');
  const outcome = await dialog.submit({ ...attempt, server: 'telex.example' });
  expect(outcome).toMatchObject({ ok: false, code: 'no_server' });
  expect(tried).toEqual([]);
});

test('cancelling only cancels; asking for it brings it back', async () => {
  const { dialog, loop, said } = start();
  loop.signedOut('never', '');
  dialog.cancel();
  await settle();
  expect(dialog.isOpen).toBe(false);
  expect(said.join()).not.toContain('quit');
  loop.raise();
  expect(dialog.isOpen).toBe(true);
});

test('cancelled while somebody is signed in, it opens by itself when that session ends', async () => {
  const { dialog, loop } = start();
  loop.raise();
  dialog.cancel();
  await settle();
  loop.signedOut('ended', 'Your session was ended from another place. Sign in again.');
  expect(dialog.isOpen).toBe(true);
  expect(dialog.opened.at(-1)?.reason).toContain('ended from another place');
});

test('a wanted sign-out opens nothing', () => {
  const { dialog, loop } = start();
  loop.signedOut('signed-out', 'You are signed out.');
  expect(dialog.opened).toEqual([]);
});

test('a sign-in by a command takes the dialog away', async () => {
  const { dialog, loop } = start();
  loop.signedOut('never', '');
  loop.signedIn();
  await settle();
  expect(dialog.isOpen).toBe(false);
});

test('a sign-in by a command that fails opens no second dialog', async () => {
  const { dialog, loop } = start();
  loop.signedOut('never', '');
  dialog.cancel();
  await settle();
  loop.signedOut('failed', 'The e-mail address or the password is wrong.');
  expect(dialog.opened).toHaveLength(1);
});

test('where no dialog can be shown it says so, and which command signs in', async () => {
  const { dialog, loop, said } = start();
  dialog.breakDown();
  loop.signedOut('never', '');
  await settle();
  expect(said).toEqual(['No browser was found. Sign in with: telex-start login']);
});
