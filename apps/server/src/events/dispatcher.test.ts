import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { PublishError } from '../push/push-publisher.ts';
import { createEventRig, type EventRig } from '../testing/event-rig.ts';

let rig: EventRig;

beforeEach(async () => {
  rig = await createEventRig();
  await rig.addOrganisation('north', ['ada', 'ben', 'cyn']);
  await rig.addChannel('general', { organisation: 'north', members: ['ada', 'ben', 'cyn'] });
  await rig.addOrganisation('south', ['ada', 'ben']);
  await rig.addChannel('lobby', { organisation: 'south', members: ['ada', 'ben'] });
  await rig.dispatcher.start();
});
afterEach(() => rig.close());

async function sentSeq(organisation: string): Promise<number> {
  const row = await rig.db
    .selectFrom('organisations')
    .select('sent_seq')
    .where('id', '=', organisation)
    .executeTakeFirstOrThrow();
  return row.sent_seq;
}

describe('the dispatcher', () => {
  test('sends an event to the members of the channel, but not to its author', async () => {
    await rig.post('ada', 'general', { content: 'hello  there' });
    await rig.settle();
    expect(rig.pushed('north', 'ben')).toEqual([1]);
    expect(rig.pushed('north', 'cyn')).toEqual([1]);
    expect(rig.pushed('north', 'ada')).toEqual([]);
  });

  test('sends the documented payload with our additions, the same text to all', async () => {
    const { message } = await rig.post('ada', 'general', { content: 'hello\n  there' });
    await rig.settle();
    const [first, second] = rig.publisher.deliveries;
    expect(first?.dataJson).toBe(second?.dataJson);
    const push: unknown = JSON.parse(first?.dataJson ?? '');
    expect(push).toMatchObject({
      notification_type: 'unread_thread_change',
      section: 'channels_section',
      notification_id: first?.idempotencyKey,
      data: {
        channels_id: 'general',
        name: 'general',
        description: 'about general',
        organisation_id: 'north',
        owner_id: 'ada',
        deleted_at: '0001-01-01T00:00:00Z',
        last_thread_id: message.thread_id,
        thread_id: message.thread_id,
        message_id: message.id,
        author_id: 'ada',
        author_name: 'ada',
        text_preview: 'hello there',
        seq: 1,
      },
    });
  });

  test('sends each organisation in the order of seq', async () => {
    await Promise.all(
      Array.from({ length: 300 }, (_, index) =>
        rig.post('ada', index % 3 === 0 ? 'lobby' : 'general'),
      ),
    );
    await rig.settle();
    expect(rig.pushed('north', 'ben')).toEqual(Array.from({ length: 200 }, (_, i) => i + 1));
    expect(rig.pushed('south', 'ben')).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
  });

  test('records what was sent within 50 ms, and only after it was accepted', async () => {
    rig.publisher.answer = () => {
      throw new PublishError('unavailable');
    };
    await rig.post('ada', 'general');
    await rig.settle();
    await rig.clock.advance(50);
    expect(await sentSeq('north')).toBe(0);
    rig.publisher.answer = () => {};
    await rig.clock.advance(150);
    expect(rig.pushed('north', 'ben')).toEqual([1]);
    await rig.clock.advance(50);
    expect(await sentSeq('north')).toBe(1);
  });

  test('picks up at the start what an earlier run left unsent', async () => {
    await rig.dispatcher.abandon();
    await Promise.all(Array.from({ length: 150 }, () => rig.post('ada', 'general')));
    await rig.post('ada', 'lobby');
    await rig.settle();
    expect(rig.publisher.deliveries).toEqual([]);
    await rig.crash();
    await rig.settle();
    expect(rig.pushed('north', 'ben')).toEqual(Array.from({ length: 150 }, (_, i) => i + 1));
    expect(rig.pushed('south', 'ben')).toEqual([1]);
  });

  test('a crash before the record sends again under the same key', async () => {
    await rig.post('ada', 'general');
    await rig.settle();
    const calls = rig.publisher.calls();
    await rig.crash();
    await rig.settle();
    expect(rig.publisher.calls()).toBeGreaterThan(calls);
    expect(rig.pushed('north', 'ben')).toEqual([1]);
  });

  test('retries with growing delays, and no other organisation waits', async () => {
    rig.publisher.answer = (channels) => {
      if (channels[0]?.startsWith('north/')) throw new PublishError('unavailable');
    };
    await rig.post('ada', 'general');
    await rig.post('ada', 'lobby');
    await rig.settle();
    expect(rig.pushed('south', 'ben')).toEqual([1]);
    await rig.clock.advance(60_000);
    const tries = rig.observed.filter((line) => line === 'retrying north').length;
    expect(tries).toBeGreaterThan(6);
    expect(tries).toBeLessThan(20);
    rig.publisher.answer = () => {};
    await rig.clock.advance(10_000);
    expect(rig.pushed('north', 'ben')).toEqual([1]);
  });

  test('treats a failure that it does not know as temporary', async () => {
    let isBroken = true;
    rig.publisher.answer = () => {
      if (isBroken) throw new Error('socket hang up');
    };
    await rig.post('ada', 'general');
    await rig.settle();
    isBroken = false;
    await rig.clock.advance(1000);
    expect(rig.pushed('north', 'ben')).toEqual([1]);
  });

  test('puts an event that can never be sent aside, and the others go on', async () => {
    rig.publisher.answer = (_channels, dataJson) => {
      if (dataJson.includes('poison')) throw new PublishError('rejected', 'not for us');
    };
    await rig.post('ada', 'general', { content: 'one' });
    await rig.post('ada', 'general', { content: 'poison' });
    await rig.post('ada', 'general', { content: 'three' });
    await rig.settle();
    expect(rig.pushed('north', 'ben')).toEqual([1, 3]);
    expect(rig.observed).toEqual(['dead letter 2']);
    const letters = await rig.db.selectFrom('dead_letters').selectAll().execute();
    expect(letters).toEqual([
      expect.objectContaining({ organisation_id: 'north', seq: 2, reason: 'not for us' }),
    ]);
    await rig.crash();
    await rig.settle();
    expect(rig.pushed('north', 'ben')).toEqual([1, 3]);
  });

  test('asks who may see it when it sends: joined later gets no more, left before gets none', async () => {
    await rig.addUser('dan');
    await rig.joinOrganisation('north', 'dan');
    await rig.post('ada', 'general');
    await rig.joinChannel('general', 'dan');
    await rig.leaveChannel('general', 'cyn');
    await rig.post('ada', 'general');
    await rig.leaveOrganisation('north', 'ben');
    await rig.post('ada', 'general');
    await rig.settle();
    expect(rig.pushed('north', 'dan')).toEqual([2, 3]);
    expect(rig.pushed('north', 'cyn')).toEqual([1]);
    expect(rig.pushed('north', 'ben').every((seq) => seq <= 2)).toBe(true);
  });

  test('reaches every one of 2,500 members, in bounded broadcasts', async () => {
    await rig.db.transaction().execute(async (db) => {
      const numbers = Array.from({ length: 2_500 }, (_, index) => index);
      const at = { created_at: 1, updated_at: 1 };
      for (const number of numbers) {
        const id = `m-${number}`;
        await db
          .insertInto('users')
          .values({ id, email: id, username: id, password_hash: '', ...at })
          .execute();
        const span = { user_id: id, began_seq: 0, created_at: 1 };
        await db
          .insertInto('memberships')
          .values({ id: `o-${number}`, organisation_id: 'north', role: 'User', ...span })
          .execute();
        await db
          .insertInto('channel_memberships')
          .values({ id: `c-${number}`, channel_id: 'general', ...span })
          .execute();
      }
    });
    let largest = 0;
    rig.publisher.answer = (channels) => {
      largest = Math.max(largest, channels.length);
    };
    const { message } = await rig.post('ada', 'general');
    await rig.dispatcher.whenSent('north', message.seq, 1000);
    const receivers = new Set(rig.publisher.deliveries.map(({ channel }) => channel));
    expect(receivers.size).toBe(2_502);
    expect(rig.publisher.deliveries).toHaveLength(2_502);
    expect(largest).toBeLessThanOrEqual(500);
  });

  test('tells who waits for an event when it has been sent, or that it took too long', async () => {
    rig.publisher.answer = () => {
      throw new PublishError('unavailable');
    };
    await rig.post('ada', 'general');
    const late = rig.dispatcher.whenSent('north', 1, 20);
    await rig.clock.advance(20);
    expect(await late).toBe(false);
    rig.publisher.answer = () => {};
    const sent = rig.dispatcher.whenSent('north', 1, 20_000);
    await rig.clock.advance(10_000);
    expect(await sent).toBe(true);
  });

  test('an outage longer than the window of the push server doubles nothing for a client that goes by seq', async () => {
    const seen = new Set<number>();
    let doubled = 0;
    await rig.post('ada', 'general');
    await rig.settle();
    // The process dies before it records, and comes back when the keys have been forgotten.
    rig.publisher.forget();
    await rig.clock.advance(0);
    await rig.crash();
    await rig.post('ada', 'general');
    await rig.settle();
    const pushed = rig.pushed('north', 'ben');
    expect(pushed.length).toBeGreaterThan(2);
    let mark = 0;
    for (const seq of pushed) {
      if (seq <= mark) continue;
      if (seen.has(seq)) doubled += 1;
      seen.add(seq);
      mark = seq;
    }
    expect([...seen]).toEqual([1, 2]);
    expect(doubled).toBe(0);
  });
});
