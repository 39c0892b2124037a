import type { Fault, FaultCode, Session } from '@telex/client';
import { createFakeClock } from '@telex/testkit';
import { expect, test } from 'vitest';
import { ARRIVAL_LIMIT_MS, createTestHops } from './test-hops.ts';

const clock = createFakeClock();

/** A server that takes `tookMs` and answers with these hops, or with a fault. */
function server(outcome: FaultCode | { stored: number; published: number }, tookMs: number) {
  const call = async () => {
    await clock.advance(tookMs);
    if (typeof outcome === 'string') {
      const fault: Fault = { code: outcome, sentence: 'It failed.' };
      return { ok: false, fault };
    }
    const hops = Object.entries(outcome).map(([hop, ms]) => ({ hop, ms }));
    return { ok: true, value: { notification_id: 'n', organisation_id: 'o', seq: 1, hops } };
  };
  return call as Session['call'];
}

test('every hop has its time since the request left, in order of the way', async () => {
  const hops = createTestHops(clock);
  const outcome = hops.run(server({ stored: 2, published: 4 }, 10));
  await clock.advance(12);
  hops.received('n', clock.now());
  await clock.advance(1);
  hops.shown('n', clock.now());
  const { hops: times } = await outcome;
  expect(times.map(({ hop }) => hop)).toEqual([
    'accepted',
    'stored',
    'published',
    'received',
    'shown',
  ]);
  expect(times.slice(0, 3).map(({ ms }) => ms)).toEqual([3, 5, 7]);
});

test('a notification that is here before the reply is found all the same', async () => {
  const hops = createTestHops(clock);
  hops.received('n', clock.now());
  hops.shown('n', clock.now());
  expect(await hops.run(server({ stored: 1, published: 2 }, 5))).toMatchObject({ arrived: true });
});

test.each([
  ['unreachable', 'accepted'],
  ['server_error', 'stored'],
  ['unavailable', 'published'],
] as const)('a request that ends in %s names %s as the broken hop', async (code, broken) => {
  const outcome = await createTestHops(clock).run(server(code, 5));
  expect(outcome).toMatchObject({ arrived: false, broken, sentence: 'It failed.' });
});

test('what never arrives is lost at received, what is not shown at shown', async () => {
  const hops = createTestHops(clock);
  const lost = hops.run(server({ stored: 1, published: 2 }, 5));
  await clock.advance(10);
  await clock.advance(ARRIVAL_LIMIT_MS);
  expect(await lost).toMatchObject({ arrived: false, broken: 'received' });
  const unseen = hops.run(server({ stored: 1, published: 2 }, 5));
  await clock.advance(10);
  hops.received('n', clock.now());
  await clock.advance(ARRIVAL_LIMIT_MS);
  expect(await unseen).toMatchObject({ arrived: false, broken: 'shown' });
});
