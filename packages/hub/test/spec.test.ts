import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const folder = fileURLToPath(new URL('..', import.meta.url));
const read = (file: string) => readFileSync(`${folder}/${file}`, 'utf8');
const files = globSync('{src,api,metrics,node,test}/**/*.test.ts', { cwd: folder });
const titles = files.map(read).join('\n');
const cited = new Set([...titles.matchAll(/\[(H[AB]?\d+)\]/g)].map(([, id]) => id));

test('every rule of SPEC.md is cited by a test, and every cited rule is there', () => {
  const rules = [...read('SPEC.md').matchAll(/^\| (H[AB]\d+) \|/gm)].map(([, id]) => id);
  expect(rules.length).toBeGreaterThan(40);
  expect(rules.filter((id) => !cited.has(id))).toEqual([]);
  const known = new Set(rules);
  expect([...cited].filter((id) => /^H[AB]/.test(id ?? '') && !known.has(id))).toEqual([]);
});

test('each of the twelve behaviours that hubs get wrong is named by a test', () => {
  const twelve = Array.from({ length: 12 }, (_, index) => `H${index + 1}`);
  expect(twelve.filter((id) => !cited.has(id))).toEqual([]);
});
