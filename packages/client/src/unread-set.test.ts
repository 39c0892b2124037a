import { parsePush } from '@telex/contract';
import { expect, test } from 'vitest';
import { MAX_THREADS, UnreadSet } from './unread-set.ts';

const ORG = { id: 'o', name: 'Northwind' };

function event(type: string, data: object) {
  const parsed = parsePush({ notification_type: type, data });
  if (!parsed.ok) throw new Error('not a push');
  return parsed.value;
}
const changed = (thread_id: string, seq: number, author_id = 'other') =>
  event('unread_thread_change', { thread_id, seq, author_id });
const read = (thread_id: string, read_seq: number, seq: number) =>
  event('thread_read', { thread_id, read_seq, seq });
const snapshot = (seq: number, threads: readonly [string, number][], total = threads.length) => [
  {
    organisation_id: 'o',
    seq,
    total,
    threads: threads.map(([thread_id, last_seq]) => ({ thread_id, channel_id: 'c', last_seq })),
  },
];

function open(): UnreadSet {
  const set = new UnreadSet('me');
  set.open(ORG);
  return set;
}

test('[U1] a push adds its thread once, thread_read takes it out, own messages add nothing', () => {
  const set = open();
  expect(set.receive('o', changed('t', 1))).toBe(true);
  expect(set.receive('o', changed('t', 2))).toBe(false);
  expect(set.receive('o', changed('mine', 3, 'me'))).toBe(false);
  expect(set.read().total).toBe(1);
  expect(set.receive('o', read('t', 1, 4))).toBe(false);
  expect(set.receive('o', read('t', 2, 5))).toBe(true);
  expect(set.read().total).toBe(0);
});

test('[U2] a snapshot replaces the set, and what came after its seq stays on top', () => {
  const set = open();
  set.receive('o', changed('old', 1));
  set.expectSnapshot();
  set.receive('o', changed('early', 5));
  set.receive('o', changed('late', 12));
  set.receive('o', read('b', 9, 11));
  expect(
    set.applySnapshot(
      snapshot(10, [
        ['a', 8],
        ['b', 9],
      ]),
    ),
  ).toBe(true);
  expect(set.read().organisations[0]?.threadIds).toEqual(['a', 'late']);
});

test('[U3] the set is bounded, and what does not fit is counted', () => {
  const set = open();
  set.expectSnapshot();
  set.applySnapshot(snapshot(10, [['a', 8]], 5_000));
  expect(set.read().total).toBe(5_000);
  for (let index = 0; index < MAX_THREADS + 10; index += 1) {
    set.receive('o', changed(`t-${index}`, 11 + index));
  }
  expect(set.read().organisations[0]?.threadIds).toHaveLength(MAX_THREADS);
  expect(set.read().total).toBe(5_000 + MAX_THREADS + 10);
});
