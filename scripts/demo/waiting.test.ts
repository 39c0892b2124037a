import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { waiting } from './waiting.ts';

const never = new Promise<never>(() => {});
const signal = new AbortController().signal;

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test('what comes in time is returned, and no timer stays', async () => {
  const event = Promise.resolve('here');
  await expect(waiting('post', 1_000, signal, { event, late: () => '' })).resolves.toBe('here');
  expect(vi.getTimerCount()).toBe(0);
});

test('what is late is an error of its hop', async () => {
  const wait = waiting('post', 1_000, signal, { event: never, late: () => 'too late' });
  const outcome = expect(wait).rejects.toMatchObject({ hop: 'post', message: 'too late' });
  await vi.advanceTimersByTimeAsync(1_000);
  await outcome;
});

test("the program's end is an error with its log", async () => {
  const program = { ended: Promise.resolve(3), log: () => 'last words' };
  const wait = waiting('start', 1_000, signal, { event: never, program, late: () => '' });
  await expect(wait).rejects.toMatchObject({
    message: 'it ended by itself (3)',
    log: 'last words',
  });
});

test('an abort ends the wait at once', async () => {
  const stop = new AbortController();
  const wait = waiting('post', 1_000, stop.signal, { event: never, late: () => '' });
  stop.abort();
  await expect(wait).rejects.toMatchObject({ name: 'AbortError' });
});
