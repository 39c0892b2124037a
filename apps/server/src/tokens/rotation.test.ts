import { once } from 'node:events';
import { unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PUSH_PATH } from '@telex/contract';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { createRefreshTokens } from '../auth/refresh-token.ts';
import { writeCentrifugoConfig } from '../push/centrifugo/config-command.ts';
import { type Person, type ServerRig, serverRig, settingsOf } from '../testing/server-rig.ts';
import { createJwts } from './jwt.ts';
import { KeyRing } from './key-ring.ts';
import { rotateKeysOf } from './rotate-command.ts';
import { loadSigningKeys } from './signing-keys.ts';

let rig: ServerRig;
let ada: Person;
let org: string;
beforeEach(async () => {
  rig = await serverRig();
  ada = await rig.person('ada');
  ({ id: org } = await rig.organisation(ada));
});
afterEach(() => rig.close());

function rotate(dropOld = false, nowMs = Date.now()): string {
  const settings = settingsOf(['--data', rig.dataDir]);
  return rotateKeysOf({ settings, dropOld, env: {}, nowMs });
}

const profile = async (token: string) => (await rig.call('profile', { token })).status;
const refresh = (refreshToken: string) =>
  rig.call('refresh', { body: { refresh_token: refreshToken } });
const pushToken = async (token: string): Promise<string> =>
  (await rig.call('connectionToken', { token })).json.data.token;

/** What the hub says to a connect and a subscribe in one frame: the replies, or the close code. */
async function atTheHub(token: string, subscription: string): Promise<unknown[]> {
  const socket = new WebSocket(`${rig.server.url.replace('http', 'ws')}${PUSH_PATH}`);
  const seen: unknown[] = [];
  const over = new Promise<void>((resolve) => {
    socket.on('message', (data) => {
      for (const line of String(data).split('\n')) seen.push(kindOf(JSON.parse(line)));
      if (seen.length >= 2) resolve();
    });
    socket.once('close', (code) => {
      seen.push(code);
      resolve();
    });
  });
  await once(socket, 'open');
  const channel = `${org}/${ada.id}`;
  const commands = [
    { id: 1, connect: { token } },
    { id: 2, subscribe: { channel, token: subscription } },
  ];
  socket.send(commands.map((command) => JSON.stringify(command)).join('\n'));
  await over;
  socket.terminate();
  return seen;
}

const kindOf = ({ id: _id, ...reply }: Record<string, unknown>) => Object.keys(reply)[0];

describe('new signing keys', () => {
  it('sign from then on, while everything signed before holds', async () => {
    const body = { channel: `${org}/${ada.id}` };
    const subscribe = async (token: string): Promise<string> =>
      (await rig.call('subscriptionToken', { token, body })).json.data.token;
    const before = await subscribe(ada.token);
    rotate();
    rig.server.reloadKeys();
    expect(await profile(ada.token)).toBe(200);
    expect(await atTheHub(ada.notificationToken, before)).toEqual(['connect', 'subscribe']);
    const renewed = await refresh(ada.refreshToken);
    expect(renewed.status).toBe(200);
    const { access_token, notification_token, refresh_token } = renewed.json.data;
    expect(await profile(access_token)).toBe(200);
    expect(await atTheHub(notification_token, await subscribe(access_token))).toEqual([
      'connect',
      'subscribe',
    ]);
    // Long after the old keys are gone, those made with the new ones still count.
    rig.passMs(6 * 86_400_000);
    expect((await refresh(refresh_token)).status).toBe(200);
  });

  it('count after a restart too, and the old ones until their end', async () => {
    rotate();
    await rig.restart();
    expect(await profile(ada.token)).toBe(200);
    expect((await refresh(ada.refreshToken)).status).toBe(200);
    const other = await rig.logIn(ada.email, ada.password);
    expect(await profile(other.token)).toBe(200);
  });

  it('give a repeated refresh the same token as before', async () => {
    const first = (await refresh(ada.refreshToken)).json.data.refresh_token;
    rotate();
    rig.server.reloadKeys();
    const repeat = (await refresh(ada.refreshToken)).json.data.refresh_token;
    expect(repeat).toBe(first);
    expect((await refresh(first)).status).toBe(200);
  });

  it('end what was signed with dropped keys at once, also what was checked before', async () => {
    expect(await profile(ada.token)).toBe(200);
    const push = await pushToken(ada.token);
    rotate(true);
    expect(await profile(ada.token)).toBe(200);
    rig.server.reloadKeys();
    expect(await profile(ada.token)).toBe(401);
    expect((await refresh(ada.refreshToken)).status).toBe(401);
    expect(await atTheHub(push, '')).toEqual([3500]);
    const again = await rig.logIn(ada.email, ada.password);
    expect(await profile(again.token)).toBe(200);
  });

  it('count for refreshing until a session that is not used is over', async () => {
    rotate(false, Date.now() - 7 * 86_400_000);
    rig.server.reloadKeys();
    expect((await refresh(ada.refreshToken)).status).toBe(200);
    const other = await rig.logIn(ada.email, ada.password);
    rotate(false);
    rig.server.reloadKeys();
    rig.passMs(7 * 86_400_000 + 3_600_000);
    expect((await refresh(other.refreshToken)).status).toBe(401);
  });

  it('are looked for by a server that was not told, when another one has signed with them', async () => {
    const first = loadSigningKeys(rig.dataDir);
    rotate();
    const told = new KeyRing(loadSigningKeys(rig.dataDir));
    const claims = { userId: ada.id, sessionId: ada.sessionId };
    const exp = Math.floor(Date.now() / 1000) + 600;
    const elsewhere = createJwts(told, Date.now).mint('access', claims, exp);
    expect(await profile(elsewhere)).toBe(200);
    expect(await profile(ada.token)).toBe(200);
    // It signs with its own until it is told: Centrifugo may not know the others yet.
    const before = new KeyRing(first);
    const own = (await rig.logIn(ada.email, ada.password)).token;
    expect(createJwts(before, Date.now).verify('access', own).ok).toBe(true);
    await writeFile(join(rig.dataDir, 'keys.json'), '{ ');
    expect(await profile(`${elsewhere}x`)).toBe(401);
    expect(await profile(`${elsewhere}y`)).toBe(401);
    expect(rig.logged.filter((line) => line.startsWith('error'))).toHaveLength(1);
    expect(await profile(elsewhere)).toBe(200);
  });

  it('are looked for when a refresh token was made with them elsewhere', async () => {
    rotate();
    const told = new KeyRing(loadSigningKeys(rig.dataDir));
    const other = createRefreshTokens(told, Date.now).first(ada.sessionId);
    // Of that session, although not its present token: a replay, which no invention would be.
    expect((await refresh(other)).status).toBe(401);
    expect(rig.logged.join('\n')).toContain('refresh_replayed');
  });

  it.each([
    ['damaged', (file: string) => writeFile(file, '{')],
    ['gone', (file: string) => unlink(file)],
  ])('that are %s leave those in use, and are told', async (_what, spoil) => {
    await spoil(join(rig.dataDir, 'keys.json'));
    rig.server.reloadKeys();
    expect(await profile(ada.token)).toBe(200);
    expect(rig.logged.join('\n')).toMatch(/error .*keys/);
  });

  it('are in Centrifugo’s configuration, with those before them until their end', () => {
    const settings = settingsOf(['--data', rig.dataDir]);
    const configOf = (nowMs: number) => {
      const context = { settings, given: { out: '-' }, env: {}, nowMs };
      return JSON.parse(writeCentrifugoConfig(context)).client;
    };
    const before = configOf(Date.now());
    expect(before.token.hmac_previous_secret_key).toBeUndefined();
    const nowMs = Date.now();
    rotate(false, nowMs);
    const after = configOf(nowMs);
    const endMs = nowMs + 900_000 + 3_600_000;
    for (const kind of ['token', 'subscription_token']) {
      expect(after[kind].hmac_secret_key).not.toBe(before[kind].hmac_secret_key);
      expect(after[kind].hmac_previous_secret_key).toBe(before[kind].hmac_secret_key);
      expect(after[kind].hmac_previous_secret_key_valid_until).toBe(Math.floor(endMs / 1000));
    }
    expect(configOf(endMs).token.hmac_previous_secret_key).toBeUndefined();
  });

  it('can’t be made twice while tokens of the first are about, nor where there are none', () => {
    expect(rotate()).toContain('SIGHUP');
    expect(() => rotate()).toThrow('Try again after');
    const settings = settingsOf(['--data', join(rig.dataDir, 'nowhere')]);
    const elsewhere = { settings, dropOld: false, env: {}, nowMs: Date.now() };
    expect(() => rotateKeysOf(elsewhere)).toThrow('There is no keys.json');
  });
});
