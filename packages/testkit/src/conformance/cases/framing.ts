import assert from 'node:assert/strict';
import type { ConformanceCase } from '../case.ts';
import { closesWith, failure, publication, staysSilent } from '../expectations.ts';
import type { ProtocolClient } from '../protocol-client.ts';
import { connectionToken } from '../tokens.ts';

const MESSAGE_BYTES = 65_536;

/** An unsubscribe padded to exactly so many bytes, by characters of two bytes where `wide`. */
function unsubscribeOf(bytes: number, id: number, wide = false): string {
  const text = (filler: string) => JSON.stringify({ id, unsubscribe: { channel: 'a/b' }, filler });
  const left = bytes - text('').length;
  return text(wide ? 'é'.repeat(left / 2) + 'x'.repeat(left % 2) : 'x'.repeat(left));
}

/** What is no message of the protocol closes 3501. */
function badMessage(
  id: string,
  title: string,
  send: (client: ProtocolClient) => void,
): ConformanceCase {
  return {
    id: `framing/${id}`,
    title: `${title} closes 3501`,
    rules: ['H12'],
    async run({ connect }) {
      const { client } = await connect();
      send(client);
      await closesWith(client, 3501);
    },
  };
}

const good = '{"id":2,"unsubscribe":{"channel":"a/b"}}';

/** Messages, objects and bytes (H12). */
export const framingCases: readonly ConformanceCase[] = [
  {
    id: 'framing/several-objects',
    title: 'objects joined by one newline are answered each, with one newline at the end or none',
    rules: ['H12'],
    async run({ connect }) {
      const { client } = await connect();
      for (const end of ['', '\n']) {
        client.sendText(`${good}\n${good}${end}`);
        assert.deepEqual(await client.next(), { id: 2, unsubscribe: {} });
        assert.deepEqual(await client.next(), { id: 2, unsubscribe: {} });
      }
      await staysSilent(client);
    },
  },
  {
    id: 'framing/binary',
    title: 'a binary message is read as a text one, and answered in text',
    async run({ connect }) {
      const { client } = await connect();
      client.sendBytes(Buffer.from(good));
      assert.deepEqual(await client.next(), { id: 2, unsubscribe: {} });
    },
  },
  {
    id: 'framing/whitespace-and-escapes',
    title: 'JSON may be written with spaces and escapes',
    async run({ connect }) {
      const { client } = await connect();
      client.sendText(' { "id" : 2 , "unsubscribe" : { "chann\\u0065l" : "a/b" } } ');
      assert.deepEqual(await client.next(), { id: 2, unsubscribe: {} });
    },
  },
  {
    id: 'framing/fragments',
    title: 'a message may come in fragments',
    rules: ['H12'],
    async run({ connect }) {
      const { client } = await connect();
      client.socket.send(good.slice(0, 9), { fin: false });
      client.socket.send(good.slice(9, 20), { fin: false });
      client.socket.send(good.slice(20), { fin: true });
      assert.deepEqual(await client.next(), { id: 2, unsubscribe: {} });
    },
  },
  badMessage('blank-line', 'a blank line between objects', (client) =>
    client.sendText(`${good}\n\n${good}`),
  ),
  badMessage('leading-newline', 'a leading newline', (client) => client.sendText(`\n${good}`)),
  badMessage('empty', 'an empty message', (client) => client.sendText('')),
  badMessage('newline-alone', 'a newline alone', (client) => client.sendText('\n')),
  badMessage('no-json', 'what is no JSON', (client) => client.sendText('{"id":2,')),
  badMessage('list', 'a list', (client) => client.sendText('[1]')),
  badMessage('text', 'a JSON text', (client) => client.sendText('"id"')),
  badMessage('spanning', 'an object that spans two messages', (client) => {
    client.sendText(good.slice(0, 9));
    client.sendText(good.slice(9));
  }),
  badMessage('wrong-type', 'a wrong type in a known field', (client) =>
    client.sendText('{"id":2,"unsubscribe":{"channel":5}}'),
  ),
  {
    id: 'framing/good-before-bad',
    title: 'what comes before a bad object of a message is answered, then 3501 closes',
    rules: ['H9', 'H12'],
    async run({ connect }) {
      const { client } = await connect();
      client.sendText(`${good}\n{`);
      await closesWith(client, 3501);
      assert.deepEqual(client.rest(), [{ id: 2, unsubscribe: {} }]);
    },
  },
  {
    id: 'framing/size',
    title: 'a message of 65,536 bytes is read, one of a byte more closes 1009',
    rules: ['H12'],
    async run({ connect }) {
      const { client } = await connect();
      client.sendText(unsubscribeOf(MESSAGE_BYTES, 2));
      assert.deepEqual(await client.next(), { id: 2, unsubscribe: {} });
      client.sendText(unsubscribeOf(MESSAGE_BYTES + 1, 3));
      await closesWith(client, 1009);
      assert.deepEqual(client.rest(), []);
    },
  },
  {
    id: 'framing/size-in-bytes',
    title: 'the size of a message is counted in bytes, not in characters',
    rules: ['H12'],
    async run({ connect }) {
      const { client } = await connect();
      client.sendText(unsubscribeOf(MESSAGE_BYTES, 2, true));
      assert.deepEqual(await client.next(), { id: 2, unsubscribe: {} });
      const tooLong = unsubscribeOf(MESSAGE_BYTES + 2, 3, true);
      assert.ok(tooLong.length < MESSAGE_BYTES);
      client.sendText(tooLong);
      await closesWith(client, 1009);
    },
  },
  {
    id: 'framing/size-of-fragments',
    title: 'the size of a message counts all its fragments',
    rules: ['H12'],
    async run({ connect }) {
      const { client } = await connect();
      const tooLong = unsubscribeOf(MESSAGE_BYTES + 1, 2);
      client.socket.send(tooLong.slice(0, 40_000), { fin: false });
      client.socket.send(tooLong.slice(40_000), { fin: true });
      await closesWith(client, 1009);
    },
  },
  {
    id: 'framing/lower-size',
    title: 'websocket.message_size_limit is obeyed',
    config: { websocket: { message_size_limit: 2_000 } },
    rules: ['H12'],
    async run({ connect }) {
      const { client } = await connect();
      client.sendText(unsubscribeOf(2_000, 2));
      assert.deepEqual(await client.next(), { id: 2, unsubscribe: {} });
      client.sendText(unsubscribeOf(2_001, 3));
      await closesWith(client, 1009);
    },
  },
  {
    id: 'framing/exact-numbers',
    title: 'numbers beyond 2^53 and of many digits reach the client as they were published',
    rules: ['H12'],
    async run({ connect, channel, api }) {
      const one = channel();
      const { client, subscribe } = await connect();
      await subscribe(one);
      const data = '{"big":12345678901234567890,"exact":0.10000000000000000001,"e":1E2}';
      const reply = await api.call('publish', `{"channel":${JSON.stringify(one)},"data":${data}}`);
      assert.equal(reply.status, 200, reply.text);
      await client.push(one);
      const { text = '' } = client.received.at(-1) ?? {};
      assert.ok(text.includes(data), text);
    },
  },
  {
    id: 'framing/newlines-in-data',
    title: 'data published with newlines between its tokens comes in one object, or is refused',
    rules: ['H12'],
    async run({ connect, channel, api, normal }) {
      const one = channel();
      const { client, subscribe } = await connect();
      await subscribe(one);
      const body = `{"channel":${JSON.stringify(one)},"data":{\n"a": [1,\r\n2]\n}}`;
      const reply = await api.call('publish', body);
      const refused = reply.body?.error !== undefined || reply.status === 400;
      if (refused) await api.publish(one, { a: [1, 2] });
      // A newline inside would have ended the object for the client, which the protocol client notices.
      assert.deepEqual(normal(await client.push(one)), publication({ a: [1, 2] }, 1));
      await staysSilent(client);
    },
  },
  {
    id: 'framing/any-text',
    title: 'text of every kind comes through: control characters, U+2028, emoji, quotes',
    rules: ['H12'],
    async run({ connect, channel, api, normal }) {
      const one = channel();
      const { client, subscribe } = await connect();
      await subscribe(one);
      const data = { text: 'a\nb\r\u0000\u001f\u2028\u2029 "\\/ <&> é 漢 👩‍🚀' };
      await api.publish(one, data);
      assert.deepEqual(normal(await client.push(one)), publication(data, 1));
    },
  },
  {
    id: 'framing/data-of-any-type',
    title: 'data may be any JSON value',
    async run({ connect, channel, api, normal }) {
      const one = channel();
      const { client, subscribe } = await connect();
      await subscribe(one);
      const values = [{}, [], 'text', 0, -1.5, true, false, { a: { b: [null] } }];
      for (const [index, data] of values.entries()) {
        await api.publish(one, data);
        assert.deepEqual(normal(await client.push(one)), publication(data, index + 1));
      }
    },
  },
  {
    id: 'framing/not-compressed',
    title: 'a client that offers compression is served, without it where none is configured',
    rules: ['H12'],
    async run({ connect }) {
      const { client } = await connect(undefined, { websocket: { perMessageDeflate: true } });
      assert.equal(client.socket.extensions, '');
      client.sendText(unsubscribeOf(3_000, 2));
      assert.deepEqual(await client.next(), { id: 2, unsubscribe: {} });
    },
  },
  {
    id: 'ids/echo',
    title: 'any id up to 2^32-1 is echoed, in any order, and twice',
    rules: ['H6'],
    async run({ open, user }) {
      const client = await open();
      client.send({ id: 4_294_967_295, connect: { token: connectionToken(user()) } });
      assert.equal((await client.next()).id, 4_294_967_295);
      for (const id of [7, 7, 1, 4_294_967_295]) {
        client.send({ id, unsubscribe: { channel: 'a/b' } });
        assert.deepEqual(await client.next(), { id, unsubscribe: {} });
      }
    },
  },
  badMessage('id-too-large', 'an id over 2^32-1', (client) =>
    client.sendText('{"id":4294967296,"unsubscribe":{"channel":"a/b"}}'),
  ),
  badMessage('id-negative', 'a negative id', (client) =>
    client.sendText('{"id":-1,"unsubscribe":{"channel":"a/b"}}'),
  ),
  badMessage('id-fraction', 'a fraction as id', (client) =>
    client.sendText('{"id":1.5,"unsubscribe":{"channel":"a/b"}}'),
  ),
  badMessage('id-text', 'a text as id', (client) =>
    client.sendText('{"id":"1","unsubscribe":{"channel":"a/b"}}'),
  ),
  {
    id: 'ids/ping-is-no-ping',
    title: 'a ping with an id is no ping of this protocol: close 3501',
    rules: ['H6'],
    async run({ connect }) {
      const { client } = await connect();
      client.send({ id: 5, ping: {} });
      await closesWith(client, 3501);
      assert.deepEqual(client.rest(), []);
    },
  },
  {
    id: 'ids/no-method',
    title: 'an id without a known method closes 3501',
    rules: ['H6'],
    async run({ connect }) {
      for (const command of [{ id: 5 }, { id: 5, nothing: {} }]) {
        const { client } = await connect();
        client.send(command);
        await closesWith(client, 3501);
      }
    },
  },
  {
    id: 'ids/zero-is-a-pong',
    title:
      'a command without an id, or with id 0, is a pong; one that nobody asked for closes 3501',
    rules: ['H6', 'H7'],
    async run({ connect, channel }) {
      for (const id of [0, undefined]) {
        const { client, subscribing } = await connect();
        client.send({ id, ...subscribing(channel()) });
        await closesWith(client, 3501);
        assert.deepEqual(client.rest(), []);
      }
    },
  },
  {
    id: 'commands/send',
    title: 'send closes 3508, as nobody takes it',
    async run({ connect }) {
      for (const id of [undefined, 3]) {
        const { client } = await connect();
        client.send({ id, send: { data: { a: 1 } } });
        await closesWith(client, 3508);
        assert.deepEqual(client.rest(), []);
      }
    },
  },
  {
    id: 'commands/rpc',
    title: 'rpc is error 108, as nobody takes it',
    async run({ connect }) {
      const { client } = await connect();
      client.send({ id: 3, rpc: { method: 'x', data: {} } });
      assert.deepEqual(await client.next(), failure(3, 108));
      await staysSilent(client);
    },
  },
];
