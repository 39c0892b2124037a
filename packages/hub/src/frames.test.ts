import { expect, test } from 'vitest';
import { channelsWith, fakeHub } from '../test/fake-hub.ts';
import { tokenText } from '../test/fake-verifier.ts';
import { HubError } from './hub-error.ts';

const connect = { id: 1, connect: { token: tokenText({ user: 'ann' }) } };

test('[HB1] [H12] objects are split at single newlines, and one newline may end the message', () => {
  const { open } = fakeHub();
  const ann = open();
  ann.sendText(`${JSON.stringify(connect)}\n{"id":2,"unsubscribe":{"channel":"a"}}\n`);
  expect(ann.take().map(({ id }) => id)).toEqual([1, 2]);
  expect(ann.close).toBeUndefined();
});

const bad = {
  'an empty message': '',
  'a blank line at the end': '{"id":2,"rpc":{}}\n\n',
  'a blank line between': '{"id":2,"rpc":{}}\n\n{"id":3,"rpc":{}}',
  'only a newline': '\n',
  'plain text': 'hello',
  'bad JSON': '{"id":2,',
  'a number out of range': '1e999',
  'a number': '5',
  'a string': '"hello"',
  null: 'null',
  'an array': '[{"id":2,"rpc":{}}]',
  'a deep array': `${'['.repeat(20_000)}${']'.repeat(20_000)}`,
  'an id that is a string': '{"id":"2","rpc":{}}',
  'a negative id': '{"id":-1,"rpc":{}}',
  'a broken id': '{"id":1.5,"rpc":{}}',
  'an id over 32 bits': '{"id":4294967296,"rpc":{}}',
  'a channel that is a number': '{"id":2,"subscribe":{"channel":5}}',
  'a token that is a number': '{"id":2,"subscribe":{"channel":"a","token":5}}',
  'an offset that is text': '{"id":2,"subscribe":{"channel":"a","offset":"1"}}',
  'a negative offset': '{"id":2,"subscribe":{"channel":"a","offset":-1}}',
  'a command that is text': '{"id":2,"subscribe":"a"}',
  'no channel': '{"id":2,"subscribe":{}}',
  'a ping command': '{"id":2,"ping":{}}',
  'an unknown method': '{"id":2,"dance":{}}',
};

for (const [what, text] of Object.entries(bad)) {
  test(`[HB2] [HB7] [H12] ${what} closes with 3501`, () => {
    const { client } = fakeHub();
    const ann = client();
    ann.sendText(text);
    expect(ann.close).toEqual({ code: 3501, reason: 'bad request' });
  });
}

test('[HB2] unknown fields are ignored, at every level', () => {
  const { client } = fakeHub();
  const ann = client();
  ann.sendText('{"id":2,"x":1,"rpc":{"method":"m","data":{},"y":[1]}}');
  expect(ann.take()).toEqual([{ id: 2, error: { code: 108, message: 'not available' } }]);
});

test('[HB3] [H6] any id is echoed, also the largest and a repeated one', () => {
  const { client } = fakeHub();
  const ann = client();
  ann.send({ id: 4_294_967_295, rpc: {} }, { id: 7, rpc: {} }, { id: 7, rpc: {} });
  expect(ann.take().map(({ id }) => id)).toEqual([4_294_967_295, 7, 7]);
});

test('[HB3] [H6] a command of id 0 is a pong, never an error reply', () => {
  const { client, time } = fakeHub();
  const ann = client();
  time.advance(19_000);
  expect(ann.take()).toEqual([{}]);
  ann.sendText('{"id":0,"subscribe":{"channel":"a"}}');
  expect(ann.take()).toEqual([]);
  expect(ann.close).toBeUndefined();
});

test('[HB4] a reply holds its result object even when it is empty', () => {
  const { client } = fakeHub({ channels: {} });
  const ann = client();
  expect(ann.subscribe('a')).toEqual([{ id: 2, subscribe: {} }]);
  expect(ann.ask('unsubscribe', { channel: 'a' })).toEqual([{ id: 3, unsubscribe: {} }]);
});

test('[HB5] the replies of one frame leave in one write, at most 16 a message', () => {
  const { client } = fakeHub();
  const ann = client();
  const before = ann.socket.writes.length;
  ann.send(...Array.from({ length: 40 }, (_, index) => ({ id: index + 1, rpc: {} })));
  expect(ann.socket.messages.map((message) => message.split('\n').length)).toEqual([16, 16, 8]);
  expect(ann.socket.writes.length - before).toBe(1);
});

test('[HB7] send closes 3508; rpc is answered 108', () => {
  const { client } = fakeHub();
  const ann = client();
  const [reply] = ann.ask('rpc', { method: 'x' });
  expect(reply?.error).toEqual({ code: 108, message: 'not available' });
  ann.sendText('{"send":{"data":{}}}');
  expect(ann.close?.code).toBe(3508);
});

test('[HB8] [H12] numbers beyond 2^53 and text beyond ASCII pass unharmed', () => {
  const { hub, client, time } = fakeHub();
  const ann = client();
  ann.subscribe('a');
  hub.publish('a', '{"n":12345678901234567890,"t":"grüße 👋 \\n"}');
  time.settle();
  expect(ann.socket.messages[0]).toContain('{"n":12345678901234567890,"t":"grüße 👋 \\n"}');
});

test('[HB8] [H12] what a client publishes keeps its numbers and loses its newlines', () => {
  const { client, time } = fakeHub(channelsWith({ allowPublishForSubscriber: true }));
  const ann = client();
  ann.subscribe('a');
  ann.sendText('{"id":5,"publish":{"channel":"a","data":{"n":12345678901234567890,  "x":1e400}}}');
  time.settle();
  expect(ann.socket.messages.join('\n')).toContain('"data":{"n":12345678901234567890,"x":1e400}');
});

test('[HB8] what is no JSON, or holds a raw newline, is not published', () => {
  const { hub } = fakeHub();
  for (const data of ['', 'hello', '{"a":', '{"a":\n1}', '[1]\n']) {
    expect(() => hub.publish('a', data)).toThrow(HubError);
  }
  for (const channel of ['', 'a:b', 'x'.repeat(256), 'ü'.repeat(128)]) {
    expect(() => hub.publish(channel, '{}')).toThrow(HubError);
  }
  expect(hub.stats()).toMatchObject({ publications: 0, channels: 0 });
});
