import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createEventRig, type EventRig } from '../testing/event-rig.ts';
import { fakeClock } from '../testing/fake-clock.ts';
import { watchForeignCommits } from './foreign-commits.ts';
import { seekLeadership } from './leadership.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'telex-nodes-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('who sends', () => {
  test('is the first, and within 250 ms of its end the next', async () => {
    const clock = fakeClock();
    const leaders: string[] = [];
    const seek = (name: string) =>
      seekLeadership({
        file: join(folder, 'sending.lock'),
        clock,
        lead: () => leaders.push(name),
        failed: (error) => leaders.push(String(error)),
      });
    const first = seek('first');
    const second = seek('second');
    const third = seek('third');
    await clock.advance(1000);
    expect(leaders).toEqual(['first']);
    third.close();
    first.close();
    await clock.advance(250);
    expect(leaders).toEqual(['first', 'second']);
    second.close();
    await clock.advance(1000);
    expect(leaders).toEqual(['first', 'second']);
  });

  test('a lock file that cannot be used is reported, and tried again', async () => {
    const clock = fakeClock();
    let faults = 0;
    let led = false;
    const seeking = seekLeadership({
      file: join(folder, 'missing', 'sending.lock'),
      clock,
      lead: () => (led = true),
      failed: () => (faults += 1),
    });
    await clock.advance(500);
    seeking.close();
    expect([led, faults]).toEqual([false, 3]);
  });
});

describe('watching what other servers commit', () => {
  test('looks once a change, and again where looking failed', async () => {
    const clock = fakeClock();
    let version = 1;
    let fails = true;
    const seen: number[] = [];
    const faults: unknown[] = [];
    const watch = watchForeignCommits({
      version: () => version,
      everyMs: 10,
      clock,
      seen: async () => {
        if (fails) throw new Error('busy');
        seen.push(version);
      },
      failed: (error) => faults.push(error),
    });
    await clock.advance(20);
    expect([seen, faults.length]).toEqual([[], 2]);
    fails = false;
    await clock.advance(100);
    expect(seen).toEqual([1]);
    version = 5;
    await clock.advance(10);
    expect(seen).toEqual([1, 5]);
    watch.close();
    version = 6;
    await clock.advance(100);
    expect(seen).toEqual([1, 5]);
  });
});

describe('a dispatcher beside another server', () => {
  let rig: EventRig;
  beforeEach(async () => {
    rig = await createEventRig();
    await rig.addOrganisation('north', ['ada', 'ben']);
    await rig.addChannel('general', { organisation: 'north', members: ['ada', 'ben'] });
  });
  afterEach(() => rig.close());

  test('that does not send keeps its hands off, and learns from the table what was sent', async () => {
    await rig.post('ada', 'general');
    await rig.dispatcher.othersCommitted();
    await rig.settle();
    expect(rig.pushed('north', 'ben')).toEqual([]);
    const isSent = rig.dispatcher.whenSent('north', 1, 5000);
    await rig.db.updateTable('organisations').set({ sent_seq: 1 }).execute();
    await rig.dispatcher.othersCommitted();
    expect(await isSent).toBe(true);
  });

  test('that sends takes the events of others, in order with its own', async () => {
    await rig.dispatcher.start();
    await rig.post('ada', 'general');
    await rig.settle();
    await rig.postElsewhere('ada', 'general');
    await rig.post('ada', 'general');
    await rig.postElsewhere('ada', 'general');
    await rig.settle();
    expect(rig.pushed('north', 'ben')).toEqual([1, 2, 3]);
    await rig.dispatcher.othersCommitted();
    await rig.settle();
    expect(rig.pushed('north', 'ben')).toEqual([1, 2, 3, 4]);
  });
});
