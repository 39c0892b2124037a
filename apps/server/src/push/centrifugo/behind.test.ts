import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PUSH_PATH } from '@telex/contract';
import { centrifugoCommand, engineCommand, hubCommand } from '@telex/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CentrifugoBeside, centrifugoBeside } from '../../../test/centrifugo-beside.ts';
import { sessionEnds } from '../../../test/session-ends.ts';
import { type Subscriber, subscriber } from '../../../test/subscriber.ts';
import { type Person, type ServerRig, serverRig } from '../../testing/server-rig.ts';

let beside: CentrifugoBeside;
let rig: ServerRig;
let ada: Person;
let grace: Person;
let eve: Person;
let org = '';
let general = '';
const clients: Subscriber[] = [];

const real = centrifugoCommand();
/** Programs of Centrifugo's protocol and configuration; Centrifugo itself wherever there is one. */
const programs = [
  { name: "Centrifugo's engine", command: engineCommand },
  { name: 'telex-hub', command: async () => hubCommand },
  ...(real === undefined ? [] : [{ name: 'Centrifugo', command: async () => real }]),
];

describe.each(programs)('behind the server: $name', ({ command }) => {
  beforeEach(async () => {
    beside = await centrifugoBeside(await command());
    rig = await serverRig([...beside.flags, '--data', beside.dataDir]);
    ada = await rig.person('ada');
    grace = await rig.person('grace');
    eve = await rig.person('eve');
    ({ id: org, general } = await rig.organisation(ada, [grace, eve]));
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.close();
    await rig.close();
    await beside.close();
  });

  const ownAddress = () => rig.server.url.replace('http', 'ws') + PUSH_PATH;

  async function connect(token: string, url = ownAddress()) {
    const client = await subscriber(url, token);
    clients.push(client);
    return client;
  }

  async function subscriptionToken(person: Person): Promise<string> {
    const body = { channel: `${org}/${person.id}` };
    return (await rig.call('subscriptionToken', { token: person.token, body })).json.data.token;
  }

  /** Connected with the notification token and subscribed by command, as our client does. */
  async function live(person: Person, url = ownAddress()) {
    const client = await connect(person.notificationToken, url);
    const got = await client.listen(`${org}/${person.id}`, await subscriptionToken(person));
    return { client, got };
  }

  async function timed<T>(what: Promise<T>): Promise<{ value: T; ms: number }> {
    const startMs = performance.now();
    return { value: await what, ms: performance.now() - startMs };
  }

  /** The server reaches Centrifugo's API no more; clients reach their sockets. */
  function apiOutage(): void {
    beside.apiLine.refuse();
    beside.apiLine.cut();
  }

  async function stateOfCentrifugo(): Promise<unknown> {
    const reply = await fetch(`${rig.server.internalUrl}/readyz`);
    const ready: ReturnType<typeof JSON.parse> = await reply.json();
    return ready.parts.centrifugo.details.state;
  }

  async function post(content: string) {
    const params = { channel_id: general };
    await rig.call('postMessage', { params, token: ada.token, body: { content } });
  }

  describe('with Centrifugo as push server', () => {
    it('what is posted arrives, by our own address and at Centrifugo itself', async () => {
      const proxied = await live(grace);
      const direct = await live(grace, beside.push.wsUrl);
      await post('hello');
      await expect.poll(() => proxied.got.length).toBe(1);
      await expect.poll(() => direct.got.length).toBe(1);
      expect(proxied.got).toEqual(direct.got);
      expect(proxied.got[0]).toContain('hello');
    });

    it('readiness names it, and metrics count the calls', async () => {
      await post('hello');
      await expect
        .poll(async () => (await fetch(`${rig.server.internalUrl}/readyz`)).json())
        .toMatchObject({ ok: true, parts: { centrifugo: { details: { state: 'reachable' } } } });
      const metrics = await (await fetch(`${rig.server.internalUrl}/metrics`)).text();
      expect(metrics).toContain('telex_centrifugo_reachable 1');
      expect(metrics).not.toContain('telex_hub_connections');
    });

    it('a client that only connects, with the token that carries its channels, gets them', async () => {
      const { json } = await rig.call('connectionToken', { token: grace.token });
      for (const url of [ownAddress(), beside.push.wsUrl]) {
        const client = await connect(json.data.token, url);
        expect(JSON.stringify(client.frames[0])).toContain(`${org}/${grace.id}`);
      }
    });

    it('what was posted while it was away goes out in order when it is back', async () => {
      const before = await live(grace);
      await beside.push.stop();
      await before.client.closed;
      for (const content of ['first', 'second']) await post(content);
      await expect.poll(stateOfCentrifugo).toBe('unreachable');
      await beside.push.restart();
      const { client } = await live(grace);
      await post('third');
      await client.until('third');
      const { json } = await rig.call('catchUp', {
        token: grace.token,
        body: { cursors: [{ organisation_id: org, seq: 0 }] },
      });
      expect(JSON.stringify(json)).toMatch(/first.*second.*third/);
      expect(client.frames.join()).not.toMatch(/third.*(first|second)/);
      expect(await stateOfCentrifugo()).toBe('reachable');
      const logged = rig.logged.join('\n');
      expect(logged).toContain('messages are kept and sent when it can');
      expect(logged).toContain('Centrifugo takes our calls again');
      for (const secret of [beside.push.apiKey, grace.notificationToken, grace.token]) {
        expect(logged).not.toContain(secret);
      }
    });
  });

  describe('a session that is over', () => {
    it.each(sessionEnds)(
      'is out within a second after %s, and comes in no more',
      async (_what, act) => {
        const proxied = await live(grace);
        const direct = await live(grace, beside.push.wsUrl);
        const witness = await live(eve);
        await act(rig, grace);
        const gone = Promise.all([proxied.client.closed, direct.client.closed]);
        const { value, ms } = await timed(gone);
        // On our own address it is known whose session it is; Centrifugo has everyone show a new token.
        expect(value).toEqual([3503, 3005]);
        expect(ms).toBeLessThan(1000);
        const again = await connect(grace.notificationToken);
        expect(await again.closed).toBe(3500);
        await post('still here');
        await witness.client.until('still here');
        expect(witness.client.isOpen).toBe(true);
      },
    );

    it('leaves the other sessions of that person, which come back with their tokens', async () => {
      const other = await rig.logIn(grace.email, grace.password);
      const { client } = await live(other);
      await rig.call('logout', { token: grace.token });
      expect(await client.closed).toBe(3005);
      const again = await live(other);
      await post('for the one that stays');
      await expect.poll(() => again.got.length).toBe(1);
    });

    it('is ended when Centrifugo can be reached again', async () => {
      const { client } = await live(grace, beside.push.wsUrl);
      apiOutage();
      await rig.call('logout', { token: grace.token });
      await expect.poll(stateOfCentrifugo).toBe('unreachable');
      expect(client.isOpen).toBe(true);
      beside.apiLine.accept();
      expect(await client.closed).toBe(3005);
    });

    it('is ended by the next start of the server where this one had no time', async () => {
      const { client } = await live(grace, beside.push.wsUrl);
      apiOutage();
      await rig.call('logout', { token: grace.token });
      await rig.server.close();
      expect(client.isOpen).toBe(true);
      beside.apiLine.accept();
      await rig.restart();
      expect(await client.closed).toBe(3005);
    });
  });

  describe('someone who has left the organisation', () => {
    it.each([
      ['our own address', () => ownAddress()],
      ['Centrifugo itself', () => beside.push.wsUrl],
    ])(
      'loses the subscription within a second on %s, and gets nothing more',
      async (_what, url) => {
        const witness = await live(eve);
        const { client, got } = await live(grace, url());
        const token = await subscriptionToken(grace);
        const params = { org_id: org, user_id: grace.id };
        await rig.call('removeMember', { params, token: ada.token });
        expect((await timed(client.until('"unsubscribe":{"code":2000'))).ms).toBeLessThan(1000);
        // With a token from before it can subscribe again, and still gets nothing.
        await client.listen(`${org}/${grace.id}`, token);
        await post('not for you');
        await witness.client.until('not for you');
        await client.fence();
        expect(client.frames.join()).not.toContain('not for you');
        expect(got).toEqual([]);
      },
    );
  });

  describe('a key that Centrifugo refuses', () => {
    it('is told plainly, by readiness and in the log, and not shown', async () => {
      const file = join(beside.dataDir, 'wrong.key');
      writeFileSync(file, 'a-wrong-key');
      await rig.close();
      const more = ['--data', beside.dataDir, '--centrifugo-api-key-file', file];
      rig = await serverRig([...beside.flags, ...more]);
      await expect.poll(stateOfCentrifugo).toBe('key refused');
      const url = '/readyz';
      expect((await rig.server.app.inject({ method: 'GET', url })).statusCode).toBe(503);
      const logged = rig.logged.join('\n');
      expect(logged).toContain('put the value of its http_api.key into the file');
      expect(logged).not.toContain('a-wrong-key');
    });
  });
});
