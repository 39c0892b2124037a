import { expect, test } from 'vitest';
import { capabilities } from './capabilities.ts';
import { casesFor } from './case.ts';
import { allCases } from './cases/index.ts';
import { engineOnRedisTarget, engineTarget, hubTarget } from './targets.ts';

const targets = [hubTarget, engineTarget, engineOnRedisTarget(() => '')];

test('no two cases share an id', () => {
  const ids = allCases.map(({ id }) => id);
  expect(ids).toEqual([...new Set(ids)]);
});

test('every case runs at least on the hub, but for those that want a history outside the process', () => {
  const elsewhere = allCases.filter(
    ({ needs = [] }) => needs.includes('keeps-on-restart') || needs.includes('broker'),
  );
  const onHub = casesFor(hubTarget, allCases);
  expect([...onHub, ...elsewhere].map(({ id }) => id).sort()).toEqual(
    allCases.map(({ id }) => id).sort(),
  );
});

test.each(targets)('$name says why it lacks what it lacks', ({ lacks }) => {
  for (const [capability, reason] of Object.entries(lacks)) {
    expect(Object.keys(capabilities)).toContain(capability);
    expect(reason.length).toBeGreaterThan(10);
  }
});
