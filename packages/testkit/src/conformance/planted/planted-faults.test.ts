import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { ConformanceCase, Rule } from '../case.ts';
import { allCases } from '../cases/index.ts';
import { runCases } from '../run-cases.ts';
import { type PlantedFault, plantedFaults } from './faults.ts';
import { type PlantedHub, plantHub } from './planted-hub.ts';

vi.setConfig({ maxConcurrency: 6 });

const LIMIT_MS = 60_000;
/** A hub that does not even do this is broken in another way than the fault says. */
const BASICS = ['unsubscribe/not-subscribed', 'subscribe/delivery'];

function casesOf(ids: readonly string[]): ConformanceCase[] {
  return ids.map((id) => {
    const one = allCases.find((candidate) => candidate.id === id);
    if (one === undefined) throw new Error(`there is no case ${id}`);
    return one;
  });
}

/** Runs these cases, and the basics on the server of the first one. */
async function redOnes({ target }: PlantedHub, ids: readonly string[]): Promise<string[]> {
  const cases = casesOf(ids);
  const { config = {} } = cases[0] ?? {};
  const basics = casesOf(BASICS).map((one) => ({ ...one, config }));
  const results = await runCases(target, [...basics, ...cases]);
  return results.filter(({ fault }) => fault !== undefined).map(({ id }) => id);
}

test('each rule has a fault, found by cases of that rule', () => {
  const rules = Array.from({ length: 12 }, (_, index): Rule => `H${index + 1}` as Rule);
  expect([...new Set(plantedFaults.map(({ rule }) => rule))].sort()).toEqual(rules.sort());
  for (const { rule, foundBy } of plantedFaults) {
    expect(foundBy.length).toBeGreaterThan(0);
    for (const one of casesOf(foundBy)) expect(one.rules, one.id).toContain(rule);
  }
});

describe('in the hub as it is', () => {
  let copy: PlantedHub | undefined;
  beforeAll(() => {
    copy = plantHub('an unchanged copy');
  });
  afterAll(() => copy?.close());

  test('the cases that find the faults are green', { timeout: LIMIT_MS }, async () => {
    if (copy === undefined) throw new Error('there is no copy');
    const ids = new Set(plantedFaults.flatMap(({ foundBy }) => foundBy));
    expect(await redOnes(copy, [...ids])).toEqual([]);
  });
});

describe('a planted fault turns its cases red and leaves the basics green', () => {
  for (const fault of plantedFaults) {
    test.concurrent(`[${fault.rule}] ${fault.id}`, { timeout: LIMIT_MS }, () => isFound(fault));
  }
});

async function isFound(fault: PlantedFault): Promise<void> {
  const planted = plantHub(fault.id, fault);
  try {
    // A server that does not start rejects, which is no red case.
    expect(await redOnes(planted, fault.foundBy)).toEqual(fault.foundBy);
  } finally {
    planted.close();
  }
}
