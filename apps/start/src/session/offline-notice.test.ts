import { createFakeClock } from '@telex/testkit';
import { expect, test } from 'vitest';
import { createOfflineNotice, OFFLINE_NOTICE_MS } from './offline-notice.ts';

function notice() {
  const clock = createFakeClock();
  let told = 0;
  const { state } = createOfflineNotice(clock.after, () => {
    told += 1;
  });
  return { clock, state, told: () => told };
}

test('a short outage says nothing', async () => {
  const { clock, state, told } = notice();
  state('offline');
  await clock.advance(OFFLINE_NOTICE_MS - 1);
  state('live');
  await clock.advance(OFFLINE_NOTICE_MS);
  expect(told()).toBe(0);
});

test('an outage that lasts says so once, however often it is tried again meanwhile', async () => {
  const { clock, state, told } = notice();
  for (let tries = 0; tries < 10; tries += 1) {
    state('offline');
    await clock.advance(OFFLINE_NOTICE_MS / 5);
    state('connecting');
  }
  expect(told()).toBe(1);
  state('live');
  state('offline');
  await clock.advance(OFFLINE_NOTICE_MS);
  expect(told()).toBe(2);
});
