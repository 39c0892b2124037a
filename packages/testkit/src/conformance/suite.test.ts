import { expect, test } from 'vitest';
import { capabilities } from './capabilities.ts';
import { casesFor } from './case.ts';
import { allCases } from './cases/index.ts';
import { inProcessHub } from './test/in-process-hub.ts';

test('no two cases share an id', () => {
  const ids = allCases.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
});

test('every case runs at least on the hub', () => {
  expect(casesFor(inProcessHub, allCases)).toEqual(allCases);
});

test.each([inProcessHub])('$name says why it lacks what it lacks', ({ lacks }) => {
  for (const [capability, reason] of Object.entries(lacks)) {
    expect(Object.keys(capabilities)).toContain(capability);
    expect(reason.length).toBeGreaterThan(10);
  }
});
