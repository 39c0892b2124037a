import { expect, test } from 'vitest';
import type { Content } from './decision.ts';
import { clockTime, wordsOf } from './wording.ts';

const formatTime = (unixMs: number) => `${unixMs}:00`;
const message = {
  organisation: 'Acme',
  channel: 'general',
  author: 'Ann',
  text: 'hello',
  sentAtUnixMs: 0,
};
const summary = (fields: Partial<Extract<Content, { kind: 'summary' }>>): string =>
  wordsOf(
    {
      kind: 'summary',
      cause: 'burst',
      ...{ messages: 3, channels: 2, place: undefined, doubtful: 0, gap: undefined },
      ...fields,
    },
    formatTime,
  ).body;

test('a message names organisation, channel, author and text', () => {
  expect(wordsOf({ kind: 'message', ...message }, formatTime)).toEqual({
    title: 'Acme › general',
    body: 'Ann: hello',
  });
});

test('what a foreign server leaves out leaves no odd punctuation behind', () => {
  const bare = { ...message, channel: '', author: '', text: '' };
  expect(wordsOf({ kind: 'message', ...bare }, formatTime)).toEqual({
    title: 'Acme',
    body: 'new message',
  });
});

test('[N9] a burst says how many are new and where', () => {
  expect(summary({})).toBe('3 new in 2 channels');
  const place = { organisation: 'Acme', channel: 'general' };
  expect(summary({ messages: 1, channels: 1, place })).toBe('1 new in 1 channel (Acme › general)');
});

test('[N10] after being away it says how many are unread', () => {
  expect(summary({ cause: 'away' })).toBe('3 unread in 2 channels while you were away');
});

test('[N12] after a pause it says what came meanwhile', () => {
  expect(summary({ cause: 'quiet' })).toBe('3 new in 2 channels while it was quiet');
});

test('[N11] a gap is told with its times where they are known', () => {
  expect(summary({ cause: 'away', gap: { fromUnixMs: 2, untilUnixMs: 7 } })).toBe(
    '3 unread in 2 channels while you were away; history gap 2:00–7:00: open Telex to see what is unread',
  );
  expect(summary({ messages: 0, gap: 'unknown' })).toBe(
    'history gap: open Telex to see what is unread',
  );
});

test('[N15] doubtful ones are owned up to', () => {
  expect(summary({ cause: 'away', doubtful: 1 })).toBe(
    '3 unread in 2 channels while you were away; 1 of them may have been shown before',
  );
});

test('times are those of the clock on the wall', () => {
  expect(clockTime(new Date(2026, 0, 2, 7, 5).getTime())).toBe('07:05');
});
