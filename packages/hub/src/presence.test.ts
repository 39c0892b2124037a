import { expect, test } from 'vitest';
import { channelsWith, fakeHub } from '../test/fake-hub.ts';
import { errorCode } from '../test/read-sent.ts';

const METHODS = ['presence', 'presence_stats'] as const;

function presentHub() {
  const clientIdOf = (number: number) => `client-${number}`;
  return fakeHub({
    ...channelsWith({ presence: true, allowPresenceForSubscriber: true }),
    clientIdOf,
  });
}

test('[HB47] presence names every client in the channel, its stats count clients and users', () => {
  const { client } = presentHub();
  const ann = client('ann');
  const phone = client('ann');
  const bob = client('bob', { channels: ['a'] });
  client('eve');
  ann.subscribe('a');
  phone.subscribe('a');
  expect(ann.ask('presence', { channel: 'a' })).toEqual([
    {
      id: 3,
      presence: {
        presence: {
          'client-1': { user: 'ann', client: 'client-1' },
          'client-2': { user: 'ann', client: 'client-2' },
          'client-3': { user: 'bob', client: 'client-3' },
        },
      },
    },
  ]);
  expect(bob.ask('presence_stats', { channel: 'a' })).toEqual([
    { id: 2, presence_stats: { num_clients: 3, num_users: 2 } },
  ]);
});

test('[HB47] who unsubscribes, is unsubscribed or is gone is not present any more', () => {
  const { hub, client } = presentHub();
  const ann = client('ann');
  ann.subscribe('a');
  const others = ['bob', 'cid', 'dan', 'eve'].map((user) => client(user, { channels: ['a'] }));
  const count = () => ann.ask('presence_stats', { channel: 'a' })[0]?.presence_stats;
  expect(count()).toEqual({ num_clients: 5, num_users: 5 });
  others[0]?.ask('unsubscribe', { channel: 'a' });
  hub.unsubscribe({ user: 'cid' }, 'a');
  hub.disconnect({ user: 'dan' });
  others[3]?.connection.closed();
  expect(count()).toEqual({ num_clients: 1, num_users: 1 });
});

for (const method of METHODS) {
  test(`[HB47] ${method} is 108 when off, 103 when not allowed or not subscribed, 3501 without a channel`, () => {
    expect(errorCode(fakeHub().client().ask(method, { channel: 'a' }))).toBe(108);
    const closed = fakeHub(channelsWith({ presence: true })).client();
    closed.subscribe('a');
    expect(errorCode(closed.ask(method, { channel: 'a' }))).toBe(103);
    const ann = presentHub().client();
    expect(errorCode(ann.ask(method, { channel: 'a' }))).toBe(103);
    ann.ask(method, {});
    expect(ann.close?.code).toBe(3501);
  });
}
