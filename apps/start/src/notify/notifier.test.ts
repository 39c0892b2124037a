import { createFakeClock } from '@telex/testkit';
import { expect, test } from 'vitest';
import { createFakeNotifications } from '../desktop/test/fake-notifications.ts';
import type { Decision } from './decision.ts';
import { createMemoryJournal } from './journal.ts';
import { createNotifier } from './notifier.ts';
import { message } from './test-arrivals.ts';

function start(
  options: { readonly earlier?: readonly string[]; readonly journalFails?: boolean } = {},
) {
  const notifications = createFakeNotifications();
  const clock = createFakeClock();
  const journal = createMemoryJournal(options.earlier);
  const steps: string[] = [];
  const decisions: Decision[] = [];
  const faults: string[] = [];
  const notifier = createNotifier({
    notifications,
    clock,
    journal: {
      ...journal,
      note(id) {
        if (options.journalFails === true) throw new Error('disk full');
        steps.push(`noted ${id}`);
        journal.note(id);
      },
    },
    formatTime: () => '12:00',
    onDecision: (decision) => decisions.push(decision),
    onRequested: ({ arrival }) => steps.push(`requested ${arrival?.id}`),
    onShown: ({ id }) => steps.push(`shown ${id}`),
    onAction: (action, arrival) => steps.push(`${action} ${arrival?.id}`),
    onQuiet: () => {},
    onFault: (sentence) => faults.push(sentence),
  });
  void notifier.feed({ kind: 'signed-in', userId: 'me' });
  const push = (id: string, threadId = 'thread-1') =>
    notifier.feed({ kind: 'arrival', arrival: message({ id, threadId }) });
  return { notifier, notifications, clock, steps, decisions, faults, push };
}

test('[J1] the id is noted before the desktop is asked', async () => {
  const { push, steps } = start();
  await push('a');
  expect(steps).toEqual(['noted a', 'requested a', 'shown a']);
});

test('a full disk stops no notification and is told once', async () => {
  const { push, notifications, faults } = start({ journalFails: true });
  await push('a');
  await push('b', 'thread-2');
  expect(notifications.shown).toHaveLength(2);
  expect(faults).toHaveLength(1);
  expect(faults[0]).toContain('Check the state folder.');
});

test('[N5] a desktop that refuses is told once, and gets one summary when it is back', async () => {
  const { push, notifications, notifier, faults } = start();
  notifications.refuse(true);
  await push('a', 'a');
  void push('b', 'b');
  expect(notifier.quiet).toEqual(['no-desktop']);
  expect(faults).toHaveLength(1);
  notifications.refuse(false);
  notifications.emit({ kind: 'available' });
  expect(notifications.shown.map(({ body }) => body)).toEqual([
    '2 new in 1 channel (Acme › general) while it was quiet',
  ]);
});

test('[N7] a bubble that the user closed is not replaced but counted', async () => {
  const { push, notifications, decisions } = start();
  await push('a');
  notifications.emit({ kind: 'closed', bubble: 'thread org thread-1' });
  void push('b');
  expect(decisions.at(-1)).toMatchObject({ kind: 'count', rule: 'N7' });
});

test('[J4] a counted message is done with when a summary has told of it, and not before', async () => {
  const { push, clock, notifications } = start();
  for (const id of ['a', 'b', 'c', 'd']) await push(id, id);
  let isDone = false;
  const done = Promise.all([push('e', 'e'), push('f', 'f')]).then(() => {
    isDone = true;
  });
  await clock.advance(900);
  expect(isDone).toBe(false);
  await clock.advance(200);
  await done;
  expect(notifications.shown.at(-1)?.body).toContain('2 new');
});

test('[J4] what catching up brings holds nothing up', async () => {
  const { notifier } = start();
  const arrival = message({ id: 'a', via: 'catch-up' });
  expect(notifier.feed({ kind: 'arrival', arrival })).toBeUndefined();
});

test('a timer runs only while something is due', async () => {
  const { push, clock, notifications } = start();
  await push('a', 'a');
  expect(clock.pending).toBe(0);
  for (const id of ['b', 'c', 'd', 'e', 'f']) void push(id, id);
  expect(clock.pending).toBe(1);
  await clock.advance(2_000);
  expect(notifications.shown.at(-1)?.body).toBe('2 new in 1 channel (Acme › general)');
  expect(clock.pending).toBe(0);
});

test('received = shown + counted + dropped', async () => {
  const { push, notifier } = start({ earlier: ['x'] });
  for (const id of ['a', 'a', 'b', 'x']) void push(id);
  await notifier.feed({ kind: 'arrival', arrival: message({ id: 'own', authorId: 'me' }) });
  expect(notifier.counts).toEqual({ received: 5, shown: 2, counted: 1, dropped: 2 });
});

test('1,000 pushes of one thread replace one bubble 1,000 times and take less than 200 ms', async () => {
  const { push, notifications } = start();
  const from = performance.now();
  for (let number = 0; number < 1_000; number += 1) await push(`n-${number}`);
  expect(performance.now() - from).toBeLessThan(200);
  expect(notifications.shown).toHaveLength(1_000);
  expect(notifications.open.size).toBe(1);
});

test('an action names the message that its bubble shows, also just after it has gone', async () => {
  const { push, notifications, steps } = start();
  await push('a', 'a');
  const [bubble = ''] = notifications.open.keys();
  notifications.emit({ kind: 'closed', bubble });
  notifications.emit({ kind: 'activated', bubble, action: 'mark-read' });
  expect(steps.at(-1)).toBe('mark-read a');
});

test('at the end it takes its notifications away', async () => {
  const { push, notifications, notifier } = start();
  await push('a', 'a');
  expect(notifications.open.size).toBe(1);
  notifier.close();
  expect(notifications.open.size).toBe(0);
});
