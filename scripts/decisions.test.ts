import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (file: string) => readFileSync(`${root}${file}`, 'utf8');

/** Dependencies at run time, of all parts; our own parts and the benches' left out. */
function runtimeDependencies(): string[] {
  const manifests = ['package.json', ...globSync('{packages,apps}/*/package.json', { cwd: root })];
  const names = manifests
    .filter((file) => !file.includes('testkit'))
    .map((file) => JSON.parse(read(file)))
    .flatMap(({ dependencies, optionalDependencies }) =>
      Object.keys({ ...dependencies, ...optionalDependencies }),
    );
  return [...new Set(names)].filter((name) => !name.startsWith('@telex/')).sort();
}

test('every dependency at run time has its reason in docs/decisions.md, and nothing else does', () => {
  const rows = read('docs/decisions.md')
    .split('\n')
    .filter((line) => line.startsWith('| `'));
  const decided = rows.flatMap((row) =>
    [...(row.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, name]) => name),
  );
  expect(decided.sort()).toEqual(runtimeDependencies());
});
