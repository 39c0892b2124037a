// Two real servers on one data directory, with the engine of Centrifugo as push server.
import { PUSH_PATH } from '@telex/contract';
import {
  type ApiCaller,
  createApiCaller,
  engineCommand,
  launchServer,
  type ServerProcess,
} from '@telex/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CentrifugoBeside, centrifugoBeside } from './centrifugo-beside.ts';
import { subscriber } from './subscriber.ts';

interface Node {
  readonly server: ServerProcess;
  readonly api: ApiCaller;
}

let beside: CentrifugoBeside;
let demo: NonNullable<ServerProcess['ready']['demo']>;
let one: Node;
let two: Node;
const undo: (() => unknown)[] = [];

async function startNode(more: { readonly demo?: boolean } = {}): Promise<Node> {
  const flags = [...beside.flags, '--http'];
  const server = await launchServer({ dataDir: beside.dataDir, flags, ...more });
  undo.push(() => server.stop());
  const api = createApiCaller(server.ready.url, null);
  undo.push(() => api.close());
  return { server, api };
}

beforeEach(async () => {
  beside = await centrifugoBeside(await engineCommand(), ['--share-data', 'on']);
  undo.push(() => beside.close());
  one = await startNode({ demo: true });
  two = await startNode();
  if (one.server.ready.demo === undefined) throw new Error('the first node has no demo');
  demo = one.server.ready.demo;
});
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

async function logIn({ api }: Node, who: 0 | 1) {
  const { email, password } = demo.accounts[who];
  return api.call('login', { body: { email, password } });
}

/** What the second account's client is pushed: texts, in order. */
async function listen(node: Node) {
  const tokens = await logIn(node, 1);
  const url = node.server.ready.url.replace('http', 'ws') + PUSH_PATH;
  const client = await subscriber(url, tokens.notification_token ?? '');
  undo.push(() => client.close());
  const channel = `${demo.organisation.id}/${demo.accounts[1].user_id}`;
  const { token } = await node.api.call('subscriptionToken', {
    token: tokens.access_token,
    body: { channel },
  });
  const got = await client.listen(channel, token);
  return () =>
    got.flatMap((json) => {
      const { data } = JSON.parse(json) as { data: { seq: number; text_preview?: string } };
      return data.text_preview === undefined ? [] : [{ seq: data.seq, text: data.text_preview }];
    });
}

const texts = (count: number) => Array.from({ length: count }, (_, index) => `message ${index}`);

describe('two servers on one data directory', () => {
  it('what is posted at either arrives once, in order', async () => {
    const got = await listen(one);
    const { access_token: token } = await logIn(two, 0);
    const wanted = texts(60);
    await Promise.all(
      wanted.map((content, index) =>
        (index % 2 === 0 ? one : two).api.call('postMessage', {
          params: { channel_id: demo.channel.id },
          token,
          body: { content },
        }),
      ),
    );
    await expect.poll(() => got().length).toBe(60);
    const seqs = got().map(({ seq }) => seq);
    expect(seqs).toEqual([...seqs].sort((a, b) => a - b));
    expect(
      got()
        .map(({ text }) => text)
        .sort(),
    ).toEqual(wanted.sort());
  });

  it('killing the one that sends loses nothing: the other goes on within a second', async () => {
    const got = await listen(two);
    const { access_token: token } = await logIn(two, 0);
    const wanted = texts(30);
    for (const [index, content] of wanted.entries()) {
      if (index === 15) await one.server.kill();
      const body = { content };
      await two.api.call('postMessage', { params: { channel_id: demo.channel.id }, token, body });
    }
    await expect.poll(() => new Set(got().map(({ text }) => text)).size).toBe(30);
    expect(got().map(({ text }) => text)).toEqual(wanted);
  });

  it('a session that is ended at one is refused at the other within a second', async () => {
    const { access_token: token } = await logIn(one, 0);
    expect((await two.api.raw('sessions', { token })).status).toBe(200);
    await one.api.call('logout', { token });
    const endedAt = performance.now();
    await expect
      .poll(async () => (await two.api.raw('sessions', { token })).status, { interval: 20 })
      .toBe(401);
    expect(performance.now() - endedAt).toBeLessThan(1000);
  });

  it('a test notification asked for at the one that does not send says its hops', async () => {
    await listen(two);
    const { access_token: token } = await logIn(two, 1);
    const { hops } = await two.api.call('testNotification', { token, body: {} });
    expect(hops.map(({ hop }) => hop)).toContain('stored');
  });

  it('a server that wants the directory for itself is told who has it', async () => {
    const alone = launchServer({ dataDir: beside.dataDir, flags: ['--http'] });
    await expect(alone).rejects.toThrow(/Another telex-server uses/);
  });
});
