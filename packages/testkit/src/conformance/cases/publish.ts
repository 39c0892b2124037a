import assert from 'node:assert/strict';
import type { ConformanceCase } from '../case.ts';
import { publication, staysSilent } from '../expectations.ts';
import { at, listAt, numberAt, textAt } from '../json.ts';
import { variousChannels, within } from './various-channels.ts';

const error = {
  unknownChannel: { error: { code: 102, message: 'unknown channel' } },
  badRequest: { error: { code: 107, message: 'bad request' } },
};

/** The API methods `publish` and `broadcast`. */
export const publishCases: readonly ConformanceCase[] = [
  {
    id: 'publish/result',
    title: 'publish gives offset and epoch; each channel counts from 1',
    async run({ api, channel, normal }) {
      const [one, other] = [channel(), channel()];
      const results = [];
      for (const name of [one, one, other, one]) results.push(await api.publish(name, {}));
      assert.deepEqual(
        results.map(({ offset }) => offset),
        [1, 2, 1, 3],
      );
      assert.deepEqual(normal([results[0], results[1]]), [
        { offset: 1, epoch: 'epoch-1' },
        { offset: 2, epoch: 'epoch-1' },
      ]);
    },
  },
  {
    id: 'publish/without-history',
    title: 'publish to a channel without history gives an empty result, and the push has no offset',
    config: variousChannels,
    async run({ api, channel, connect }) {
      const one = within('unkept', channel());
      const { client, subscribe } = await connect();
      assert.deepEqual(at(await subscribe(one, { claims: { exp: undefined } }), 'subscribe'), {});
      assert.deepEqual(await api.publish(one, [1]), {});
      assert.deepEqual(await client.push(one), publication([1]));
    },
  },
  {
    id: 'publish/refused',
    title:
      'publish without a channel, without data, or with what is no base64 is refused, and reaches nobody',
    config: variousChannels,
    async run({ api, channel, connect }) {
      const one = channel();
      const { client, subscribe } = await connect();
      await subscribe(one);
      assert.equal(await api.errorCode('publish', { data: {} }), 107);
      assert.equal(await api.errorCode('publish', { channel: '', data: {} }), 107);
      assert.equal(await api.errorCode('publish', { channel: one }), 107);
      assert.equal(await api.errorCode('publish', { channel: `nowhere:${one}`, data: {} }), 102);
      await staysSilent(client);
      assert.equal((await api.publish(one, 1)).offset, 1);
    },
  },
  {
    id: 'publish/name-too-long',
    title:
      'to a name of 255 bytes it publishes; to a longer one, which no client can subscribe to, stock does too, ours answers 107',
    async run({ api, channel, manner }) {
      const one = channel();
      assert.equal((await api.publish(one.padEnd(255, 'x'), 1)).offset, 1);
      const command = { channel: one.padEnd(256, 'x'), data: 1 };
      if (manner('api-checks') === 'hub') {
        assert.equal(await api.errorCode('publish', command), 107);
      } else {
        assert.equal((await api.result('publish', command)).offset, 1);
      }
    },
  },
  {
    id: 'publish/null',
    title: 'null is data like any other',
    async run({ api, channel, connect, normal }) {
      const one = channel();
      const { client, subscribe } = await connect();
      await subscribe(one);
      await api.publish(one, null);
      assert.deepEqual(normal(await client.push(one)), publication(null, 1));
    },
  },
  {
    id: 'publish/verbatim',
    title: 'data reaches subscribers as it was written, names that come twice and spaces too',
    rules: ['H12'],
    async run({ api, channel, connect }) {
      const one = channel();
      const { client, subscribe } = await connect();
      await subscribe(one);
      const data = '{"a":1,"a":2.0,"__proto__":{"\\u0061":-0},"n":[1e400, 1E-7,""]}';
      const reply = await api.call('publish', `{"data":${data},"channel":${JSON.stringify(one)}}`);
      assert.equal(at(reply.body, 'result.offset'), 1, reply.text);
      await client.find('publication', () => true);
      const { text = '' } = client.received.at(-1) ?? {};
      assert.ok(text.includes(data), text);
    },
  },
  {
    id: 'publish/large',
    title: 'a publication of 200,000 bytes comes whole, in history too',
    async run({ api, channel, connect, normal }) {
      const one = channel();
      const { client, subscribe } = await connect();
      await subscribe(one);
      const data = { text: 'é'.repeat(100_000) };
      await api.publish(one, data);
      assert.deepEqual(normal(await client.push(one)), publication(data, 1));
      const history = await api.result('history', { channel: one, limit: 1 });
      assert.deepEqual(at(listAt(history, 'publications')[0], 'data'), data);
    },
  },
  {
    id: 'publish/to-many',
    title: 'one publication reaches 150 subscribers, each once',
    rules: ['H8'],
    async run({ api, channel, connect, normal }) {
      const one = channel();
      const members = await Promise.all(Array.from({ length: 150 }, () => connect()));
      await Promise.all(members.map(({ subscribe }) => subscribe(one)));
      await api.publish(one, 'to all');
      for (const { client } of members) {
        assert.deepEqual(normal(await client.push(one)), publication('to all', 1));
      }
      await Promise.all(members.map(({ client }) => staysSilent(client)));
    },
  },
  {
    id: 'publish/tags',
    title: 'tags come with the publication: pushed, recovered and in history',
    needs: ['tags'],
    async run({ api, channel, connect, normal }) {
      const one = channel();
      const { client, subscribe } = await connect();
      const { subscribe: place } = await subscribe(one);
      const tags = { kind: 'news', 'other name': '"quoted" é' };
      await api.publish(one, 1, { tags });
      await api.publish(one, 2, { tags: {} });
      assert.deepEqual(normal(await client.push(one)), { pub: { data: 1, offset: 1, tags } });
      assert.deepEqual(normal(await client.push(one)), publication(2, 2));
      const late = await connect();
      const reply = await late.subscribe(one, {
        subscribe: { recover: true, epoch: at(place, 'epoch'), offset: 0 },
      });
      const expected = [
        { data: 1, offset: 1, tags },
        { data: 2, offset: 2 },
      ];
      assert.deepEqual(normal(at(reply, 'subscribe.publications')), expected);
      const history = await api.result('history', { channel: one, limit: -1 });
      assert.deepEqual(history.publications, expected);
    },
  },
  {
    id: 'publish/skip-history',
    title:
      'skip_history: delivered without an offset, kept nowhere, and the offsets of others go on',
    needs: ['skip-history'],
    async run({ api, channel, connect, normal }) {
      const one = channel();
      const { client, subscribe } = await connect();
      await subscribe(one);
      await api.publish(one, 1);
      assert.deepEqual(await api.publish(one, 'passing', { skip_history: true }), {});
      await api.publish(one, 2);
      assert.deepEqual(normal(await client.push(one)), publication(1, 1));
      assert.deepEqual(await client.push(one), publication('passing'));
      assert.deepEqual(normal(await client.push(one)), publication(2, 2));
      const history = await api.result('history', { channel: one, limit: -1 });
      assert.deepEqual(normal(history), {
        publications: [
          { data: 1, offset: 1 },
          { data: 2, offset: 2 },
        ],
        epoch: 'epoch-1',
        offset: 2,
      });
    },
  },
  {
    id: 'publish/b64data',
    title: 'b64data is decoded, and counts more than data',
    needs: ['b64data'],
    async run({ api, channel, connect, normal }) {
      const one = channel();
      const { client, subscribe } = await connect();
      await subscribe(one);
      const b64data = Buffer.from('{"n":12345678901234567890,"t":"é"}').toString('base64');
      await api.result('publish', { channel: one, b64data });
      await client.push(one);
      const { text = '' } = client.received.at(-1) ?? {};
      assert.ok(text.includes('"data":{"n":12345678901234567890,"t":"é"}'), text);
      const two = Buffer.from('2').toString('base64');
      await api.result('publish', { channel: one, data: 1, b64data: two });
      assert.deepEqual(normal(await client.push(one)), publication(2, 2));
      const { status, body } = await api.call('publish', { channel: one, b64data: '*' });
      assert.ok(status === 400 || at(body, 'error.code') === 107);
      await staysSilent(client);
    },
  },
  {
    id: 'broadcast/results',
    title: 'broadcast gives a result or an error for each channel, in the order given',
    config: variousChannels,
    async run({ api, channel, connect, normal }) {
      const [known, fresh, plain] = [channel(), channel(), within('unkept', channel())];
      const { client, subscribe } = await connect();
      await subscribe(fresh);
      await subscribe(plain);
      await api.publish(known, 0);
      const { responses } = await api.result('broadcast', {
        channels: [plain, 'nowhere:x', known, '', fresh],
        data: { n: 1 },
      });
      const [unkept, unknown, second, empty, first] = responses as unknown[];
      assert.deepEqual(unkept, { result: {} });
      assert.deepEqual(unknown, error.unknownChannel);
      assert.deepEqual(normal(second), { result: { offset: 2, epoch: 'epoch-1' } });
      assert.deepEqual(empty, error.badRequest);
      assert.equal(at(first, 'result.offset'), 1);
      assert.deepEqual(normal(await client.push(fresh)), publication({ n: 1 }, 1));
      assert.deepEqual(await client.push(plain), publication({ n: 1 }));
    },
  },
  {
    id: 'broadcast/refused',
    title: 'broadcast to no channels, or without data, is error 107',
    async run({ api, channel }) {
      assert.equal(await api.errorCode('broadcast', { data: {} }), 107);
      assert.equal(await api.errorCode('broadcast', { channels: [], data: {} }), 107);
      assert.equal(await api.errorCode('broadcast', { channels: [channel()] }), 107);
    },
  },
  {
    id: 'broadcast/twice-named',
    title: 'a channel that is named twice in a broadcast is published to twice',
    async run({ api, channel, connect, normal }) {
      const one = channel();
      const { client, subscribe } = await connect();
      await subscribe(one);
      const { responses } = await api.result('broadcast', { channels: [one, one], data: 7 });
      const offsets = (responses as unknown[]).map((one) => numberAt(one, 'result.offset'));
      assert.deepEqual(offsets.sort(), [1, 2]);
      assert.deepEqual(normal(await client.push(one)), publication(7, 1));
      assert.deepEqual(normal(await client.push(one)), publication(7, 2));
      await staysSilent(client);
    },
  },
  {
    id: 'broadcast/to-many-channels',
    title: 'broadcast to 2,500 channels gives 2,500 results, those subscribed to are delivered',
    rules: ['H8'],
    async run({ api, channel, connect, normal }) {
      const channels = Array.from({ length: 2_500 }, channel);
      const members = await Promise.all(Array.from({ length: 50 }, () => connect()));
      const theirs = channels.filter((_, index) => index % 50 === 0);
      for (const [index, { subscribe }] of members.entries()) await subscribe(theirs[index] ?? '');
      const { responses } = await api.result('broadcast', { channels, data: 'x' });
      const results = responses as unknown[];
      assert.equal(results.length, channels.length);
      for (const result of results) {
        assert.equal(at(result, 'result.offset'), 1);
        assert.ok(textAt(result, 'result.epoch') !== '');
      }
      for (const [index, { client }] of members.entries()) {
        assert.deepEqual(normal(await client.push(theirs[index] ?? '')), publication('x', 1));
      }
    },
  },
];
