import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';

const folders: string[] = [];

/** A clone with nothing but the bootstrap and a lockfile, and stand-ins for `npm` and for the Node that is installed. */
function clone({
  npm = 'exit 0',
  nodeVersion = '24.21.0',
}: {
  npm?: string;
  nodeVersion?: string;
}) {
  const root = mkdtempSync(join(tmpdir(), 'telex-bootstrap-'));
  folders.push(root);
  mkdirSync(join(root, 'scripts'));
  mkdirSync(join(root, 'path'));
  copyFileSync(
    fileURLToPath(new URL('bootstrap.mjs', import.meta.url)),
    join(root, 'scripts', 'bootstrap.mjs'),
  );
  writeFileSync(join(root, 'package-lock.json'), '{}');
  script(join(root, 'installed-node'), `echo ${nodeVersion}`);
  script(
    join(root, 'path', 'npm'),
    `echo "$@" >> "$PWD/npm-args"; env >> "$PWD/npm-env"; mkdir -p node_modules/.bin; cp installed-node node_modules/.bin/node; ${npm}`,
  );
  return root;
}

function script(file: string, body: string): void {
  writeFileSync(file, `#!/bin/sh\n${body}\n`);
  chmodSync(file, 0o755);
}

function bootstrap(root: string, env: Record<string, string> = {}) {
  return spawnSync(process.execPath, [join(root, 'scripts', 'bootstrap.mjs')], {
    cwd: root,
    encoding: 'utf8',
    env: { PATH: `${join(root, 'path')}:/usr/bin:/bin`, ...env },
  });
}

afterEach(() => {
  for (const root of folders.splice(0)) rmSync(root, { recursive: true, force: true });
});

test('what is missing is installed once, from the lockfile and without install scripts', () => {
  const root = clone({});
  const first = bootstrap(root);
  expect(first).toMatchObject({ status: 0, stderr: '' });
  expect(first.stdout).toContain('Installing what Telex needs');
  expect(readFileSync(join(root, 'npm-args'), 'utf8')).toBe(
    'ci --ignore-scripts --loglevel=error\n',
  );
  expect(bootstrap(root)).toMatchObject({ status: 0, stdout: '', stderr: '' });
});

test('of two commands in a fresh clone one installs, and the other waits for it', async () => {
  const root = clone({ npm: 'sleep 0.3' });
  const run = async () => {
    const child = spawn(process.execPath, [join(root, 'scripts', 'bootstrap.mjs')], {
      env: { PATH: `${join(root, 'path')}:/usr/bin:/bin` },
      cwd: root,
    });
    const [said, [code]] = await Promise.all([text(child.stdout), once(child, 'close')]);
    return { said, code };
  };
  const both = await Promise.all([run(), run()]);
  expect(both.map(({ code }) => code)).toEqual([0, 0]);
  expect(both.map(({ said }) => said).join('')).toMatch(/Installed in/);
  expect(readFileSync(join(root, 'npm-args'), 'utf8').trim().split('\n')).toHaveLength(1);
});

test('what a killed command left behind is cleared away', () => {
  const root = clone({});
  const { pid } = spawnSync(process.execPath, ['--version']);
  writeFileSync(join(root, '.installing'), String(pid));
  expect(bootstrap(root).stdout).toContain('Installed in');
});

test('a changed lockfile is installed anew', () => {
  const root = clone({});
  bootstrap(root);
  writeFileSync(join(root, 'package-lock.json'), '{"changed":true}');
  expect(bootstrap(root).stdout).toContain('Installed in');
});

test("settings of the outer npm that would install only a part don't reach the inner one", () => {
  const root = clone({});
  bootstrap(root, { npm_config_omit: 'dev', NODE_ENV: 'production', npm_config_cafile: 'ca.pem' });
  const env = readFileSync(join(root, 'npm-env'), 'utf8');
  expect(env).not.toMatch(/npm_config_omit|NODE_ENV/);
  expect(env).toContain('npm_config_cafile=ca.pem');
});

test('a failed installation shows what npm said, says what to do, and is tried again', () => {
  const root = clone({ npm: 'echo "the registry is away" >&2; exit 1' });
  const failed = bootstrap(root);
  expect(failed.status).toBe(1);
  expect(failed.stderr).toContain('the registry is away');
  expect(failed.stderr).toContain('run the same command again');
  expect(bootstrap(root).stdout).toContain('Installing');
});

test('a Node that is too old is refused in one sentence', () => {
  const refused = bootstrap(clone({ nodeVersion: '22.18.0' }));
  expect(refused.status).toBe(1);
  expect(refused.stderr).toMatch(/^Telex needs Node 24\.21 or newer and found 22\.18\.0: .*\n$/);
});
