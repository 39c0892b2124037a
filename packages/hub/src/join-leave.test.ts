import { expect, test } from 'vitest';
import { channelsWith, type FakeClient, fakeHub, type Sent } from '../test/fake-hub.ts';
import { tokenText } from '../test/fake-verifier.ts';
import type { ChannelOptions } from './channel-options.ts';

/** A hub whose clients are called c1, c2 and so on. */
function told(options: Partial<ChannelOptions> = {}) {
  const clientIdOf = (number: number) => `c${number}`;
  return fakeHub({
    ...channelsWith({ joinLeave: true, forcePushJoinLeave: true, ...options }),
    clientIdOf,
    limits: { pingMs: 3_600_000 },
  });
}

/** Who joined and left, as the client was told; everything else by its kind. */
function news(sent: readonly Sent[]): string[] {
  return sent.map(({ push, ...reply }) => {
    if (push === undefined) return Object.keys(reply).join(' ');
    const { join, leave, channel, ...other } = push as Record<string, { info: { user: string } }>;
    if (join !== undefined) return `${join.info.user} joins ${channel}`;
    return leave === undefined
      ? Object.keys(other).join(' ')
      : `${leave.info.user} leaves ${channel}`;
  });
}

function subscribed(client: FakeClient, user: string, channel = 'a', more: object = {}) {
  return client.subscribe(channel, more, { user });
}

test('[HB80] [H1] subscribers are told who joins and leaves; the one who joins after its own reply', () => {
  const { client } = told();
  const [ann, bob] = [client('ann'), client('bob')];
  expect(news(subscribed(ann, 'ann'))).toEqual(['id subscribe', 'ann joins a']);
  expect(news(subscribed(bob, 'bob'))).toEqual(['id subscribe', 'bob joins a']);
  expect(ann.take()).toEqual([
    { push: { channel: 'a', join: { info: { user: 'bob', client: 'c2' } } } },
  ]);
  expect(news(bob.ask('unsubscribe', { channel: 'a' }))).toEqual(['id unsubscribe']);
  expect(ann.take()).toEqual([
    { push: { channel: 'a', leave: { info: { user: 'bob', client: 'c2' } } } },
  ]);
});

test('[HB80] [H1] server-side subscriptions join after the connect reply', () => {
  const { open } = told();
  const ann = open();
  ann.send({ id: 1, connect: { token: tokenText({ user: 'ann', channels: ['a', 'b'] }) } });
  expect(news(ann.take())).toEqual(['id connect', 'ann joins a', 'ann joins b']);
});

test('[HB80] every end of a subscription is a leave: unsubscribed, closed, gone, expired', () => {
  const { hub, client, time } = told();
  const ann = client('ann');
  subscribed(ann, 'ann');
  const users = ['bob', 'cid', 'dan', 'eve'];
  const others = users.map((user) => {
    const one = client(user);
    one.subscribe('a', {}, { user, ...(user === 'eve' ? { ttl: 1 } : {}) });
    return one;
  });
  ann.take();
  hub.unsubscribe({ user: 'bob' }, 'a');
  hub.disconnect({ user: 'cid' });
  others[2]?.connection.closed();
  expect(news(ann.take())).toEqual(['bob leaves a', 'cid leaves a', 'dan leaves a']);
  time.advance(27_000);
  expect(news(ann.take())).toEqual(['eve leaves a']);
});

test('[HB80] who is told has asked and may, unless all are told; who does not tell is off', () => {
  const quiet = told({ forcePushJoinLeave: false });
  const ann = quiet.client('ann');
  expect(news(subscribed(ann, 'ann', 'a', { join_leave: true }))).toEqual(['id subscribe']);
  const asking = told({ forcePushJoinLeave: false, allowPresenceForSubscriber: true });
  const [bob, cid] = [asking.client('bob'), asking.client('cid')];
  expect(news(subscribed(bob, 'bob', 'a', { join_leave: true }))).toEqual([
    'id subscribe',
    'bob joins a',
  ]);
  expect(news(subscribed(cid, 'cid'))).toEqual(['id subscribe']);
  expect(news(bob.take())).toEqual(['cid joins a']);
  const off = told({ joinLeave: false }).client('ann');
  expect(news(subscribed(off, 'ann'))).toEqual(['id subscribe']);
});

test('[HB80] [HB14] a slow client that is closed while others are told closes the next slow one, and so on', () => {
  const { hub, client, time } = told();
  const ann = client('ann');
  subscribed(ann, 'ann');
  const slow = Array.from({ length: 2_000 }, (_, index) => {
    const one = client(`u${index}`);
    one.socket.block();
    return one;
  });
  for (const [index, one] of slow.entries()) {
    one.connection.receive(
      JSON.stringify({
        id: 2,
        subscribe: { channel: 'b', token: tokenText({ user: `u${index}`, channel: 'b' }) },
      }),
    );
    if (index === 0) subscribed(ann, 'ann', 'b');
  }
  time.settle();
  ann.take();
  hub.publish('b', JSON.stringify('x'.repeat(1_048_576)));
  expect(hub.stats().closes).toEqual({ 3008: 2_000 });
  expect(hub.stats()).toMatchObject({ connections: 1, subscriptions: 2 });
  expect(news(ann.take()).filter((one) => one.endsWith('leaves b')).length).toBe(2_000);
});

test('[HB80] when the hub closes nobody is told of each other', () => {
  const { hub, client } = told();
  const ann = client('ann');
  subscribed(ann, 'ann');
  subscribed(client('bob'), 'bob');
  ann.take();
  hub.close();
  expect(ann.take()).toEqual([]);
});
