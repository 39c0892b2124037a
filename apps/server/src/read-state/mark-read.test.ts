import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createEventRig, type EventRig } from '../testing/event-rig.ts';
import { isUnread } from '../threads/thread-store.ts';
import { allUnread } from './unread-set.ts';

let rig: EventRig;
let threadId = '';

beforeEach(async () => {
  rig = await createEventRig();
  await rig.addOrganisation('north', ['ada', 'ben']);
  await rig.addChannel('general', { organisation: 'north', members: ['ada', 'ben'] });
  await rig.dispatcher.start();
  threadId = (await rig.post('ada', 'general')).message.thread_id;
});
afterEach(() => rig.close());

async function unread(user: string): Promise<string[]> {
  const { organisations } = await allUnread(rig.db, user);
  return organisations.flatMap(({ threads }) => threads.map(({ thread_id }) => thread_id));
}
const read = (userId: string, seq?: number) =>
  rig.readState.apply({ userId, threadId, change: { kind: 'read', seq } });

describe('read state', () => {
  test('a new thread is unread for the others and read for its author', async () => {
    expect(await unread('ben')).toEqual([threadId]);
    expect(await unread('ada')).toEqual([]);
  });

  test('who posts has read', async () => {
    await rig.post('ben', 'general', { threadId });
    expect(await unread('ben')).toEqual([]);
    expect(await unread('ada')).toEqual([threadId]);
  });

  test('reading tells the other devices of that user and nobody else', async () => {
    await read('ben');
    await rig.settle();
    expect(await unread('ben')).toEqual([]);
    expect(rig.pushed('north', 'ben')).toEqual([1, 2]);
    expect(rig.pushed('north', 'ada')).toEqual([]);
    const last: unknown = JSON.parse(rig.publisher.deliveries.at(-1)?.dataJson ?? '');
    expect(last).toMatchObject({
      notification_type: 'thread_read',
      data: { thread_id: threadId, read_seq: 1, seq: 2, name: 'general' },
    });
  });

  test('a mark is only raised, and reading twice is one event', async () => {
    await rig.post('ada', 'general', { threadId });
    await read('ben', 2);
    await Promise.all([read('ben', 1), read('ben', 2), read('ben')]);
    const mark = await rig.db
      .selectFrom('read_marks')
      .select('read_seq')
      .where('user_id', '=', 'ben')
      .executeTakeFirstOrThrow();
    expect(mark.read_seq).toBe(2);
    const events = await rig.db
      .selectFrom('events')
      .select('seq')
      .where('type', '=', 'thread_read')
      .execute();
    expect(events).toHaveLength(1);
  });

  test('reading a part leaves the rest unread, and nobody reads ahead', async () => {
    await rig.post('ada', 'general', { threadId });
    expect(isUnread(await read('ben', 1))).toBe(true);
    const thread = await read('ben', 9_999);
    expect(isUnread(thread)).toBe(false);
    await rig.post('ada', 'general', { threadId });
    expect(await unread('ben')).toEqual([threadId]);
  });

  test('a newcomer starts with nothing unread', async () => {
    await rig.addUser('cyn');
    await rig.joinOrganisation('north', 'cyn');
    await rig.joinChannel('general', 'cyn');
    expect(await unread('cyn')).toEqual([]);
    await rig.post('ada', 'general', { threadId });
    expect(await unread('cyn')).toEqual([threadId]);
  });

  test('a thread can be put back to unread, until it is read again', async () => {
    await read('ben');
    await rig.readState.apply({ userId: 'ben', threadId, change: { kind: 'unread' } });
    expect(await unread('ben')).toEqual([threadId]);
    await read('ben');
    expect(await unread('ben')).toEqual([]);
  });

  test('the documented status is kept for each user', async () => {
    const change = { kind: 'status', status: 'inactive' } as const;
    const thread = await rig.readState.apply({ userId: 'ben', threadId, change });
    expect(thread.user_status).toBe('inactive');
    expect(isUnread(thread)).toBe(true);
  });

  test('of a thread that one cannot see is not there, and others in the same commit succeed', async () => {
    await rig.addUser('eve');
    const results = await Promise.allSettled([read('eve'), read('ben')]);
    expect(results).toMatchObject([
      { status: 'rejected', reason: { code: 'not_found' } },
      { status: 'fulfilled' },
    ]);
  });

  test('what is unread ends with the membership of the channel', async () => {
    await rig.leaveChannel('general', 'ben');
    expect(await unread('ben')).toEqual([]);
  });
});
