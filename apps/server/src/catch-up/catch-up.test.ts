import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { pruneOnce } from '../events/retention.ts';
import { createEventRig, type EventRig, seqOf } from '../testing/event-rig.ts';

const DAY_MS = 24 * 3_600_000;
let rig: EventRig;

beforeEach(async () => {
  rig = await createEventRig();
  await rig.addOrganisation('north', ['ada', 'ben', 'cyn']);
  await rig.addChannel('general', { organisation: 'north', members: ['ada', 'ben'] });
  await rig.addChannel('other', { organisation: 'north', members: ['ada', 'cyn'] });
});
afterEach(() => rig.close());

/** Everything for the user after a cursor, reply by reply. */
async function caughtUp(user: string, from: number, limit?: number): Promise<number[]> {
  const seqs: number[] = [];
  for (let cursor = from; ; ) {
    const reply = await rig.catchUp('north', user, cursor, limit);
    if (reply === undefined) throw new Error('not a member');
    expect(reply.reset).toBe(false);
    seqs.push(...reply.events.map(seqOf));
    if (!reply.has_more) return seqs;
    expect(reply.upto).toBeGreaterThan(cursor);
    cursor = reply.upto;
  }
}

describe('catching up', () => {
  test('gives what was missed, in order, without what is for others or by oneself', async () => {
    await rig.post('ada', 'general');
    await rig.post('ada', 'other');
    await rig.post('ben', 'general');
    await rig.post('ada', 'general');
    expect(await caughtUp('ben', 0)).toEqual([1, 4]);
    expect(await caughtUp('ben', 1)).toEqual([4]);
    expect(await caughtUp('ada', 0)).toEqual([3]);
    expect(await caughtUp('cyn', 0)).toEqual([2]);
  });

  test('moves the mark past what was for others, so that nothing is asked for twice', async () => {
    for (let count = 0; count < 5; count += 1) await rig.post('ada', 'other');
    const reply = await rig.catchUp('north', 'ben', 0);
    expect(reply).toMatchObject({ events: [], upto: 5, has_more: false });
  });

  test('goes on where the limit cut it', async () => {
    for (let count = 0; count < 7; count += 1) await rig.post('ada', 'general');
    const reply = await rig.catchUp('north', 'ben', 0, 3);
    expect(reply?.events.map(seqOf)).toEqual([1, 2, 3]);
    expect(reply).toMatchObject({ upto: 3, has_more: true });
    expect(await caughtUp('ben', 0, 3)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  test('without a mark starts with what is unread', async () => {
    const { message } = await rig.post('ada', 'general');
    const reply = await rig.catchUp('north', 'ben', undefined);
    expect(reply).toMatchObject({
      events: [],
      upto: 1,
      reset: true,
      unread: {
        seq: 1,
        total: 1,
        threads: [{ thread_id: message.thread_id, channel_id: 'general', last_seq: 1 }],
      },
    });
  });

  test('with a mark ahead of the log starts anew', async () => {
    await rig.post('ada', 'general');
    expect(await rig.catchUp('north', 'ben', 2)).toMatchObject({ reset: true, upto: 1 });
  });

  test('with a mark before the oldest kept event starts anew', async () => {
    await rig.dispatcher.start();
    await rig.post('ada', 'general');
    await rig.post('ada', 'general');
    await rig.settle();
    await rig.clock.advance(20 * DAY_MS);
    await rig.post('ada', 'general');
    await rig.settle();
    await rig.clock.advance(11 * DAY_MS);
    const pruned = await pruneOnce({ db: rig.db, clock: rig.clock, eventDays: 30 });
    expect(pruned.events).toBe(2);
    expect(await rig.catchUp('north', 'ben', 1)).toMatchObject({ reset: true, upto: 3 });
    expect(await caughtUp('ben', 2)).toEqual([3]);
  });

  test('leaves out organisations of others', async () => {
    await rig.addOrganisation('south', ['dan']);
    expect(await rig.catchUp('south', 'ben', 0)).toBeUndefined();
    await rig.leaveOrganisation('north', 'ben');
    expect(await rig.catchUp('north', 'ben', 0)).toBeUndefined();
  });

  test('after coming back to the organisation gives nothing of the time between', async () => {
    await rig.post('ada', 'general');
    await rig.leaveOrganisation('north', 'ben');
    await rig.post('ada', 'general');
    await rig.joinOrganisation('north', 'ben');
    await rig.joinChannel('general', 'ben');
    await rig.post('ada', 'general');
    expect(await caughtUp('ben', 0)).toEqual([3]);
  });

  test('together with listening gives each event exactly once, whatever happens in between', async () => {
    const step = fc.oneof(
      fc.record({
        kind: fc.constant('post' as const),
        by: fc.constantFrom('ada', 'ben'),
        in: fc.constantFrom('general', 'other'),
      }),
      fc.constant({ kind: 'connect' as const }),
      fc.constant({ kind: 'disconnect' as const }),
      fc.constant({ kind: 'join other' as const }),
      fc.constant({ kind: 'leave other' as const }),
      fc.constant({ kind: 'crash' as const }),
      fc.constant({ kind: 'forget' as const }),
    );
    await rig.addUser('ben');
    await rig.dispatcher.start();
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
        const client = newClient(await headOf());
        const expected: number[] = [];
        for (const one of steps) {
          if (one.kind === 'post') {
            const isMember = one.in === 'general' || one.by === 'ada' || client.inOther;
            if (!isMember) continue;
            const { message } = await rig.post(one.by, one.in);
            const isMine = one.by !== 'ben' && (one.in === 'general' || client.inOther);
            if (isMine) expected.push(message.seq);
          } else if (one.kind === 'crash') await rig.crash();
          else if (one.kind === 'forget') rig.publisher.forget();
          else await client.do(one.kind);
        }
        await client.do('connect');
        await rig.settle();
        client.listen();
        expect(client.shown).toEqual(expected);
        if (client.inOther) await client.do('leave other');
      }),
      { numRuns: 60 },
    );
  });
});

async function headOf(): Promise<number> {
  await rig.settle();
  return (await rig.catchUp('north', 'ben', undefined))?.upto ?? 0;
}

/** Ben's program: listens while connected, catches up when it connects, goes by seq. */
function newClient(from: number) {
  let mark = from;
  let heard = rig.pushed('north', 'ben').length;
  let isConnected = false;
  const shown: number[] = [];
  const client = {
    shown,
    inOther: false,
    listen() {
      const pushes = rig.pushed('north', 'ben');
      if (isConnected) for (const seq of pushes.slice(heard)) take(seq);
      heard = pushes.length;
    },
    async do(what: 'connect' | 'disconnect' | 'join other' | 'leave other') {
      if (what === 'join other' && !client.inOther) {
        await rig.joinChannel('other', 'ben');
        client.inOther = true;
      } else if (what === 'leave other' && client.inOther) {
        await rig.leaveChannel('other', 'ben');
        client.inOther = false;
      } else if (what === 'disconnect') {
        await rig.settle();
        client.listen();
        isConnected = false;
      } else if (what === 'connect' && !isConnected) {
        client.listen();
        isConnected = true;
        for (let more = true; more; ) {
          const reply = await rig.catchUp('north', 'ben', mark, 3);
          for (const event of reply?.events ?? []) take(seqOf(event));
          mark = Math.max(mark, reply?.upto ?? mark);
          more = reply?.has_more ?? false;
        }
      }
    },
  };
  function take(seq: number) {
    if (seq <= mark) return;
    mark = seq;
    shown.push(seq);
  }
  return client;
}
