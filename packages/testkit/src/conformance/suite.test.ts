import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { allCapabilities, capabilities } from './capabilities.ts';
import { casesFor } from './case.ts';
import { allCases } from './cases/index.ts';
import { differences } from './differences.ts';
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

test('every capability is needed by some case', () => {
  const needed = new Set<string>(allCases.flatMap(({ needs = [] }) => needs));
  expect([...needed].sort()).toEqual([...allCapabilities].sort());
});

test('every difference is met by some case, and has its reason in the SPEC.md of the hub', () => {
  const cwd = new URL('cases/', import.meta.url);
  const sources = globSync('*.ts', { cwd }).map((file) => readFileSync(new URL(file, cwd), 'utf8'));
  const spec = readFileSync(new URL('../../../hub/SPEC.md', import.meta.url), 'utf8');
  const where = spec.slice(spec.indexOf('## Where it differs'));
  for (const id of Object.keys(differences)) {
    expect(
      sources.some((source) => source.includes(`manner('${id}')`)),
      id,
    ).toBe(true);
    expect(where).toContain(`- \`${id}\`: `);
  }
});
