import { expect, test } from 'vitest';
import { channelsWith, fakeHub } from '../test/fake-hub.ts';
import { tokenText } from '../test/fake-verifier.ts';
import { errorCode, numbers } from '../test/read-sent.ts';

test('[HB30] a channel is named in ASCII, up to 255 bytes, in a known namespace or in none', () => {
  const { client } = fakeHub();
  const ann = client();
  expect(errorCode(ann.subscribe('grüße'))).toBe(107);
  expect(errorCode(ann.subscribe('x'.repeat(256)))).toBe(107);
  expect(errorCode(ann.subscribe('news:a'))).toBe(102);
  expect(errorCode(ann.subscribe('x'.repeat(255)))).toBeUndefined();
  ann.subscribe('');
  expect(ann.close?.code).toBe(3501);
});

test('[HB31] [H11] a channel twice is 105, also while the first is in flight, also a server-side one', async () => {
  const { client, verifier } = fakeHub();
  const ann = client('ann', { channels: ['s'] });
  expect(errorCode(ann.subscribe('s'))).toBe(105);
  verifier.hold();
  const subscribe = { channel: 'a', token: tokenText({ user: 'ann', channel: 'a' }) };
  ann.send({ id: 5, subscribe }, { id: 6, subscribe });
  await verifier.release();
  expect(ann.take().map(({ error }) => (error as { code?: number } | undefined)?.code)).toEqual([
    undefined,
    105,
  ]);
});

test('[HB31] the 129th channel is refused with 106, and a claim of 129 closes 3505', () => {
  const { client, open } = fakeHub();
  const ann = client();
  for (let index = 0; index < 128; index += 1)
    expect(errorCode(ann.subscribe(`c${index}`))).toBeUndefined();
  expect(errorCode(ann.subscribe('c128'))).toBe(106);
  const bob = open();
  const channels = Array.from({ length: 129 }, (_, index) => `c${index}`);
  bob.send({ id: 1, connect: { token: tokenText({ user: 'bob', channels }) } });
  expect(bob.close?.code).toBe(3505);
});

test('[HB32] [H11] unsubscribing succeeds, subscribed or not, and nothing comes after it', () => {
  const { hub, client } = fakeHub();
  const ann = client();
  ann.subscribe('a');
  expect(ann.ask('unsubscribe', { channel: 'a' })).toEqual([{ id: 3, unsubscribe: {} }]);
  expect(ann.ask('unsubscribe', { channel: 'a' })).toEqual([{ id: 4, unsubscribe: {} }]);
  hub.publish('a', '{}');
  expect(ann.take()).toEqual([]);
});

test('[HB33] a client may not publish or read history, unless it may and is subscribed', () => {
  const ann = fakeHub().client();
  ann.subscribe('a');
  expect(errorCode(ann.ask('publish', { channel: 'a', data: {} }))).toBe(103);
  expect(errorCode(ann.ask('history', { channel: 'a', limit: 10 }))).toBe(103);
  const bob = fakeHub(
    channelsWith({ allowPublishForSubscriber: true, allowHistoryForSubscriber: true }),
  ).client();
  expect(errorCode(bob.ask('publish', { channel: 'a', data: {} }))).toBe(103);
  expect(errorCode(bob.ask('history', { channel: 'a' }))).toBe(103);
});

test('[HB33] a client that may publish gets its reply and, as a subscriber, its publication', () => {
  const { client } = fakeHub(channelsWith({ allowPublishForSubscriber: true }));
  const ann = client();
  ann.subscribe('a');
  const sent = ann.ask('publish', { channel: 'a', data: { n: 1 } });
  expect(numbers(sent)).toEqual([1]);
  expect(sent.some(({ publish }) => publish !== undefined)).toBe(true);
});

test('[HB34] [H8] a publication is framed once, and every subscriber is handed the same bytes', () => {
  let framed = 0;
  const { hub, client } = fakeHub({
    encodeFrame: (text) => {
      framed += 1;
      const payload = Buffer.from(text);
      const head =
        payload.length < 126
          ? [0x81, payload.length]
          : [0x81, 126, payload.length >>> 8, payload.length & 0xff];
      return Buffer.concat([Buffer.from(head), payload]);
    },
  });
  const clients = Array.from({ length: 50 }, () => client());
  for (const one of clients) one.subscribe('a');
  framed = 0;
  hub.publish('a', '{"n":1}');
  for (const one of clients) expect(numbers(one.take())).toEqual([1]);
  expect(framed).toBe(1);
});

test('[HB35] publications of one turn leave in one write, in the order published', () => {
  const { hub, client, time } = fakeHub();
  const ann = client();
  const bob = client();
  ann.subscribe('a');
  bob.subscribe('a', {}, { user: 'ann' });
  const writes = ann.socket.writes.length;
  for (let n = 1; n <= 10; n += 1) hub.publish('a', `{"n":${n}}`);
  expect(ann.socket.writes.length).toBe(writes);
  time.turn();
  expect(ann.socket.writes.length).toBe(writes + 1);
  expect(numbers(ann.take())).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
});

test('[HB35] a turn writes to 256 sockets; what is published meanwhile joins those who wait', () => {
  const { hub, client, time } = fakeHub();
  const clients = Array.from({ length: 600 }, () => client());
  for (const one of clients) one.subscribe('a');
  for (const one of clients) one.socket.writes.length = 0;
  hub.publish('a', '{"n":1}');
  time.turn();
  const written = () => clients.filter(({ socket }) => socket.writes.length > 0).length;
  expect(written()).toBe(256);
  hub.publish('a', '{"n":2}');
  time.settle();
  expect(written()).toBe(600);
  const writes = clients.map(({ socket }) => socket.writes.length);
  expect(writes.filter((count) => count === 2).length).toBe(256);
  expect(writes.filter((count) => count === 1).length).toBe(344);
  for (const one of clients) expect(numbers(one.take())).toEqual([1, 2]);
});

test('[HB35] [H1] a publication never overtakes the subscribe reply that waits', () => {
  const { client } = fakeHub(channelsWith({ allowPublishForSubscriber: true }));
  const ann = client();
  ann.send(
    { id: 2, subscribe: { channel: 'a', token: tokenText({ user: 'ann', channel: 'a' }) } },
    { id: 3, publish: { channel: 'a', data: { n: 1 } } },
  );
  const kinds = ann.take().map(({ id, push }) => (push === undefined ? id : 'push'));
  expect(kinds).toEqual([2, 'push', 3]);
});

test('[HB36] [HB62] [H8] a client that does not read is closed 3008 past 1 MiB, and what waits is dropped', () => {
  const { hub, client, time } = fakeHub();
  const slow = client();
  const quick = client();
  slow.subscribe('a');
  quick.subscribe('a', {}, { user: 'ann' });
  slow.take();
  quick.take();
  slow.socket.block();
  const data = JSON.stringify({ n: 0, text: 'x'.repeat(10_000) });
  let published = 0;
  while (slow.close === undefined && published < 1_000) {
    hub.publish('a', data);
    published += 1;
    time.settle();
  }
  expect(slow.close).toEqual({ code: 3008, reason: 'slow' });
  expect(published).toBeGreaterThan(90);
  expect(published).toBeLessThan(120);
  expect(slow.socket.bufferedBytes()).toBeLessThan(100_000);
  slow.socket.unblock();
  slow.connection.drained();
  expect(slow.take().length).toBeLessThan(10);
  expect(quick.take().length).toBe(published);
  expect(quick.close).toBeUndefined();
});

test('[HB36] a client that pauses and reads on gets everything, in order', () => {
  const { hub, client, time } = fakeHub();
  const ann = client();
  ann.subscribe('a');
  ann.socket.block();
  for (let n = 1; n <= 500; n += 1) {
    hub.publish('a', `{"n":${n},"text":"${'x'.repeat(1_000)}"}`);
    time.settle();
  }
  expect(ann.close).toBeUndefined();
  ann.socket.unblock();
  ann.connection.drained();
  expect(numbers(ann.take())).toEqual(Array.from({ length: 500 }, (_, index) => index + 1));
});

test('[HB36] a burst of 3 MiB within one turn makes nobody slow who reads', () => {
  const { hub, client } = fakeHub();
  const ann = client();
  ann.subscribe('a');
  ann.take();
  for (let n = 0; n < 3_000; n += 1) hub.publish('a', `{"n":${n},"t":"${'x'.repeat(1_000)}"}`);
  expect(ann.close).toBeUndefined();
  expect(numbers(ann.take()).length).toBe(3_000);
});

test('[HB36] a client that sends commands and reads no replies is closed too', () => {
  const { client } = fakeHub();
  const ann = client();
  ann.socket.block();
  const frame = Array.from({ length: 500 }, (_, index) => ({ id: index + 2, rpc: {} }));
  let frames = 0;
  while (ann.close === undefined && frames < 200) {
    ann.send(...frame);
    frames += 1;
  }
  expect(ann.close?.code).toBe(3008);
});

test('[HB37] the channels of a claim are subscribed to in the connect reply', () => {
  const { hub, open } = fakeHub();
  const ann = open();
  ann.send({ id: 1, connect: { token: tokenText({ user: 'ann', channels: ['a', 'b'] }) } });
  const [{ connect } = {}] = ann.take();
  const sub = { recoverable: true, positioned: true, epoch: expect.any(String) };
  expect(connect).toMatchObject({ subs: { a: sub, b: sub } });
  hub.publish('b', '{"n":1}');
  expect(numbers(ann.take())).toEqual([1]);
});
