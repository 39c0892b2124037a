import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createEventRig, type EventRig } from '../testing/event-rig.ts';

const HOUR_MS = 3_600_000;
let rig: EventRig;

beforeEach(async () => {
  rig = await createEventRig();
  await rig.addOrganisation('north', ['ada', 'ben']);
  await rig.addChannel('general', { organisation: 'north', members: ['ada', 'ben'] });
});
afterEach(() => rig.close());

/** Rows in every table. */
async function countRows(): Promise<number> {
  const { rows: tables } = await sql<{
    name: string;
  }>`select name from sqlite_master where type = 'table'`.execute(rig.db);
  let total = 0;
  for (const { name } of tables) {
    const { rows } = await sql<{
      n: number;
    }>`select count(*) as n from ${sql.table(name)}`.execute(rig.db);
    total += rows[0]?.n ?? 0;
  }
  return total;
}

async function lastSeq(): Promise<number> {
  const row = await rig.db.selectFrom('organisations').select('last_seq').executeTakeFirstOrThrow();
  return row.last_seq;
}

describe('posting', () => {
  test('opens a thread, and a reply goes into it', async () => {
    const { message } = await rig.post('ada', 'general', { content: 'first' });
    await rig.post('ben', 'general', { content: 'second', threadId: message.thread_id });
    const threads = await rig.db.selectFrom('threads').selectAll().execute();
    expect(threads).toEqual([
      expect.objectContaining({
        id: message.thread_id,
        content: 'first',
        first_seq: 1,
        last_seq: 2,
        message_count: 2,
      }),
    ]);
    const channel = await rig.db.selectFrom('channels').select('message_count').execute();
    expect(channel).toEqual([{ message_count: 2 }]);
  });

  test('marks the thread as read for its author alone', async () => {
    const { message } = await rig.post('ada', 'general');
    const marks = await rig.db.selectFrom('read_marks').selectAll().execute();
    expect(marks).toEqual([
      expect.objectContaining({ user_id: 'ada', thread_id: message.thread_id, read_seq: 1 }),
    ]);
  });

  test('writes the same number of rows for 2 and for 1,000 members (S8)', async () => {
    const start = await countRows();
    await rig.post('ada', 'general', { idempotencyKey: 'one' });
    const small = (await countRows()) - start;
    for (let number = 0; number < 998; number += 1) {
      await rig.addUser(`user-${number}`);
      await rig.joinOrganisation('north', `user-${number}`);
      await rig.joinChannel('general', `user-${number}`);
    }
    const before = await countRows();
    await rig.post('ada', 'general', { idempotencyKey: 'two' });
    expect((await countRows()) - before).toBe(small);
    expect(small).toBe(5);
  });

  test('gives each of many posts at once its own place and its own result', async () => {
    const contents = Array.from({ length: 200 }, (_, index) => `text ${index}`);
    const results = await Promise.all(
      contents.map((content, index) => rig.post(index % 2 ? 'ada' : 'ben', 'general', { content })),
    );
    expect(results.map(({ message }) => message.content)).toEqual(contents);
    const seqs = results.map(({ message }) => message.seq).sort((a, b) => a - b);
    expect(seqs).toEqual(contents.map((_, index) => index + 1));
    const events = await rig.db.selectFrom('events').select('seq').orderBy('seq').execute();
    expect(events.map(({ seq }) => seq)).toEqual(seqs);
  });

  test('fails only the bad ones among posts that share a commit', async () => {
    await rig.addUser('eve');
    const results = await Promise.allSettled([
      rig.post('ada', 'general'),
      rig.post('eve', 'general'),
      rig.post('ada', 'nowhere'),
      rig.post('ada', 'general', { threadId: 'no-such-thread' }),
      rig.post('ben', 'general'),
    ]);
    expect(results.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'rejected',
      'rejected',
      'fulfilled',
    ]);
    expect(await lastSeq()).toBe(2);
  });

  test('in two organisations at once counts each from its own start', async () => {
    await rig.addOrganisation('south', ['ada']);
    await rig.addChannel('south-general', { organisation: 'south', members: ['ada'] });
    const results = await Promise.all([
      rig.post('ada', 'general'),
      rig.post('ada', 'south-general'),
      rig.post('ada', 'general'),
      rig.post('ada', 'south-general'),
    ]);
    expect(results.map(({ message }) => message.seq)).toEqual([1, 1, 2, 2]);
  });
});

describe('who may post', () => {
  const refusal = (user: string, channel = 'general') => expect(rig.post(user, channel)).rejects;

  test('someone outside the organisation is told that there is no such channel', async () => {
    await rig.addUser('eve');
    await refusal('eve').toMatchObject({ code: 'not_found' });
  });

  test('a member who has not joined a public channel is told to join', async () => {
    await rig.addUser('cyn');
    await rig.joinOrganisation('north', 'cyn');
    await refusal('cyn').toMatchObject({ code: 'forbidden', message: /Join the channel/ });
    await rig.db.updateTable('channels').set({ is_private: 1 }).execute();
    await refusal('cyn').toMatchObject({ code: 'not_found' });
  });

  test('a guest reads only', async () => {
    await rig.addUser('gus');
    await rig.joinOrganisation('north', 'gus', 'Guest');
    await rig.joinChannel('general', 'gus');
    await refusal('gus').toMatchObject({ code: 'forbidden', message: /Guests/ });
  });

  test('nobody posts in an archived channel, and a deleted one is gone', async () => {
    await rig.db.updateTable('channels').set({ archived: 1 }).execute();
    await refusal('ada').toMatchObject({ code: 'forbidden', message: /archived/ });
    await rig.db.updateTable('channels').set({ deleted_at: 1 }).execute();
    await refusal('ada').toMatchObject({ code: 'not_found' });
  });

  test('a deactivated member and one who has left are strangers', async () => {
    await rig.db
      .updateTable('memberships')
      .set({ status: 'deactivated' })
      .where('user_id', '=', 'ben')
      .execute();
    await refusal('ben').toMatchObject({ code: 'not_found' });
    await rig.leaveOrganisation('north', 'ada');
    await refusal('ada').toMatchObject({ code: 'not_found' });
  });

  test('a thread of another channel is not there', async () => {
    await rig.addChannel('other', { organisation: 'north', members: ['ada'] });
    const { message } = await rig.post('ada', 'other');
    await expect(rig.post('ada', 'general', { threadId: message.thread_id })).rejects.toMatchObject(
      { code: 'not_found' },
    );
  });
});

describe('an idempotency key', () => {
  test('gives the first message again and writes nothing', async () => {
    const first = await rig.post('ada', 'general', { idempotencyKey: 'k' });
    const rows = await countRows();
    const second = await rig.post('ada', 'general', { idempotencyKey: 'k' });
    expect(second).toEqual({ message: first.message, repeated: true });
    expect(await countRows()).toBe(rows);
  });

  test('posts once when 50 repeats arrive at once, in one commit or in several', async () => {
    const repeats = Array.from({ length: 50 }, () =>
      rig.post('ada', 'general', { idempotencyKey: 'k' }),
    );
    const others = Array.from({ length: 50 }, () => rig.post('ada', 'general'));
    const results = await Promise.all(repeats);
    await Promise.all(others);
    expect(new Set(results.map(({ message }) => message.id)).size).toBe(1);
    expect(results.filter(({ repeated }) => !repeated)).toHaveLength(1);
    expect(await lastSeq()).toBe(51);
  });

  test('refuses a different request, at once or later', async () => {
    const results = await Promise.allSettled([
      rig.post('ada', 'general', { idempotencyKey: 'k', content: 'one' }),
      rig.post('ada', 'general', { idempotencyKey: 'k', content: 'two' }),
    ]);
    expect(results).toMatchObject([
      { status: 'fulfilled' },
      { status: 'rejected', reason: { code: 'idempotency_conflict' } },
    ]);
    await expect(
      rig.post('ada', 'general', { idempotencyKey: 'k', content: 'two' }),
    ).rejects.toMatchObject({ code: 'idempotency_conflict' });
  });

  test('belongs to its author', async () => {
    const [a, b] = await Promise.all([
      rig.post('ada', 'general', { idempotencyKey: 'k' }),
      rig.post('ben', 'general', { idempotencyKey: 'k' }),
    ]);
    expect(a.message.id).not.toBe(b.message.id);
  });

  test('of a refused post is free again', async () => {
    await rig.db.updateTable('channels').set({ archived: 1 }).execute();
    await expect(rig.post('ada', 'general', { idempotencyKey: 'k' })).rejects.toThrow();
    await rig.db.updateTable('channels').set({ archived: 0 }).execute();
    expect((await rig.post('ada', 'general', { idempotencyKey: 'k' })).repeated).toBe(false);
  });

  test('is remembered for 24 hours', async () => {
    const first = await rig.post('ada', 'general', { idempotencyKey: 'k' });
    await rig.clock.advance(24 * HOUR_MS - 1);
    const repeat = await rig.post('ada', 'general', { idempotencyKey: 'k' });
    expect(repeat.message.id).toBe(first.message.id);
    await rig.clock.advance(1);
    const later = await rig.post('ada', 'general', { idempotencyKey: 'k', content: 'other' });
    expect(later.message.id).not.toBe(first.message.id);
  });
});
