import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

/** Who may know whom, as ARCHITECTURE.md says. In tests every part may also use testkit. */
const arrows: Record<string, readonly string[]> = {
  'packages/certificate': [],
  'packages/contract': [],
  'packages/hub': [],
  'packages/launcher': [],
  'packages/client': ['contract'],
  'packages/testkit': ['certificate', 'contract', 'hub', 'client'],
  'apps/hub': ['hub', 'launcher'],
  'apps/server': ['certificate', 'contract', 'hub', 'launcher'],
  'apps/start': ['contract', 'client', 'launcher'],
  bench: ['contract', 'hub', 'client', 'testkit'],
};

test.each(Object.entries(arrows))('%s depends on no part it may not know', (folder, allowed) => {
  const manifest = JSON.parse(
    readFileSync(new URL(`../${folder}/package.json`, import.meta.url), 'utf8'),
  );
  const known = (field: string) =>
    Object.keys(manifest[field] ?? {}).flatMap((name) =>
      name.startsWith('@telex/') ? [name.slice('@telex/'.length)] : [],
    );
  expect(allowed).toEqual(expect.arrayContaining(known('dependencies')));
  expect([...allowed, 'testkit']).toEqual(expect.arrayContaining(known('devDependencies')));
});

test('every part of the workspace is held to its arrows', () => {
  const lock = JSON.parse(readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8'));
  const parts = Object.keys(lock.packages).filter((path) =>
    /^(packages|apps)\/[^/]+$|^bench$/.test(path),
  );
  expect(Object.keys(arrows).sort()).toEqual(parts.sort());
});
