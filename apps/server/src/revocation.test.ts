import { once } from 'node:events';
import { PUSH_PATH } from '@telex/contract';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { sessionEnds } from '../test/session-ends.ts';
import { type Person, type ServerRig, serverRig } from './testing/server-rig.ts';

const WITHIN_MS = 1000;

let rig: ServerRig;
let ada: Person;
let grace: Person;
let org = '';
let general = '';
const sockets: WebSocket[] = [];

beforeEach(async () => {
  rig = await serverRig();
  ada = await rig.person('ada');
  grace = await rig.person('grace');
  ({ id: org, general } = await rig.organisation(ada, [grace]));
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.terminate();
  await rig.close();
});

interface Frame {
  readonly id?: number;
  readonly error?: { code: number };
  readonly subscribe?: object;
  readonly push?: { channel: string; pub?: { data: object }; unsubscribe?: { code: number } };
}

/** A client over a real socket, in Centrifugo's own words. */
async function connect(token: string) {
  const socket = new WebSocket(`${rig.server.url.replace('http', 'ws')}${PUSH_PATH}`);
  sockets.push(socket);
  const frames: Frame[] = [];
  const waiting: { fits: (frame: Frame) => boolean; found: (frame: Frame) => void }[] = [];
  socket.on('message', (data) => {
    for (const line of String(data).split('\n')) {
      const frame: Frame = JSON.parse(line);
      frames.push(frame);
      for (const one of waiting) if (one.fits(frame)) one.found(frame);
    }
  });
  const closed = new Promise<number>((resolve) => socket.once('close', resolve));
  await once(socket, 'open');
  const until = (fits: (frame: Frame) => boolean) => {
    const seen = frames.find(fits);
    if (seen !== undefined) return Promise.resolve(seen);
    return new Promise<Frame>((found) => waiting.push({ fits, found }));
  };
  const send = (command: { id: number; [name: string]: unknown }) => {
    socket.send(JSON.stringify(command));
    return until((frame) => frame.id === command.id);
  };
  const reply = await send({ id: 1, connect: { token } });
  return { reply, closed, until, send, frames };
}

async function subscriptionToken(person: Person): Promise<string> {
  const body = { channel: `${org}/${person.id}` };
  return (await rig.call('subscriptionToken', { token: person.token, body })).json.data.token;
}

/** Connected with the notification token and subscribed by command, as our client does. */
async function live(person: Person) {
  const client = await connect(person.notificationToken);
  const channel = `${org}/${person.id}`;
  const token = await subscriptionToken(person);
  const reply = await client.send({ id: 2, subscribe: { channel, token } });
  expect(reply.error).toBeUndefined();
  return client;
}

async function timed<T>(what: Promise<T>): Promise<{ value: T; ms: number }> {
  const startMs = performance.now();
  return { value: await what, ms: performance.now() - startMs };
}

describe('a live socket', () => {
  it('gets what is posted', async () => {
    const client = await live(grace);
    const params = { channel_id: general };
    await rig.call('postMessage', { params, token: ada.token, body: { content: 'hello' } });
    const { push } = await client.until((frame) => frame.push?.pub !== undefined);
    expect(push?.channel).toBe(`${org}/${grace.id}`);
    expect(JSON.stringify(push?.pub)).toContain('hello');
  });

  it.each(sessionEnds)(
    'ends within a second after %s, for good, and the others stay',
    async (_what, act) => {
      const client = await live(grace);
      const other = await live(ada);
      await act(rig, grace);
      const { value: code, ms } = await timed(client.closed);
      expect(code).toBe(3503);
      expect(ms).toBeLessThan(WITHIN_MS);
      const again = new WebSocket(`${rig.server.url.replace('http', 'ws')}${PUSH_PATH}`);
      sockets.push(again);
      await once(again, 'open');
      again.send(JSON.stringify({ id: 1, connect: { token: grace.notificationToken } }));
      expect((await once(again, 'close'))[0]).toBe(3500);
      const params = { channel_id: general };
      const me = await rig.logIn(grace.email, grace.password).catch(() => undefined);
      const by = me ?? (await rig.logIn(grace.email, 'better battery'));
      await rig.call('postMessage', { params, token: by.token, body: { content: 'still here' } });
      await other.until((frame) => JSON.stringify(frame).includes('still here'));
    },
  );

  it.each([
    ['removal from the organisation', undefined],
    ['deactivation', { status: 'deactivated' }],
  ])(
    'loses its subscription within a second after %s and gets nothing more',
    async (_what, body) => {
      const client = await live(grace);
      const eve = await rig.person('eve');
      const add = { params: { org_id: org }, token: ada.token, body: { user_id: eve.id } };
      await rig.call('addMember', add);
      const witness = await live(eve);
      const params = { org_id: org, user_id: grace.id };
      const token = await subscriptionToken(grace);
      const act = () =>
        body === undefined
          ? rig.call('removeMember', { params, token: ada.token })
          : rig.call('updateMember', { params, token: ada.token, body });
      expect((await act()).status).toBe(200);
      const ended = client.until((frame) => frame.push?.unsubscribe !== undefined);
      const { value, ms } = await timed(ended);
      expect(value.push?.unsubscribe?.code).toBe(2000);
      expect(ms).toBeLessThan(WITHIN_MS);
      // A token from before opens nothing any more, although it has not expired.
      const channel = `${org}/${grace.id}`;
      const again = await client.send({ id: 3, subscribe: { channel, token } });
      expect(again.error?.code).toBe(103);
      const post = { params: { channel_id: general }, token: ada.token };
      await rig.call('postMessage', { ...post, body: { content: 'not for you' } });
      await witness.until((frame) => JSON.stringify(frame).includes('not for you'));
      await client.send({ id: 4, rpc: { method: 'fence' } });
      expect(JSON.stringify(client.frames)).not.toContain('not for you');
    },
  );
});

describe('the door of the hub', () => {
  it('takes notification and connection tokens, the latter with its channels', async () => {
    const { json } = await rig.call('connectionToken', { token: grace.token });
    const client = await connect(json.data.token);
    const { connect: granted } = client.reply as { connect: { subs: object } };
    expect(Object.keys(granted.subs)).toEqual([`${org}/${grace.id}`]);
  });

  it.each([
    ['an access token', async () => grace.token],
    ['a subscription token', async () => subscriptionToken(grace)],
    ['a refresh token', async () => grace.refreshToken],
  ])('refuses %s', async (_what, token) => {
    const socket = new WebSocket(`${rig.server.url.replace('http', 'ws')}${PUSH_PATH}`);
    sockets.push(socket);
    await once(socket, 'open');
    socket.send(JSON.stringify({ id: 1, connect: { token: await token() } }));
    expect((await once(socket, 'close'))[0]).toBe(3500);
  });

  it("refuses another person's subscription token", async () => {
    const client = await connect(grace.notificationToken);
    const channel = `${org}/${ada.id}`;
    const token = await subscriptionToken(ada);
    const asked = client.send({ id: 2, subscribe: { channel, token } });
    const end = await Promise.race([asked.then(({ error }) => error?.code), client.closed]);
    expect([103, 3500]).toContain(end);
  });

  it('leaves out the channels of organisations that were left since the token was made', async () => {
    const { json } = await rig.call('connectionToken', { token: grace.token });
    const params = { org_id: org, user_id: grace.id };
    await rig.call('removeMember', { params, token: ada.token });
    const client = await connect(json.data.token);
    const { connect: granted } = client.reply as { connect: { subs?: object } };
    expect(Object.keys(granted.subs ?? {})).toEqual([]);
  });

  it('is closed to pages of other origins', async () => {
    const open = (origin: string) =>
      new WebSocket(`${rig.server.url.replace('http', 'ws')}${PUSH_PATH}`, { origin });
    const foreign = open('https://evil.example');
    sockets.push(foreign);
    expect(String((await once(foreign, 'error'))[0])).toContain('403');
    const own = open(rig.server.url);
    sockets.push(own);
    await once(own, 'open');
  });
});

it('closing tells every socket to come back, and waits for none that says nothing', async () => {
  const client = await live(grace);
  const silent = new WebSocket(`${rig.server.url.replace('http', 'ws')}${PUSH_PATH}`);
  sockets.push(silent);
  await once(silent, 'open');
  silent.pause();
  const { ms } = await timed(rig.server.close());
  expect(await client.closed).toBe(3001);
  expect(ms).toBeLessThan(5000);
});
