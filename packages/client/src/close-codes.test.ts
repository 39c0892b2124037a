import { expect, test } from 'vitest';
import { verdictOfEnded, verdictOfLost, verdictOfUnsubscribed } from './close-codes.ts';

const advicesOf = (codes: readonly number[], verdict: (code: number) => { advice: string }) =>
  codes.map((code) => [code, verdict(code).advice]);

test('[L9] what the SDK gives up follows the table of the robust session', () => {
  expect(advicesOf([1, 2, 3, 109, 3500], verdictOfEnded)).toEqual([
    [1, 'renew-once'],
    [2, 'retry-later'],
    [3, 'stop'],
    [109, 'renew'],
    [3500, 'renew-once'],
  ]);
  for (const code of [3501, 3506, 3508]) expect(verdictOfEnded(code).advice).toBe('stop');
  for (const code of [3503, 3507, 4500, 4999]) {
    expect(verdictOfEnded(code)).toEqual({ advice: 'ask', fault: 'push_ended' });
  }
  for (const code of [3502, 3504, 3505, 3509, 101, 103, 106, 110]) {
    expect(verdictOfEnded(code).advice).toBe('retry-later');
  }
});

test('[L9] what the SDK would retry is retried, with new tokens where they ran out', () => {
  expect(advicesOf([1, 2, 100, 111, 1006, 3000, 3001, 3012, 4000, 5000], verdictOfLost)).toEqual(
    [1, 2, 100, 111, 1006, 3000, 3001, 3012, 4000, 5000].map((code) => [code, 'retry']),
  );
  expect(advicesOf([109, 3005, 3014], verdictOfLost)).toEqual([
    [109, 'renew'],
    [3005, 'renew'],
    [3014, 'renew'],
  ]);
  expect(advicesOf([3008, 3010], verdictOfLost)).toEqual([
    [3008, 'damp'],
    [3010, 'damp'],
  ]);
});

test('[L9] a terminal code that nobody knows ends the session, never a loop', () => {
  for (const code of [3510, 3999, 4501]) {
    expect(verdictOfEnded(code)).toEqual({ advice: 'ask', fault: 'push_ended' });
  }
});

test('[L5] [L9] the end of one subscription: 105 is live, lost access ends, tokens are renewed', () => {
  expect(verdictOfUnsubscribed(105).advice).toBe('live');
  for (const code of [109, 110, 2000, 1]) expect(verdictOfUnsubscribed(code).advice).toBe('renew');
  for (const code of [101, 102, 103, 106, 107, 108, 9_999]) {
    expect(verdictOfUnsubscribed(code).advice).toBe('ended');
  }
});
