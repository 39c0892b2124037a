import { expect, test } from 'vitest';
import { channelsWith, fakeHub } from '../test/fake-hub.ts';
import { tokenText } from '../test/fake-verifier.ts';
import { subscribed } from '../test/read-sent.ts';

const INFO = '{"n":12345678901234567890}';

function known() {
  return fakeHub({
    ...channelsWith({
      presence: true,
      joinLeave: true,
      forcePushJoinLeave: true,
      allowPublishForClient: true,
      allowPresenceForSubscriber: true,
      allowHistoryForSubscriber: true,
    }),
    clientIdOf: (number) => `c${number}`,
  });
}

test('[HB81] what tokens say about a client reaches the others unchanged, by every way', () => {
  const { client, hub } = known();
  const ann = client('ann', { info: INFO });
  const whole = `{"user":"ann","client":"c1","conn_info":${INFO},"chan_info":[1.50]}`;
  const token = tokenText({ user: 'ann', channel: 'a', info: '[1.50]' });
  ann.send({ id: 2, subscribe: { channel: 'a', token } });
  ann.send({ id: 3, publish: { channel: 'a', data: 1 } });
  ann.send({ id: 4, presence: { channel: 'a' } }, { id: 5, history: { channel: 'a', limit: 1 } });
  const sent = ann.socket.messages.join('\n');
  expect(sent).toContain(`"join":{"info":${whole}}`);
  expect(sent).toContain(`"pub":{"data":1,"info":${whole},"offset":1`);
  expect(sent).toContain(`"presence":{"c1":${whole}}`);
  expect(sent).toContain(`"publications":[{"data":1,"info":${whole},"offset":1`);
  expect(hub.history('a', { limit: 1 }).publications[0]?.info).toBe(whole);
  expect(hub.presence('a')).toEqual([
    { user: 'ann', client: 'c1', connInfo: INFO, chanInfo: '[1.50]' },
  ]);
});

test('[HB81] a client that publishes without being subscribed has no info of the channel', () => {
  const { client, hub } = known();
  client('bob', { info: '1' }).ask('publish', { channel: 'a', data: 1 });
  const [{ info } = {}] = hub.history('a', { limit: 1 }).publications;
  expect(info).toBe('{"user":"bob","client":"c1","conn_info":1}');
});

test('[HB81] data of a token comes with the subscription, data of a claim with the connect reply', () => {
  const { client, open } = known();
  const ann = client('ann');
  ann.send({
    id: 2,
    subscribe: { channel: 'a', token: tokenText({ user: 'ann', channel: 'a', data: INFO }) },
  });
  expect(ann.socket.messages.join('\n')).toContain(`"data":${INFO}}}`);
  const bob = open();
  const subs = { a: { data: '{"d":1}', info: '"x"' }, b: {} };
  bob.send({ id: 1, connect: { token: tokenText({ user: 'bob', subs }) } });
  const [{ connect } = {}] = bob.take();
  expect(connect).toMatchObject({ subs: { a: { data: { d: 1 } }, b: { recoverable: true } } });
});

test('[HB82] a token overrides what the channel has, for this subscription', () => {
  const { client, hub } = fakeHub(channelsWith({ presence: true, joinLeave: true }));
  const ann = client('ann');
  ann.subscribe('a', {}, { override: { presence: false, forcePushJoinLeave: true } });
  expect(hub.presence('a')).toEqual([]);
  const bob = client('bob');
  const override = { joinLeave: false, forceRecovery: false };
  expect(subscribed(bob.subscribe('a', {}, { user: 'bob', override }))).toEqual({});
  expect(hub.presence('a').length).toBe(1);
  client('cid').subscribe('a', {}, { user: 'cid' });
  expect(ann.take().filter(({ push }) => push !== undefined).length).toBe(1);
  const plain = fakeHub({ channels: {} }).client();
  const forced = plain.subscribe('a', {}, { override: { forcePositioning: true } });
  expect(subscribed(forced)).toEqual({ positioned: true, epoch: expect.any(String) });
});

test('[HB81] a refresh changes the info of the connection, unless its token has none', () => {
  const { client, hub } = known();
  const ann = client('ann', { info: '1' });
  ann.subscribe('a');
  const infoAfter = (more: object) => {
    ann.ask('refresh', { token: tokenText({ user: 'ann', ...more }) });
    return hub.presence('a')[0]?.connInfo;
  };
  expect(infoAfter({ info: '2' })).toBe('2');
  expect(infoAfter({})).toBe('2');
});

test('[HB81] a refreshed subscription has the info of its new token', () => {
  const { client, hub } = known();
  const ann = client('ann');
  ann.subscribe('a', {}, { info: '1', ttl: 10 });
  ann.ask('sub_refresh', {
    channel: 'a',
    token: tokenText({ user: 'ann', channel: 'a', info: '2', ttl: 20 }),
  });
  expect(hub.presence('a')[0]?.chanInfo).toBe('2');
});
