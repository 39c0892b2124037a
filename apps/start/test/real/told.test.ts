import { describe, expect, test } from 'vitest';
import type { NotifyCall } from '../../src/desktop/test/fake-notification-server.ts';
import { toldBy } from './told.ts';

describe('what a person has been told', () => {
  test('a message whose daemon ended as it was handed over may be told once more, alone or in a summary', () => {
    const ending = { beganAtMs: 120, doneAtMs: 400 };
    const first = call('Ada: message 1', 100);
    expect(toldBy([first, call('2 new in 1 channel', 900)], [ending])).toEqual({
      shown: new Set(['message 1']),
      counted: 2,
      unanswered: 1,
      twice: [],
    });
    expect(toldBy([first, call('Ada: message 1', 900)], [ending]).twice).toEqual([]);
    expect(toldBy([first, call('Ada: message 1', 900)], []).twice).toEqual(['message 1']);
  });

  test('one that came while the daemon was ending is such a one too', () => {
    const ending = { beganAtMs: 120, doneAtMs: 400 };
    expect(toldBy([call('3 new in 1 channel', 399)], [ending]).unanswered).toBe(3);
    expect(toldBy([call('3 new in 1 channel', 401)], [ending]).unanswered).toBe(0);
    expect(toldBy([call('3 new in 1 channel', 60)], [ending]).unanswered).toBe(0);
  });

  test('a summary that is replaced goes on counting', () => {
    const calls = [call('3 new in 1 channel', 0), call('5 new in 1 channel', 2_000, 7)];
    expect(toldBy(calls, []).counted).toBe(5);
  });
});

function call(body: string, atMs: number, replacesId = 0): NotifyCall {
  const rest = { appName: '', appIcon: '', summary: '', actions: [], hints: {}, expireMs: -1 };
  return { id: 1, body, atMs, replacesId, ...rest };
}
