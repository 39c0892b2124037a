import { expect, test } from 'vitest';
import { fakeHub } from '../test/fake-hub.ts';
import { tokenText } from '../test/fake-verifier.ts';

const connect = { id: 1, connect: { token: tokenText({ user: 'ann' }) } };

test('[HB10] the connect reply names the client, the ping and the life of the token', () => {
  const { open } = fakeHub();
  const ann = open();
  ann.send({ id: 9, connect: { token: tokenText({ user: 'ann', ttl: 60 }), name: 'js' } });
  expect(ann.take()).toEqual([
    {
      id: 9,
      connect: {
        client: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-/),
        version: expect.any(String),
        expires: true,
        ttl: 60,
        ping: 25,
        pong: true,
      },
    },
  ]);
});

test('[HB10] [H5] anything before the connect, and a second connect, close 3501', () => {
  for (const first of ['{}', '{"id":1,"subscribe":{"channel":"a"}}', '{"send":{}}', '{"id":1}']) {
    const ann = fakeHub().open();
    ann.sendText(first);
    expect(ann.close?.code).toBe(3501);
  }
  const ann = fakeHub().client();
  ann.send(connect);
  expect(ann.close?.code).toBe(3501);
});

test('[HB10] a socket that never connects is closed 3502 after 10 s', () => {
  const { open, time } = fakeHub();
  const ann = open();
  time.advance(9_000);
  expect(ann.close).toBeUndefined();
  time.advance(2_000);
  expect(ann.close).toEqual({ code: 3502, reason: 'stale' });
});

test('[HB11] [H5] an unsubscribe does not overtake the subscribe before it, whose token is being judged', async () => {
  const { hub, client, verifier } = fakeHub();
  const ann = client();
  verifier.hold();
  ann.send(
    { id: 2, subscribe: { channel: 'a', token: tokenText({ user: 'ann', channel: 'a' }) } },
    { id: 3, unsubscribe: { channel: 'a' } },
  );
  ann.send({ id: 4, subscribe: { channel: 'a', token: tokenText({ user: 'ann', channel: 'a' }) } });
  expect(ann.take()).toEqual([]);
  await verifier.release();
  expect(ann.take().map(({ id }) => id)).toEqual([2, 3, 4]);
  expect(hub.stats().subscriptions).toBe(1);
});

test('[HB11] [HB62] what waits for a verdict is bounded: beyond it 3013, which reconnects', () => {
  const { client, verifier } = fakeHub();
  const ann = client();
  verifier.hold();
  ann.subscribe('a');
  const large = JSON.stringify({ id: 3, rpc: { data: 'x'.repeat(60_000) } });
  for (let index = 0; index < 17; index += 1) ann.sendText(large);
  expect(ann.close).toBeUndefined();
  ann.sendText(large);
  expect(ann.close?.code).toBe(3013);
});

test('[HB12] [H5] after a connect error the rest of the frame is not answered, and the transport is dropped after 5 s', () => {
  const { open, time, hub } = fakeHub();
  const ann = open();
  ann.send(
    { id: 1, connect: { token: tokenText({ user: 'ann', fault: 'expired' }) } },
    { id: 2, subscribe: { channel: 'a', token: tokenText({ user: 'ann', channel: 'a' }) } },
  );
  ann.send(connect);
  expect(ann.take()).toEqual([{ id: 1, error: { code: 109, message: 'token expired' } }]);
  time.advance(4_000);
  expect([ann.close, ann.socket.isTerminated]).toEqual([undefined, false]);
  time.advance(2_000);
  expect([ann.close, ann.socket.isTerminated]).toEqual([undefined, true]);
  expect(hub.stats().connections).toBe(0);
});

test('[HB13] [H9] a peer that does not close is dropped after 5 s, and an error reply left before the close', () => {
  const { client, time } = fakeHub();
  const ann = client();
  ann.sendText('{"id":2,"rpc":{}}\nnonsense');
  expect(ann.take().length).toBe(1);
  expect(ann.close?.code).toBe(3501);
  time.advance(6_000);
  expect(ann.socket.isTerminated).toBe(true);
});

test('[HB14] [H5] a verdict that comes after the close changes nothing', async () => {
  const { hub, client, verifier } = fakeHub();
  const ann = client();
  verifier.hold();
  ann.subscribe('a');
  ann.connection.closed();
  await verifier.release();
  expect(ann.take()).toEqual([]);
  expect(hub.stats()).toMatchObject({ connections: 0, subscriptions: 0, channels: 0 });
});

test('[HB14] [H11] everything of a connection is freed when its socket is gone', () => {
  const { hub, client, time } = fakeHub();
  const ann = client();
  ann.subscribe('a');
  ann.subscribe('b');
  expect(hub.stats()).toMatchObject({ connections: 1, subscriptions: 2, channels: 2 });
  ann.connection.closed();
  ann.connection.closed();
  expect(hub.stats()).toMatchObject({ connections: 0, subscriptions: 0, channels: 0 });
  expect(hub.stats().closes).toEqual({ 1006: 1 });
  time.advance(60_000);
  ann.sendText('{"id":2,"rpc":{}}');
  ann.connection.drained();
  expect([ann.take(), ann.close]).toEqual([[], undefined]);
});

test('[HB15] [H7] a ping comes after a random half to whole interval, then every interval', () => {
  for (const [random, first] of [
    [0, 12_500],
    [0.5, 18_750],
    [0.999, 25_000],
  ] as const) {
    const { client, time } = fakeHub({ random: () => random });
    const ann = client();
    time.advance(first - 1_500);
    expect(ann.take()).toEqual([]);
    time.advance(2_500);
    expect(ann.take()).toEqual([{}]);
    ann.sendText('{}');
    time.advance(23_000);
    expect(ann.take()).toEqual([]);
    time.advance(3_000);
    expect(ann.take()).toEqual([{}]);
  }
});

test('[HB15] [H7] no pong within 8 s closes 3012, whatever else the client sends', () => {
  const { client, time } = fakeHub();
  const ann = client();
  time.advance(19_000);
  ann.send({ id: 2, rpc: {} });
  time.advance(7_000);
  expect(ann.close).toBeUndefined();
  time.advance(2_000);
  expect(ann.close).toEqual({ code: 3012, reason: 'no pong' });
});

test('[HB15] [H7] an unasked pong closes 3501: before the first ping, and a second one for a ping', () => {
  const { client, time } = fakeHub();
  const early = client();
  early.sendText('{}');
  expect(early.close?.code).toBe(3501);
  const twice = client();
  time.advance(19_000);
  twice.sendText('{}');
  expect(twice.close).toBeUndefined();
  twice.sendText('{}');
  expect(twice.close?.code).toBe(3501);
});

test('[HB16] [H7] a held-up event loop does not cost anybody the connection', () => {
  const { client, time } = fakeHub();
  const ann = client();
  time.advance(19_000);
  time.stall(60_000);
  expect(ann.close).toBeUndefined();
  time.advance(5_000);
  ann.sendText('{}');
  time.advance(10_000);
  expect(ann.close).toBeUndefined();
});

test('[HB17] closing the hub closes everyone 3001, also those who come later, and ends its timer', () => {
  const { hub, client, open, time } = fakeHub();
  const ann = client();
  const fresh = open();
  hub.close();
  hub.close();
  const late = open();
  for (const one of [ann, fresh, late])
    expect(one.close).toEqual({ code: 3001, reason: 'shutdown' });
  time.advance(6_000);
  expect([ann, fresh, late].map(({ socket }) => socket.isTerminated)).toEqual([true, true, true]);
  expect(time.periods).toBe(0);
});

test('ids of clients have the form of UUIDs, no two are the same, and no two hubs share them', () => {
  const hubs = [fakeHub({ random: Math.random }), fakeHub({ random: Math.random })];
  const ids = hubs.flatMap(({ open }) =>
    Array.from({ length: 50 }, () => {
      const ann = open();
      ann.send({ id: 1, connect: { token: tokenText({ user: 'ann' }) } });
      const [{ connect: result } = {}] = ann.take();
      return (result as { client: string }).client;
    }),
  );
  expect(new Set(ids).size).toBe(100);
  for (const id of ids) {
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  }
});
