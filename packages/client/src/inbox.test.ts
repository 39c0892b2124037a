import { expect, test } from 'vitest';
import type { Fault } from './faults.ts';
import { type CaughtUpPage, Inbox, MAX_HELD } from './inbox.ts';
import type { ReceivedPush } from './session-events.ts';

const ORG = { id: 'o', name: 'Northwind' };
const around = { receivedAt: 1, receivedAtUnixMs: 2 };
const live = { via: 'live', ...around } as const;

function push(seq: number | undefined, id = `n-${seq}`) {
  return {
    notification_type: 'unread_thread_change',
    notification_id: id,
    data: { name: 'General', description: 'x', ...(seq === undefined ? {} : { seq }) },
  };
}
const page = (events: readonly unknown[], upto: number, over: Partial<CaughtUpPage> = {}) => ({
  events,
  upto,
  hasMore: false,
  isReset: false,
  ...over,
});

function open(mark?: number) {
  const delivered: ReceivedPush[] = [];
  const marks: number[] = [];
  const faults: Fault[] = [];
  const inbox = new Inbox({
    userId: 'u',
    deliver: (one) => void delivered.push(one),
    onMark: (_organisation, next) => marks.push(next),
    onFault: (fault) => faults.push(fault),
  });
  inbox.open(ORG, 'o/u', mark);
  const seqs = () => delivered.map(({ event }) => event.push.data.seq);
  return { inbox, delivered, marks, faults, seqs };
}

test('[I1] live pushes wait for catching up and then follow it, each once', async () => {
  const { inbox, seqs, delivered, marks } = open(3);
  inbox.receive('o', push(6), live);
  inbox.receive('o', push(7), live);
  expect(seqs()).toEqual([]);
  await inbox.apply('o', page([push(4), push(5), push(6)], 6), around);
  inbox.receive('o', push(8), live);
  expect(seqs()).toEqual([4, 5, 6, 7, 8]);
  expect(delivered.map(({ via }) => via)).toEqual([
    'catch-up',
    'catch-up',
    'catch-up',
    'live',
    'live',
  ]);
  expect(marks).toEqual([4, 5, 6, 7, 8]);
});

test('[I2] seq up to the mark is a duplicate; without seq the notification id tells', async () => {
  const { inbox, delivered } = open(5);
  await inbox.apply('o', page([], 5), around);
  for (const one of [push(5), push(4), push(6), push(6)]) inbox.receive('o', one, live);
  for (const id of ['a', 'b', 'a']) inbox.receive('o', push(undefined, id), live);
  expect(delivered.map(({ event }) => event.push.notification_id)).toEqual(['n-6', 'a', 'b']);
});

test('[I3] the mark does not move past a break until catching up has closed it', async () => {
  const { inbox, marks, seqs } = open(1);
  await inbox.apply('o', page([], 1), around);
  inbox.receive('o', push(2), live);
  inbox.break('o');
  inbox.receive('o', push(9), live);
  expect(marks).toEqual([2]);
  expect(inbox.cursors()).toEqual([{ organisation_id: 'o', seq: 2 }]);
  await inbox.apply('o', page([push(5)], 8, { hasMore: true }), around);
  expect(inbox.behind()).toEqual(['o']);
  await inbox.apply('o', page([push(9)], 9), around);
  expect(seqs()).toEqual([2, 5, 9]);
  expect(inbox.behind()).toEqual([]);
});

test('[I4] more than can wait is dropped and fetched once more', async () => {
  const { inbox, seqs } = open(0);
  for (let seq = 1; seq <= MAX_HELD + 1; seq += 1) inbox.receive('o', push(seq), live);
  const first = await inbox.apply('o', page([], 0), around);
  expect(first.isDone).toBe(false);
  const all = Array.from({ length: MAX_HELD + 1 }, (_, index) => push(index + 1));
  const second = await inbox.apply('o', page(all, MAX_HELD + 1), around);
  expect(second).toEqual({ pushes: MAX_HELD + 1, isDone: true, gap: false });
  expect(seqs()).toHaveLength(MAX_HELD + 1);
});

test('[I5] a failed catch-up lets live pushes through, and what comes again is not shown again', async () => {
  const { inbox, seqs, marks } = open(1);
  inbox.receive('o', push(4), live);
  inbox.loosen();
  inbox.receive('o', push(5), live);
  expect(seqs()).toEqual([4, 5]);
  expect(marks).toEqual([]);
  await inbox.apply('o', page([push(2), push(3), push(4), push(5)], 5), around);
  expect(seqs()).toEqual([4, 5, 2, 3]);
  expect(marks).toEqual([2, 3, 4, 5]);
});

test('[I6] a server that cannot replay: a break is a gap, the first connect is none', () => {
  const { inbox, seqs } = open();
  inbox.receive('o', push(undefined, 'a'), live);
  expect(inbox.giveUp('o')).toBe(false);
  inbox.break('o');
  expect(inbox.giveUp('o')).toBe(true);
  expect(seqs()).toHaveLength(1);
});

test('[I7] hostile pushes are reported and left out; the next good one is delivered', async () => {
  const { inbox, faults, delivered } = open();
  inbox.giveUp('o');
  const bodies = [
    { name: null, description: 'x' },
    { name: 42, description: 'x' },
    'hello',
    [1],
    null,
  ];
  for (const data of bodies) {
    inbox.receive('o', { notification_type: 'unread_thread_change', data }, live);
  }
  inbox.receive('o', push(1), live);
  expect(faults.map(({ code }) => code)).toEqual(bodies.map(() => 'bad_push'));
  expect(faults[0]?.detail).toContain('data.name');
  expect(delivered).toHaveLength(1);
});

test('[I8] a reset after a mark is a gap; without a mark it is the beginning', async () => {
  const known = open(10);
  expect((await known.inbox.apply('o', page([], 99, { isReset: true }), around)).gap).toBe(true);
  expect(known.marks).toEqual([99]);
  const fresh = open();
  expect((await fresh.inbox.apply('o', page([], 99, { isReset: true }), around)).gap).toBe(false);
});

test('[I10] what came live before a reset was answered is delivered, though its seq is not past it', async () => {
  const fresh = open();
  fresh.inbox.receive('o', push(7), live);
  await fresh.inbox.apply('o', page([], 7, { isReset: true }), around);
  fresh.inbox.receive('o', push(7), live);
  fresh.inbox.receive('o', push(8), live);
  expect(fresh.seqs()).toEqual([7, 8]);

  const pruned = open(3);
  pruned.inbox.receive('o', push(3), live);
  pruned.inbox.receive('o', push(50), live);
  await pruned.inbox.apply('o', page([], 60, { isReset: true }), around);
  expect(pruned.seqs()).toEqual([50]);

  const restored = open(90);
  restored.inbox.receive('o', push(41), live);
  await restored.inbox.apply('o', page([], 41, { isReset: true }), around);
  expect(restored.seqs()).toEqual([41]);
  expect(restored.marks.at(-1)).toBe(41);
});

test('[I5] thousands of live pushes during a failed catch-up are not delivered again by it', async () => {
  const { inbox, seqs, marks } = open(0);
  const all = Array.from({ length: 6_000 }, (_, index) => push(index + 1));
  inbox.loosen();
  // The first 3,000 were missed; the rest came live, with a break in the middle.
  for (const one of all.slice(3_000, 4_500)) inbox.receive('o', one, live);
  inbox.break('o');
  inbox.loosen();
  for (const one of all.slice(4_500)) inbox.receive('o', one, live);
  for (let from = 0; from < 6_000; from += 500) {
    const hasMore = from + 500 < 6_000;
    await inbox.apply('o', page(all.slice(from, from + 500), from + 500, { hasMore }), around);
  }
  expect(seqs()).toHaveLength(6_000);
  expect(new Set(seqs()).size).toBe(6_000);
  expect(marks.at(-1)).toBe(6_000);
});

test('[I11] an answer asked for before a break does not make the stream whole', async () => {
  const { inbox, seqs } = open(1);
  const askedAt = inbox.turn;
  inbox.break('o');
  inbox.receive('o', push(9), live);
  const early = await inbox.apply('o', page([push(2)], 2), around, askedAt);
  expect(early).toEqual({ pushes: 1, isDone: false, gap: false, again: true });
  expect(inbox.behind()).toEqual(['o']);
  const late = await inbox.apply('o', page([push(5), push(9)], 9), around, inbox.turn);
  expect(late.isDone).toBe(true);
  expect(seqs()).toEqual([2, 5, 9]);
});

test('[I4] what waits is bounded in all, too', async () => {
  const { inbox } = open(0);
  const organisations = Array.from({ length: 10 }, (_, index) => `o-${index}`);
  for (const id of organisations) inbox.open({ id, name: id }, `${id}/u`, 0);
  for (const id of organisations) {
    for (let seq = 1; seq <= MAX_HELD; seq += 1) inbox.receive(id, push(seq), live);
  }
  const results = [];
  for (const id of organisations) results.push(await inbox.apply(id, page([], 0), around));
  expect(results.filter(({ again }) => again === true).length).toBeGreaterThanOrEqual(6);
});
