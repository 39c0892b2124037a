import { PUSH_PATH } from '@telex/contract';
import { engineCommand } from '@telex/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CentrifugoBeside, centrifugoBeside } from '../../../test/centrifugo-beside.ts';
import { type Subscriber, subscriber } from '../../../test/subscriber.ts';
import { type Person, type ServerRig, serverRig } from '../../testing/server-rig.ts';

let beside: CentrifugoBeside;
let rig: ServerRig;
let ada: Person;
let grace: Person;
let org = '';
let general = '';
const clients: Subscriber[] = [];

beforeEach(async () => {
  beside = await centrifugoBeside(await engineCommand());
  rig = await serverRig([...beside.flags, '--data', beside.dataDir]);
  ada = await rig.person('ada');
  grace = await rig.person('grace');
  ({ id: org, general } = await rig.organisation(ada, [grace]));
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await rig.close();
  await beside.close();
});

async function live(person: Person, url = rig.server.url.replace('http', 'ws') + PUSH_PATH) {
  const client = await subscriber(url, person.notificationToken);
  clients.push(client);
  const channel = `${org}/${person.id}`;
  const body = { channel };
  const { json } = await rig.call('subscriptionToken', { token: person.token, body });
  return { client, got: await client.listen(channel, json.data.token) };
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
});
