import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { listMessages } from '../messages/list-messages.ts';
import { createEventRig, type EventRig } from '../testing/event-rig.ts';
import { listChannelThreads, listOrganisationThreads, showThread } from './list-threads.ts';

let rig: EventRig;

beforeEach(async () => {
  rig = await createEventRig();
  await rig.addOrganisation('north', ['ada', 'ben']);
  await rig.addChannel('general', { organisation: 'north', members: ['ada', 'ben'] });
  await rig.addChannel('quiet', { organisation: 'north', members: ['ada'] });
});
afterEach(() => rig.close());

const byBen = { channelId: 'general', userId: 'ben' };

describe('listing', () => {
  test('gives threads newest first, page by page, none twice although new ones come in', async () => {
    for (let number = 1; number <= 7; number += 1) {
      await rig.post('ada', 'general', { content: `thread ${number}` });
    }
    const contents: (string | undefined)[] = [];
    let cursor: string | undefined;
    do {
      const page = await listChannelThreads(rig.db, byBen, { limit: 3, cursor });
      contents.push(...page.data.map(({ content }) => content));
      expect(page.pagination.page_count).toBe(page.data.length);
      cursor = page.pagination.next_cursor;
      await rig.post('ada', 'general', { content: 'meanwhile' });
    } while (cursor !== undefined);
    expect(contents).toEqual([7, 6, 5, 4, 3, 2, 1].map((number) => `thread ${number}`));
  });

  test('takes the documented page number too, and says where the pages end', async () => {
    for (let number = 1; number <= 5; number += 1) await rig.post('ada', 'general');
    const second = await listChannelThreads(rig.db, byBen, { page_size: 2, page: 2 });
    expect(second.data.map(({ last_seq }) => last_seq)).toEqual([3, 2]);
    expect(second.pagination).toMatchObject({ current_page: 2, total_items: 5, total_pages: 3 });
    await expect(listChannelThreads(rig.db, byBen, { page: 1_000_000 })).rejects.toMatchObject({
      code: 'validation_failed',
    });
    await expect(listChannelThreads(rig.db, byBen, { cursor: 'made up' })).rejects.toMatchObject({
      code: 'validation_failed',
    });
  });

  test('gives my threads of an organisation: those of the channels that I am in', async () => {
    await rig.post('ada', 'quiet');
    const { message } = await rig.post('ada', 'general');
    const mine = await listOrganisationThreads(
      rig.db,
      { organisationId: 'north', userId: 'ben' },
      {},
    );
    expect(mine.data).toMatchObject([
      { thread_id: message.thread_id, channel_name: 'general', unread: true, read_seq: 0 },
    ]);
    expect(mine.pagination.total_items).toBe(1);
  });

  test('shows a thread with its newest messages first', async () => {
    const { message } = await rig.post('ada', 'general', { content: 'one' });
    const threadId = message.thread_id;
    await rig.post('ben', 'general', { content: 'two', threadId });
    const shown = await showThread(rig.db, { ...byBen, threadId }, {});
    expect(shown.data).toMatchObject({
      message_count: 2,
      unread: false,
      messages: [
        { content: 'two', username: 'ben' },
        { content: 'one', user_id: 'ada' },
      ],
    });
    await expect(
      showThread(rig.db, { userId: 'ada', channelId: 'quiet', threadId }, {}),
    ).rejects.toMatchObject({ code: 'not_found' });
  });

  test('of a private channel is for its members alone', async () => {
    await rig.post('ada', 'quiet');
    const asBen = { channelId: 'quiet', userId: 'ben' };
    expect((await listMessages(rig.db, asBen, {})).data.messages).toHaveLength(1);
    await rig.db.updateTable('channels').set({ is_private: 1 }).execute();
    await expect(listMessages(rig.db, asBen, {})).rejects.toMatchObject({ code: 'not_found' });
    await expect(listChannelThreads(rig.db, asBen, {})).rejects.toMatchObject({
      code: 'not_found',
    });
  });
});
