import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ServerRig, serverRig } from '../testing/server-rig.ts';

let rig: ServerRig;
beforeEach(async () => {
  rig = await serverRig();
});
afterEach(() => rig.close());

const ada = { email: 'ada@example.com', password: 'correct horse' };

describe('registering', () => {
  it('makes an account that can log in, with the e-mail in any case', async () => {
    const made = await rig.call('register', { body: { ...ada, email: 'Ada@Example.com' } });
    expect([made.status, made.json.status, made.json.status_code]).toEqual([201, 'success', 201]);
    const login = await rig.call('login', { body: { ...ada, email: ' ADA@example.com' } });
    expect(login.json.data.user).toMatchObject({ email: 'ada@example.com', username: 'ada' });
  });

  it('refuses an e-mail and a username that are taken', async () => {
    await rig.call('register', { body: { ...ada, username: 'ada' } });
    const again = await rig.call('register', { body: { ...ada, email: 'ADA@example.com' } });
    expect([again.status, again.json.code]).toEqual([422, 'email_taken']);
    const body = { ...ada, email: 'other@example.com', username: 'ADA' };
    const name = await rig.call('register', { body });
    expect([name.status, name.json.code]).toEqual([422, 'username_taken']);
  });

  it('finds another name where nobody asked for this one', async () => {
    await rig.call('register', { body: ada });
    const other = await rig.call('register', { body: { ...ada, email: 'ada@other.example' } });
    expect(other.status).toBe(201);
  });

  it.each([
    ['short', 'seven77'],
    ['of one character', 'aaaaaaaaaaaa'],
    ['the name', 'ada-lovelace'],
    ['the e-mail address', 'ada@example.com'],
  ])('refuses a password that is %s, with the reason', async (_what, password) => {
    const body = { email: 'ada@example.com', username: 'ada-lovelace', password };
    const reply = await rig.call('register', { body });
    expect([reply.status, reply.json.code]).toEqual([422, 'weak_password']);
    expect(reply.json.message).toMatch(/^The password /);
    expect(reply.text).not.toContain(`"${password}"`);
  });

  it('can be switched off', async () => {
    const closed = await serverRig(['--registration', 'off']);
    try {
      const reply = await closed.call('register', { body: ada });
      expect([reply.status, reply.json.code]).toEqual([403, 'registration_off']);
    } finally {
      await closed.close();
    }
  });
});

describe('logging in', () => {
  it('gives the user, all tokens and their lives', async () => {
    await rig.call('register', { body: ada });
    const { status, json } = await rig.call('login', { body: ada });
    expect(status).toBe(200);
    expect(json.message).toBe('Login successful');
    expect(json.data.expires_in).toBe(900);
    expect(json.data.refresh_expires_in).toBe(604_800);
    for (const key of ['access_token', 'notification_token', 'refresh_token', 'session_id']) {
      expect(json.data[key]).toEqual(expect.any(String));
    }
  });

  it('answers an unknown e-mail as a wrong password, after the same work', async () => {
    await rig.call('register', { body: ada });
    await rig.call('login', { body: ada });
    const work = async (body: typeof ada) => {
      const before = rig.hasher.calls;
      const { status, json } = await rig.call('login', { body });
      return { status, json: { ...json, request_id: '' }, hashes: rig.hasher.calls - before };
    };
    const wrong = await work({ ...ada, password: 'wrong horse' });
    const unknown = await work({ ...ada, email: 'nobody@example.com' });
    expect(wrong).toMatchObject({ status: 401, json: { code: 'wrong_credentials' }, hashes: 1 });
    expect(unknown).toEqual(wrong);
  });

  it('makes those wait who guess, and nobody who has logged in from there before', async () => {
    await rig.call('register', { body: ada });
    await rig.call('login', { body: ada, ip: '192.0.2.1' });
    const guess = () =>
      rig.call('login', { body: { ...ada, password: 'guess' }, ip: '198.51.100.9' });
    for (let tries = 0; tries < 5; tries += 1) expect((await guess()).status).toBe(401);
    const held = await guess();
    expect([held.status, held.json.code]).toEqual([429, 'too_many_requests']);
    expect(Number(held.headers['retry-after'])).toBeGreaterThanOrEqual(1);
    expect((await rig.call('login', { body: ada, ip: '198.51.100.10' })).status).toBe(429);
    expect((await rig.call('login', { body: ada, ip: '192.0.2.1' })).status).toBe(200);
    rig.passMs(2000);
    expect((await guess()).status).toBe(401);
  });

  it('leaves no password and no token in the log', async () => {
    await rig.call('register', { body: ada });
    const person = await rig.logIn(ada.email, ada.password);
    await rig.call('login', { body: { ...ada, password: 'wrong horse' } });
    await rig.call('refresh', { body: { refresh_token: person.refreshToken } });
    const log = rig.logged.join('\n');
    expect(log).toContain('logged in');
    for (const secret of [ada.password, 'wrong horse', person.token, person.refreshToken]) {
      expect(log).not.toContain(secret);
    }
  });
});

describe('a refresh token', () => {
  const refresh = (refreshToken: string) =>
    rig.call('refresh', { body: { refresh_token: refreshToken } });

  it('is exchanged for new tokens once, and its repeat within 60 s gives the same successor', async () => {
    const person = await rig.person('ada');
    const first = await refresh(person.refreshToken);
    const repeat = await refresh(person.refreshToken);
    expect(first.status).toBe(200);
    expect(first.json.data.refresh_token).not.toBe(person.refreshToken);
    expect(repeat.json.data.refresh_token).toBe(first.json.data.refresh_token);
    const token = repeat.json.data.access_token;
    expect((await rig.call('profile', { token })).status).toBe(200);
  });

  it.each([
    ['after 60 s', async () => rig.passMs(61_000)],
    ['once its successor has been used', async (successor: string) => refresh(successor)],
  ])('is a replay %s, which ends the session and all its tokens', async (_when, happens) => {
    const person = await rig.person('ada');
    const successor = (await refresh(person.refreshToken)).json.data.refresh_token;
    await happens(successor);
    const replay = await refresh(person.refreshToken);
    expect([replay.status, replay.json.code]).toEqual([401, 'refresh_invalid']);
    expect((await rig.call('profile', { token: person.token })).json.code).toBe('session_ended');
    expect((await refresh(successor)).status).toBe(401);
    expect(rig.logged.join('\n')).toContain('refresh_replayed');
  });

  it('that is invented ends nothing, although it names a session', async () => {
    const person = await rig.person('ada');
    const [, ...rest] = person.refreshToken.split('.');
    const inventions = [
      'x',
      `${person.sessionId}.${'A'.repeat(43)}.${'A'.repeat(43)}`,
      `${person.sessionId.replace(/^./, 'f')}.${rest.join('.')}`,
      `${person.refreshToken}A`,
    ];
    for (const invention of inventions) {
      expect((await refresh(invention)).json.code).toBe('refresh_invalid');
    }
    expect((await refresh(person.refreshToken)).status).toBe(200);
  });

  it('slides the session by 7 days, and ends with it', async () => {
    const person = await rig.person('ada');
    rig.passMs(6 * 86_400_000);
    const next = (await refresh(person.refreshToken)).json.data.refresh_token;
    rig.passMs(6 * 86_400_000);
    const last = (await refresh(next)).json.data.refresh_token;
    rig.passMs(7 * 86_400_000 + 1000);
    expect((await refresh(last)).json.code).toBe('refresh_invalid');
  });

  it('survives a restart of the server', async () => {
    const person = await rig.person('ada');
    await rig.restart();
    expect((await refresh(person.refreshToken)).status).toBe(200);
  });
});

describe('an access token', () => {
  it('ends after 15 minutes', async () => {
    const { token } = await rig.person('ada');
    rig.passMs(899_000);
    expect((await rig.call('profile', { token })).status).toBe(200);
    rig.passMs(2000);
    expect((await rig.call('profile', { token })).json.code).toBe('token_expired');
  });

  it('never outlives its session', async () => {
    const short = await serverRig(['--session-seconds', '60']);
    try {
      const { token } = await short.person('ada');
      expect((await short.call('profile', { token })).status).toBe(200);
      short.passMs(61_000);
      expect((await short.call('profile', { token })).json.code).toBe('token_expired');
    } finally {
      await short.close();
    }
  });

  it('is refused with a changed claim, another algorithm or none', async () => {
    const { token } = await rig.person('ada');
    const [head = '', body = '', signature = ''] = token.split('.');
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString());
    const forged = [
      `${head}.${encode({ ...claims, sub: 'someone-else' })}.${signature}`,
      `${encode({ alg: 'none' })}.${body}.`,
      `${encode({ alg: 'HS512', typ: 'JWT' })}.${body}.${signature}`,
      `${head}.${body}`,
      'a.b.c',
    ];
    for (const text of forged) {
      expect((await rig.call('profile', { token: text })).json.code).toBe('token_invalid');
    }
  });
});

describe('ending sessions', () => {
  it('by logout refuses the tokens at once, also after a restart', async () => {
    const person = await rig.person('ada');
    expect((await rig.call('logout', { token: person.token })).status).toBe(200);
    expect((await rig.call('profile', { token: person.token })).json.code).toBe('session_ended');
    const push = { notificationToken: person.notificationToken };
    expect((await rig.call('connectionToken', push)).json.code).toBe('session_ended');
    await rig.restart();
    expect((await rig.call('profile', { token: person.token })).json.code).toBe('session_ended');
  });

  it('by a changed password ends all the others and keeps this one', async () => {
    const here = await rig.person('ada');
    const there = await rig.logIn(here.email, here.password);
    const body = { old_password: here.password, new_password: 'better battery' };
    const changed = await rig.call('changePassword', { token: here.token, body });
    expect(changed.status).toBe(200);
    expect((await rig.call('profile', { token: here.token })).status).toBe(200);
    expect((await rig.call('profile', { token: there.token })).json.code).toBe('session_ended');
    const old = await rig.call('login', { body: { email: here.email, password: here.password } });
    expect(old.status).toBe(401);
    expect((await rig.logIn(here.email, 'better battery')).id).toBe(here.id);
  });

  it.each([
    [{ old_password: 'wrong', new_password: 'better battery' }, 401, 'wrong_password'],
    [{ old_password: 'correct horse of ada', new_password: 'short' }, 422, 'weak_password'],
    [
      { old_password: 'correct horse of ada', new_password: 'correct horse of ada' },
      422,
      'weak_password',
    ],
  ])('refuses a change of password to %j', async (body, status, code) => {
    const { token } = await rig.person('ada');
    const reply = await rig.call('changePassword', { token, body });
    expect([reply.status, reply.json.code]).toEqual([status, code]);
  });

  it('lists my sessions and ends one of them, never one of somebody else', async () => {
    const here = await rig.person('ada');
    const there = await rig.logIn(here.email, here.password);
    const stranger = await rig.person('eve');
    const { json } = await rig.call('sessions', { token: here.token });
    expect(json.data).toHaveLength(2);
    expect(json.data.find((one: { current: boolean }) => one.current).session_id).toBe(
      here.sessionId,
    );
    const body = { session_id: there.sessionId };
    expect((await rig.call('revokeSession', { token: stranger.token, body })).status).toBe(404);
    expect((await rig.call('revokeSession', { token: here.token, body })).status).toBe(200);
    expect((await rig.call('profile', { token: there.token })).json.code).toBe('session_ended');
    expect((await rig.call('revokeSession', { token: here.token, body })).status).toBe(404);
  });
});

it('the profile says who I am, with the status under both spellings', async () => {
  const person = await rig.person('ada');
  const { json } = await rig.call('profile', { token: person.token });
  expect(json).toMatchObject({ status_code: 200, statusCode: 200 });
  expect(json.data).toMatchObject({
    userId: person.id,
    email: 'ada@example.com',
    username: 'ada',
    full_name: 'ada',
    deleted_at: null,
  });
});
