import fc from 'fast-check';
import { expect, test } from 'vitest';
import { channelsWith, fakeHub } from '../test/fake-hub.ts';
import { errorCode, numbers, subscribed } from '../test/read-sent.ts';
import type { Hub } from './hub.ts';

function publish(hub: Hub, from: number, to: number): void {
  for (let n = from; n <= to; n += 1) hub.publish('a', `{"n":${n}}`);
}

test('[HB40] offsets count from 1 in the order published, and a subscriber begins at the top', () => {
  const { hub, client } = fakeHub();
  const ann = client();
  publish(hub, 1, 3);
  const reply = subscribed(ann.subscribe('a'));
  expect([reply.offset, reply.publications, reply.was_recovering]).toEqual([
    3,
    undefined,
    undefined,
  ]);
  const result = hub.publish('a', '{"n":4}');
  expect(result).toEqual({ offset: 4, epoch: reply.epoch });
  expect(ann.take()).toEqual([{ push: { channel: 'a', pub: { data: { n: 4 }, offset: 4 } } }]);
});

test('[HB41] [H3] [H2] what was missed comes in the reply, in order, which keeps the offset asked for', () => {
  const { hub, client } = fakeHub();
  const ann = client();
  publish(hub, 1, 5);
  const { epoch } = subscribed(client('ann').subscribe('a'));
  const reply = subscribed(ann.subscribe('a', { recover: true, epoch, offset: 2 }));
  expect(reply).toMatchObject({ recovered: true, was_recovering: true, offset: 2 });
  expect(reply.publications?.map(({ offset, data }) => [offset, data.n])).toEqual([
    [3, 3],
    [4, 4],
    [5, 5],
  ]);
  publish(hub, 6, 6);
  expect(numbers(ann.take())).toEqual([6]);
});

test('[HB41] [H3] nothing missed is recovered, without publications; an empty epoch is not compared', () => {
  const { hub, client } = fakeHub();
  publish(hub, 1, 2);
  const ann = client();
  const { epoch } = subscribed(ann.subscribe('a'));
  const up = subscribed(client('ann').subscribe('a', { recover: true, epoch, offset: 2 }));
  expect([up.recovered, up.was_recovering, up.publications]).toEqual([true, true, undefined]);
  const first = subscribed(client('ann').subscribe('a', { recover: true, epoch: '', offset: 0 }));
  expect(first.publications?.length).toBe(2);
});

test('[HB42] [H4] another epoch, a trimmed history and a client ahead of the top are unrecovered', () => {
  const { hub, client } = fakeHub(channelsWith({ historySize: 3 }));
  publish(hub, 1, 5);
  const { epoch } = subscribed(client('ann').subscribe('a'));
  for (const since of [
    { epoch: 'other', offset: 5 },
    { epoch, offset: 1 },
    { epoch, offset: 6 },
    { epoch: '', offset: 0 },
  ]) {
    const reply = subscribed(client('ann').subscribe('a', { recover: true, ...since }));
    expect(reply).toMatchObject({ was_recovering: true, offset: 5, epoch });
    expect([reply.recovered, reply.publications]).toEqual([undefined, undefined]);
  }
  const last = subscribed(client('ann').subscribe('a', { recover: true, epoch, offset: 2 }));
  expect(last.publications?.length).toBe(3);
});

test('[HB42] [H4] exactly the limit of missed publications is recovered, one more is not, nor a part', () => {
  const { hub, client } = fakeHub({ limits: { recoveryPublications: 10 } });
  publish(hub, 1, 27);
  const { epoch } = subscribed(client('ann').subscribe('a'));
  const ten = subscribed(client('ann').subscribe('a', { recover: true, epoch, offset: 17 }));
  expect(ten.publications?.length).toBe(10);
  const eleven = subscribed(client('ann').subscribe('a', { recover: true, epoch, offset: 16 }));
  expect([eleven.recovered, eleven.publications, eleven.offset]).toEqual([
    undefined,
    undefined,
    27,
  ]);
});

test('[HB42] [H8] replies too large for the queue are unrecovered, and close nobody', () => {
  const { hub, client } = fakeHub();
  const text = 'ä'.repeat(2_500);
  for (const channel of ['a', 'b', 'c']) {
    for (let n = 1; n <= 100; n += 1) hub.publish(channel, `{"n":${n},"text":"${text}"}`);
  }
  const ann = client();
  const { epoch } = subscribed(ann.subscribe('x'));
  const since = { recover: true, epoch, offset: 0 };
  const token = (channel: string) => JSON.stringify({ user: 'ann', channel });
  ann.send(
    { id: 7, subscribe: { channel: 'a', token: token('a'), ...since } },
    { id: 8, subscribe: { channel: 'b', token: token('b'), ...since } },
    { id: 9, subscribe: { channel: 'c', token: token('c'), ...since } },
  );
  const recovered = ann.take().map((reply) => subscribed([reply]).recovered ?? false);
  expect(recovered).toEqual([true, false, false]);
  expect(ann.close).toBeUndefined();
});

test('[HB42] with flag 2 an unrecovered position is error 112, and the channel is not joined', () => {
  const { hub, client } = fakeHub(channelsWith({ historySize: 2 }));
  publish(hub, 1, 5);
  const ann = client();
  expect(errorCode(ann.subscribe('a', { recover: true, epoch: 'x', offset: 1, flag: 2 }))).toBe(
    112,
  );
  expect(hub.stats().subscriptions).toBe(0);
});

test('[HB40] [HB42] [H4] items expire with the ttl after the last publication, offset and epoch stay', () => {
  const { hub, client, time } = fakeHub({
    ...channelsWith({ historyTtlMs: 10_000, historyMetaTtlMs: 100_000 }),
    limits: { pingMs: 3_600_000 },
  });
  publish(hub, 1, 2);
  const { epoch } = subscribed(client('ann').subscribe('a'));
  time.advance(9_000);
  publish(hub, 3, 3);
  time.advance(9_000);
  const all = subscribed(client('ann').subscribe('a', { recover: true, epoch, offset: 1 }));
  expect(all.publications?.length).toBe(2);
  time.advance(2_000);
  const gone = subscribed(client('ann').subscribe('a', { recover: true, epoch, offset: 1 }));
  expect([gone.recovered, gone.offset, gone.epoch]).toEqual([undefined, 3, epoch]);
  const none = subscribed(client('ann').subscribe('a', { recover: true, epoch, offset: 3 }));
  expect(none.recovered).toBe(true);
  expect(hub.stats().historyCharacters).toBe(0);
});

test('[HB43] [H4] a forgotten stream begins anew under another epoch', () => {
  const { hub, client, time } = fakeHub({
    ...channelsWith({ historyTtlMs: 10_000, historyMetaTtlMs: 20_000 }),
    limits: { pingMs: 3_600_000 },
    random: Math.random,
  });
  publish(hub, 1, 5);
  const ann = client();
  const { epoch } = subscribed(ann.subscribe('a'));
  time.advance(60_000);
  expect(hub.stats().channels).toBe(1);
  ann.ask('unsubscribe', { channel: 'a' });
  time.advance(3_000);
  expect(hub.stats().channels).toBe(0);
  publish(hub, 1, 6);
  const reply = subscribed(ann.subscribe('a', { recover: true, epoch, offset: 5 }));
  expect(reply.epoch).not.toBe(epoch);
  expect(reply.recovered).toBeUndefined();
});

test('[HB43] [H4] two hubs have different epochs, and the push of offset 1 says its own', () => {
  const hubs = [fakeHub({ random: Math.random }), fakeHub({ random: Math.random })];
  const epochs = hubs.map(({ hub, client }) => {
    const ann = client();
    const { epoch } = subscribed(ann.subscribe('a'));
    publish(hub, 1, 2);
    expect(ann.take().map(({ push }) => push)).toEqual([
      { channel: 'a', pub: { data: { n: 1 }, offset: 1, epoch } },
      { channel: 'a', pub: { data: { n: 2 }, offset: 2 } },
    ]);
    return epoch;
  });
  expect(epochs[0]).toMatch(/^[A-Za-z]{8}$/);
  expect(epochs[0]).not.toBe(epochs[1]);
});

test('[HB43] a channel that nobody published to is freed with its last subscriber, and still recovers', () => {
  const { hub, client } = fakeHub();
  const ann = client();
  const { epoch } = subscribed(ann.subscribe('a'));
  ann.ask('unsubscribe', { channel: 'a' });
  expect(hub.stats().channels).toBe(0);
  const again = subscribed(ann.subscribe('a', { recover: true, epoch, offset: 0 }));
  expect([again.recovered, again.epoch]).toEqual([true, epoch]);
});

test('[HB44] a repeat of a key gives the first result and delivers nothing, for 300 s', () => {
  const { hub, client, time } = fakeHub({ limits: { pingMs: 3_600_000 } });
  const ann = client();
  ann.subscribe('a');
  const first = hub.publish('a', '{"n":1}', { idempotencyKey: 'k' });
  expect(hub.publish('a', '{"n":2}', { idempotencyKey: 'k' })).toEqual(first);
  expect(numbers(ann.take())).toEqual([1]);
  expect(hub.broadcast(['b', 'a'], '{"n":3}', { idempotencyKey: 'k' })).toEqual([
    { offset: 1, epoch: first.epoch },
    first,
  ]);
  time.advance(299_000);
  expect(hub.publish('a', '{"n":4}', { idempotencyKey: 'k' })).toEqual(first);
  time.advance(3_000);
  expect(hub.publish('a', '{"n":5}', { idempotencyKey: 'k' }).offset).toBe(2);
  expect(numbers(ann.take())).toEqual([5]);
  time.advance(301_000);
  expect(hub.stats().idempotencyResults).toBe(0);
});

test('[HB44] results are bounded in number: the oldest keys are forgotten first', () => {
  const { hub } = fakeHub({ limits: { idempotencyResults: 100 } });
  for (let n = 0; n < 1_000; n += 1) hub.publish('a', '{}', { idempotencyKey: `k${n}` });
  expect(hub.stats().idempotencyResults).toBe(100);
  expect(hub.publish('a', '{}', { idempotencyKey: 'k999' }).offset).toBe(1_000);
  expect(hub.publish('a', '{}', { idempotencyKey: 'k0' }).offset).toBe(1_001);
});

test('[HB45] all histories together are bounded, and what was cut is not recovered', () => {
  const { hub, client, time } = fakeHub({ limits: { historyCharacters: 50_000 } });
  const data = JSON.stringify({ n: 1, text: 'x'.repeat(1_000) });
  for (let n = 0; n < 100; n += 1) hub.broadcast(['a', 'b'], data);
  time.advance(5_000);
  expect(hub.stats().historyCharacters).toBeLessThan(50_000);
  const { epoch, offset } = subscribed(client('ann').subscribe('a'));
  expect(offset).toBe(100);
  const reply = subscribed(client('ann').subscribe('a', { recover: true, epoch, offset: 5 }));
  expect(reply.recovered).toBeUndefined();
});

test('[HB46] history gives the position alone, a part, or all of it, in either direction', () => {
  const { hub, client } = fakeHub(channelsWith({ allowHistoryForSubscriber: true }));
  const ann = client();
  const { epoch } = subscribed(ann.subscribe('a'));
  publish(hub, 1, 5);
  ann.take();
  const offsets = (parameters: object) => {
    const [sent] = ann.ask('history', { channel: 'a', ...parameters });
    const history = sent?.history as { publications: { offset: number }[]; offset: number };
    expect(history.offset).toBe(5);
    return history.publications.map(({ offset }) => offset);
  };
  expect(offsets({})).toEqual([]);
  expect(offsets({ limit: 2 })).toEqual([1, 2]);
  expect(offsets({ limit: -1 })).toEqual([1, 2, 3, 4, 5]);
  expect(offsets({ limit: 2, since: { epoch, offset: 2 } })).toEqual([3, 4]);
  expect(offsets({ limit: 2, reverse: true })).toEqual([5, 4]);
  expect(offsets({ limit: 9, reverse: true, since: { epoch, offset: 3 } })).toEqual([2, 1]);
  expect(errorCode(ann.ask('history', { channel: 'a', since: { epoch: 'x', offset: 1 } }))).toBe(
    112,
  );
});

test('[HB41] [HB42] any client that comes and goes at random sees every publication once and in order, or is told of the gap', () => {
  const steps = fc.array(fc.constantFrom('publish', 'publish', 'leave', 'come', 'wait'), {
    maxLength: 80,
  });
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 6 }), (walk, size) => {
      const { hub, client, time } = fakeHub({
        ...channelsWith({ historySize: size }),
        limits: { pingMs: 3_600_000 },
      });
      let ann: ReturnType<typeof client> | undefined;
      let published = 0;
      let seen = 0;
      let epoch = '';
      const take = () => {
        for (const n of numbers(ann?.take() ?? [])) {
          expect(n).toBe(seen + 1);
          seen = n;
        }
      };
      for (const step of walk) {
        if (step === 'publish') {
          published += 1;
          hub.publish('a', `{"n":${published}}`);
        } else if (step === 'leave') {
          take();
          ann?.connection.closed();
          ann = undefined;
        } else if (step === 'wait') {
          time.advance(1_000);
        } else if (ann === undefined) {
          ann = client();
          const reply = subscribed(ann.subscribe('a', { recover: true, epoch, offset: seen }));
          epoch = reply.epoch;
          if (reply.recovered === true) {
            for (const { data } of reply.publications ?? []) {
              expect(data.n).toBe(seen + 1);
              seen = data.n;
            }
            expect(seen).toBe(published);
          } else {
            expect(published - seen).toBeGreaterThan(size);
            seen = published;
          }
        }
      }
      take();
      if (ann !== undefined) expect(seen).toBe(published);
    }),
  );
});
