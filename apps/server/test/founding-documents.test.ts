import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PUSH_PATH, pushChannel } from '@telex/contract';
import { type ApiCaller, createApiCaller, launchServer, type ServerProcess } from '@telex/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';

// The flow of the founding documents, step by step, as a client knows it that was written from them
// alone: no SDK, no route of ours, one connect frame, each WebSocket message parsed as one JSON value.

const MESSAGES = 20;

let dataDir = '';
let server: ServerProcess;
let api: ApiCaller;

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'telex-founding-'));
  server = await launchServer({ dataDir, demo: true });
  api = createApiCaller(server.ready.url, server.ready.ca_file);
});
afterAll(async () => {
  api.close();
  await server.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

function demo() {
  const { demo } = server.ready;
  if (demo === undefined) throw new Error('the server seeded no demo organisation');
  return demo;
}

async function logIn(account: 0 | 1) {
  const { email, password } = demo().accounts[account];
  return api.call('login', { body: { email, password } });
}

/** Steps 2 to 4: organisations, then a subscription token for the channel of each. */
async function subscriptionTokens(userId: string, access: string, notification: string) {
  const organisations = await api.call('myOrganisations', { token: access });
  const headers = { 'x-notification-token': notification };
  const entries = organisations.map(async ({ id }) => {
    const channel = pushChannel(id, userId);
    const { token } = await api.call('subscriptionToken', { body: { channel }, headers });
    return [channel, { token }] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

/** Opens `wss://` and collects every WebSocket message until closed. */
async function openSocket() {
  const { url, ca_file: caFile } = server.ready;
  const socket = new WebSocket(`${url.replace('https:', 'wss:')}${PUSH_PATH}`, {
    ca: caFile === null ? undefined : readFileSync(caFile),
  });
  const frames: string[] = [];
  let look = () => {};
  socket.on('message', (data) => {
    frames.push(String(data));
    look();
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve).once('error', reject);
  });
  const until = (count: number) =>
    new Promise<void>((resolve) => {
      look = () => {
        if (frames.length >= count) resolve();
      };
      look();
    });
  return { socket, frames, until };
}

interface Frame {
  readonly id?: number;
  readonly connect?: { readonly subs?: Readonly<Record<string, unknown>> };
  readonly push?: {
    readonly channel: string;
    readonly pub?: {
      readonly data: { notification_type: string; data: Record<string, unknown> };
    };
    readonly unsubscribe?: { readonly code: number; readonly reason: string };
  };
}

test('one connect with the notification token and all subscription tokens brings every push, each in a frame of its own', async () => {
  const reader = await logIn(0);
  const author = await logIn(1);
  const { access_token: access, notification_token: notification = '' } = reader;
  const subs = await subscriptionTokens(reader.user.id, access, notification);
  const [channel = ''] = Object.keys(subs);
  const { socket, frames, until } = await openSocket();
  socket.send(JSON.stringify({ connect: { subs, token: notification }, id: 1 }));
  await until(1);
  const answer = JSON.parse(frames[0] ?? '') as Frame;
  expect(answer.id).toBe(1);
  expect(Object.keys(answer.connect?.subs ?? {})).toEqual(Object.keys(subs));

  // At once, so that the server has several to send in one turn.
  await Promise.all(
    Array.from({ length: MESSAGES }, (_, number) =>
      api.call('postMessage', {
        params: { channel_id: demo().channel.id },
        token: author.access_token,
        body: { content: `message ${number}` },
      }),
    ),
  );
  await until(1 + MESSAGES);
  const pushes = frames.slice(1).map((frame) => (JSON.parse(frame) as Frame).push);
  expect(pushes.map((push) => push?.channel)).toEqual(Array(MESSAGES).fill(channel));
  const data = pushes.map((push) => push?.pub?.data);
  expect(new Set(data.map((one) => one?.notification_type))).toEqual(
    new Set(['unread_thread_change']),
  );
  expect(data.every((one) => typeof one?.data.name === 'string')).toBe(true);
  const seqs = data.map((one) => Number(one?.data.seq));
  expect(seqs).toEqual(seqs.toSorted((one, other) => one - other));
  expect(new Set(seqs).size).toBe(MESSAGES);
  socket.close();
});

test('a bad subscription token is left out and reported for that channel alone', async () => {
  const reader = await logIn(0);
  const { access_token: access, notification_token: notification = '' } = reader;
  const subs = await subscriptionTokens(reader.user.id, access, notification);
  const good = Object.keys(subs);
  const foreign = pushChannel('another-organisation', reader.user.id);
  const { socket, frames, until } = await openSocket();
  const asked = { ...subs, [foreign]: { token: 'not.a.token' } };
  socket.send(JSON.stringify({ connect: { subs: asked, token: notification }, id: 1 }));
  await until(2);
  const [answer, report] = frames.map((frame) => JSON.parse(frame) as Frame);
  expect(Object.keys(answer?.connect?.subs ?? {})).toEqual(good);
  expect(report?.push).toEqual({
    channel: foreign,
    unsubscribe: { code: 2000, reason: expect.stringMatching(/\w+/) },
  });
  socket.close();
});

test('the tokens of the documented twin routes open the same connection', async () => {
  const reader = await logIn(0);
  const { token } = await api.call('connectionTokenTwin', { token: reader.access_token });
  const { socket, frames, until } = await openSocket();
  socket.send(JSON.stringify({ connect: { token }, id: 7 }));
  await until(1);
  const answer = JSON.parse(frames[0] ?? '') as Frame;
  // A connection token carries the user's channels, for clients behind stock Centrifugo.
  expect(Object.keys(answer.connect?.subs ?? {})).toEqual([
    pushChannel(demo().organisation.id, reader.user.id),
  ]);
  socket.close();
});
