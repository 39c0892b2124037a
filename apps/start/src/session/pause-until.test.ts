import { expect, test } from 'vitest';
import { pauseUntil } from './pause-until.ts';

const evening = new Date(2026, 10, 21, 22, 15).getTime();

test('half an hour and an hour are counted from now', () => {
  expect(pauseUntil('30m', evening) - evening).toBe(30 * 60_000);
  expect(pauseUntil('1h', evening) - evening).toBe(60 * 60_000);
});

test('until tomorrow ends at 8 in the morning of the next day, also shortly after midnight', () => {
  expect(pauseUntil('tomorrow', evening)).toBe(new Date(2026, 10, 22, 8).getTime());
  const night = new Date(2026, 10, 22, 0, 30).getTime();
  expect(pauseUntil('tomorrow', night)).toBe(new Date(2026, 10, 23, 8).getTime());
  const newYear = new Date(2026, 11, 31, 12).getTime();
  expect(pauseUntil('tomorrow', newYear)).toBe(new Date(2027, 0, 1, 8).getTime());
});
