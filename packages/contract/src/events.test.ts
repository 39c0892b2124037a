import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PREVIEW_LENGTH, parsePush, previewOf } from './events.ts';

/** Every documented field of telex-api.md §4.3 and §4.4. */
const full = {
  notification_type: 'unread_thread_change',
  section: 'channels_section',
  notification_id: 'ntf-000017',
  data: {
    channels_id: '0198f3a0-3333-7aaa-8aaa-000000000003',
    name: 'General',
    description: 'Everything about the launch',
    topic: '',
    organisation_id: '0198f3a0-2222-7aaa-8aaa-000000000002',
    owner_id: '0198f3a0-1111-7aaa-8aaa-000000000001',
    owner_name: '',
    archived: false,
    is_private: false,
    created_at: '2026-01-15T09:30:00.123456+01:00',
    deleted_at: '0001-01-01T00:00:00Z',
    access: true,
    last_thread_id: '0198f3a0-4444-7aaa-8aaa-000000000004',
    thread_id: '0198f3a0-4444-7aaa-8aaa-000000000004',
    message_id: '0198f3a0-5555-7aaa-8aaa-000000000005',
    author_id: '0198f3a0-1111-7aaa-8aaa-000000000006',
    author_name: 'Ada',
    text_preview: 'Ready to launch?',
    seq: 17,
    occurred_at: '2026-01-15T09:30:00.123Z',
  },
};

const change = (data: unknown) => ({ notification_type: 'unread_thread_change', data });

describe('parsePush', () => {
  it('takes every documented field and keeps unknown ones', () => {
    const parsed = parsePush({ ...full, extra: 1, data: { ...full.data, later: [true] } });
    expect(parsed).toEqual({
      ok: true,
      value: {
        kind: 'unread_thread_change',
        push: { ...full, extra: 1, data: { ...full.data, later: [true] } },
      },
    });
  });

  it('takes the documented short form', () => {
    expect(parsePush(change({ name: 'General', description: 'x' })).ok).toBe(true);
  });

  it('passes an unknown type through', () => {
    const parsed = parsePush({ notification_type: 'mention_alert', data: { who: 'me' } });
    expect(parsed.ok && parsed.value.kind).toBe('other');
  });

  const wrongFields = Object.keys(full.data).flatMap((field) =>
    [null, {}, [1], field === 'seq' ? '17' : 42].map((wrong) => ({ field, wrong })),
  );
  it.each(wrongFields.filter(({ field, wrong }) => !(field === 'deleted_at' && wrong === null)))(
    'rejects $field = $wrong with the path of the field',
    ({ field, wrong }) => {
      const parsed = parsePush(change({ ...full.data, [field]: wrong }));
      expect(parsed.ok ? '' : parsed.faults[0].path).toBe(`data.${field}`);
    },
  );

  it.each([
    ['no type', { data: {} }, 'notification_type'],
    ['a numeric type', { notification_type: 7, data: {} }, 'notification_type'],
    ['no data', { notification_type: 'unread_thread_change' }, 'data'],
    ['data as a string', change('hello'), 'data'],
    ['data null', change(null), 'data'],
    ['a wrong notification_id', { ...full, notification_id: 1 }, 'notification_id'],
    [
      'a thread_read without a thread',
      { notification_type: 'thread_read', data: { read_seq: 1 } },
      'data.thread_id',
    ],
  ])('rejects %s', (_what, input, path) => {
    const parsed = parsePush(input);
    expect(parsed.ok ? 'accepted' : parsed.faults[0].path).toBe(path);
  });

  it('takes anything at all without throwing', () => {
    fc.assert(
      fc.property(fc.anything(), fc.jsonValue(), (any, data) => {
        expect(typeof parsePush(any).ok).toBe('boolean');
        expect(typeof parsePush(change(data)).ok).toBe('boolean');
      }),
      { numRuns: 1000 },
    );
  });
});

describe('previewOf', () => {
  it('leaves a short text alone but for its white space', () => {
    expect(previewOf('  a\n\nb\tc ')).toBe('a b c');
  });

  it('is never longer than its bound and never ends in half a character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 2000 }), (content) => {
        const preview = previewOf(content);
        expect(preview.length).toBeLessThanOrEqual(PREVIEW_LENGTH);
        expect(preview.isWellFormed()).toBe(true);
      }),
    );
  });
});

it('rejects a list as push data', () => {
  for (const notification_type of ['unread_thread_change', 'whatever']) {
    expect(parsePush({ notification_type, data: [1] })).toMatchObject({
      ok: false,
      faults: [{ path: 'data' }],
    });
  }
});
