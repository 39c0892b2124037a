import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (file: string) => readFileSync(`${root}/${file}`, 'utf8');
const rules = [...read('SPEC.md').matchAll(/^\| ([A-Z]\d+) \|/gm)].map(([, id]) => id ?? '');
const tests = globSync(['src/**/*.test.ts', 'src/**/test/*.ts', 'test/**/*.ts'], { cwd: root })
  .map(read)
  .join('\n');
const cited = new Set([...tests.matchAll(/\[([A-Z]\d+)\]/g)].map(([, id]) => id));

test('every rule of SPEC.md is cited by a test', () => {
  expect(rules.length).toBeGreaterThan(20);
  expect(rules.filter((rule) => !cited.has(rule))).toEqual([]);
});

test('every rule that a test cites is in SPEC.md', () => {
  expect([...cited].filter((rule) => !rules.includes(rule ?? ''))).toEqual([]);
});
