import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { PublishError } from '../push/push-publisher.ts';
import { createEventRig, type EventRig } from '../testing/event-rig.ts';
import { pruneOnce, startRetention } from './retention.ts';

const DAY_MS = 24 * 3_600_000;
let rig: EventRig;

beforeEach(async () => {
  rig = await createEventRig();
  await rig.addOrganisation('north', ['ada', 'ben']);
  await rig.addChannel('general', { organisation: 'north', members: ['ada', 'ben'] });
  await rig.dispatcher.start();
});
afterEach(() => rig.close());

const prune = () => pruneOnce({ db: rig.db, clock: rig.clock, eventDays: 30 });
const eventSeqs = async () =>
  (await rig.db.selectFrom('events').select('seq').orderBy('seq').execute()).map(({ seq }) => seq);

describe('retention', () => {
  test('prunes events after 30 days, messages never', async () => {
    await rig.post('ada', 'general');
    await rig.clock.advance(DAY_MS);
    await rig.post('ada', 'general');
    await rig.clock.advance(29 * DAY_MS + 1);
    expect(await prune()).toMatchObject({ events: 1 });
    expect(await eventSeqs()).toEqual([2]);
    expect(await rig.db.selectFrom('messages').select('id').execute()).toHaveLength(2);
    const row = await rig.db.selectFrom('organisations').select('pruned_seq').execute();
    expect(row).toEqual([{ pruned_seq: 1 }]);
  });

  test('never prunes an event that has not been sent', async () => {
    rig.publisher.answer = () => {
      throw new PublishError('unavailable');
    };
    await rig.post('ada', 'general');
    await rig.clock.advance(31 * DAY_MS);
    expect(await prune()).toMatchObject({ events: 0 });
    rig.publisher.answer = () => {};
    await rig.clock.advance(20_000);
    expect(rig.pushed('north', 'ben')).toEqual([1]);
    expect(await prune()).toMatchObject({ events: 1 });
  });

  test('prunes many events in small transactions until none is left', async () => {
    await Promise.all(Array.from({ length: 1_200 }, () => rig.post('ada', 'general')));
    await rig.settle();
    await rig.clock.advance(31 * DAY_MS);
    expect(await prune()).toMatchObject({ events: 1_200 });
    expect(await eventSeqs()).toEqual([]);
  });

  test('forgets idempotency keys after 24 hours', async () => {
    await rig.post('ada', 'general', { idempotencyKey: 'old' });
    await rig.clock.advance(DAY_MS);
    await rig.post('ada', 'general', { idempotencyKey: 'new' });
    expect(await prune()).toMatchObject({ keys: 1 });
    const keys = await rig.db.selectFrom('idempotency_keys').select('key').execute();
    expect(keys).toEqual([{ key: 'new' }]);
  });

  test('works at once and every hour until it is closed', async () => {
    await rig.post('ada', 'general', { idempotencyKey: 'k' });
    const failures: unknown[] = [];
    const failed = (error: unknown) => failures.push(error);
    const retention = startRetention({ db: rig.db, clock: rig.clock, eventDays: 30, failed });
    for (let hour = 0; hour < 25; hour += 1) await rig.clock.advance(3_600_000);
    const keys = await rig.db.selectFrom('idempotency_keys').select('key').execute();
    expect(keys).toEqual([]);
    expect(failures).toEqual([]);
    await retention.close();
    expect(rig.clock.pending()).toBe(0);
  });
});
