import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const folder = fileURLToPath(new URL('..', import.meta.url));
const read = (file: string) => readFileSync(`${folder}/${file}`, 'utf8');

test('every rule of SPEC.md is cited by a test, and every citation is a rule', () => {
  const rules = [...read('SPEC.md').matchAll(/^\| ([A-Z]\d+) \|/gm)].map((match) => match[1]);
  const tests = globSync('{src,test,node}/**/*.test.ts', { cwd: folder }).map(read).join('\n');
  const cited = new Set([...tests.matchAll(/\[([A-Z]\d+)\]/g)].map((match) => match[1]));
  expect(rules.length).toBeGreaterThan(30);
  expect([...cited].sort()).toEqual([...rules].sort());
});
