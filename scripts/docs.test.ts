import { execFileSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const documents = globSync(['*.md', 'docs/**/*.md', 'packages/*/*.md', 'apps/*/*.md'], {
  cwd: root,
});

test.each(documents)('%s names only files that exist', (document) => {
  const text = readFileSync(join(root, document), 'utf8');
  const inCode = [...text.matchAll(/`((?:packages|apps|bench|scripts|docs|deploy)\/[\w./-]+)`/g)];
  const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)];
  const missing = [
    ...inCode.map(([, path = '']) => join(root, path)),
    ...links.map(([, path = '']) => join(root, dirname(document), path)),
  ].filter((path) => !isBuilt(path) && !existsSync(path));
  expect(missing).toEqual([]);
});

/** What `npm run build` makes is in no fresh clone. */
function isBuilt(path: string): boolean {
  return /[\\/]dist([\\/]|$)/.test(path);
}

test('every setting of telex-server is explained for operators', () => {
  const main = join(root, 'apps', 'server', 'src', 'main.mjs');
  const help = execFileSync(process.execPath, [main, '--help'], { encoding: 'utf8' });
  const settings = [...help.matchAll(/^ {2}(--[a-z-]+)/gm)].map(([, flag = '']) => flag);
  expect(settings.length).toBeGreaterThan(10);
  const document = readFileSync(join(root, 'docs', 'server.md'), 'utf8');
  const missing = settings.filter((flag) => !document.includes(`\`${flag}`));
  expect(missing.filter((flag) => flag !== '--help' && flag !== '--version')).toEqual([]);
});
