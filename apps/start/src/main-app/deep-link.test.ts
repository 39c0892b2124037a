import fc from 'fast-check';
import { expect, test } from 'vitest';
import { deepLink, readDeepLink, webLink } from './deep-link.ts';

const target = { organisationId: 'org-1', channelId: 'c_2', threadId: '0193-ab' };

test('a thread has a link for the desktop client and one for a browser', () => {
  expect(deepLink(target)).toBe('telex://org/org-1/channel/c_2/thread/0193-ab');
  expect(webLink('https://telex.example', target)).toBe(
    'https://telex.example/org/org-1/channel/c_2/thread/0193-ab',
  );
});

test('what is not known is left out from the right', () => {
  expect(deepLink({ ...target, threadId: undefined })).toBe('telex://org/org-1/channel/c_2');
  expect(deepLink({ ...target, channelId: undefined })).toBe('telex://org/org-1');
  expect(deepLink(undefined)).toBe('telex://');
  expect(webLink('https://telex.example', undefined)).toBe('https://telex.example/');
});

test('an id that could be more than a name leads no further', () => {
  for (const id of [
    '../..',
    'a/b',
    '--flag',
    'a b',
    'a%2fb',
    '$(id)',
    "';id",
    'x'.repeat(200),
    '',
  ]) {
    expect(deepLink({ ...target, threadId: id })).toBe('telex://org/org-1/channel/c_2');
    expect(deepLink({ ...target, organisationId: id })).toBe('telex://');
  }
});

test.each([
  'https://telex.example/org/a',
  'telex://org',
  'telex://org/a/channel',
  'telex://org/a/channel/b/thread/c/more',
  'telex://org/../channel/b',
  'telex://user/a',
  'nonsense',
])('%s is no link into Telex', (link) => {
  expect(readDeepLink(link)).toBeUndefined();
});

test('whatever the ids, a link leads back to where it came from or a place above it', () => {
  const id = fc.oneof(fc.uuid(), fc.string({ unit: 'binary', maxLength: 20 }));
  fc.assert(
    fc.property(id, id, id, (organisationId, channelId, threadId) => {
      const from = { organisationId, channelId, threadId };
      const back = readDeepLink(deepLink(from));
      expect(back).toBeDefined();
      if (back === 'none' || back === undefined) return;
      expect(back.organisationId).toBe(organisationId);
      expect([channelId, undefined]).toContain(back.channelId);
      expect([threadId, undefined]).toContain(back.threadId);
    }),
  );
});
