import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { launcherScript } from './launcher-script.ts';

let folder = '';
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'telex-launcher-')), "it's $(a) `folder`");
  mkdirSync(folder);
});
afterEach(() => rmSync(join(folder, '..'), { recursive: true }));

function run(node: string, path = '/usr/bin:/bin', certificates?: string) {
  const program = join(folder, 'program.cjs');
  writeFileSync(
    program,
    'console.log(JSON.stringify([process.argv.slice(2), process.execArgv, process.env.SSL_CERT_DIR]))',
  );
  const script = join(folder, 'telex-start');
  writeFileSync(script, launcherScript({ node, program, certificates }), { mode: 0o755 });
  return spawnSync(script, ['open', 'a b', "c'd"], { encoding: 'utf8', env: { PATH: path } });
}

test('arguments arrive as they were given, whatever the folders are called', () => {
  const node = join(folder, 'node');
  symlinkSync(process.execPath, node);
  const [args, flags, folderOfCertificates] = JSON.parse(run(node).stdout);
  expect(args).toEqual(['open', 'a b', "c'd"]);
  expect(flags).toContain('--use-bundled-ca');
  expect(folderOfCertificates).toBeNull();
});

test('the authorities of the system are used where they lie one by one', () => {
  const [, flags, used] = JSON.parse(run(process.execPath, undefined, folder).stdout);
  expect([flags.includes('--use-openssl-ca'), used]).toEqual([true, folder]);
  // The folder has gone since.
  const gone = JSON.parse(run(process.execPath, undefined, join(folder, 'none')).stdout);
  expect([gone[1].includes('--use-openssl-ca'), gone[2]]).toEqual([false, null]);
});

test('where its Node is gone, the one on the PATH is taken', () => {
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  symlinkSync(process.execPath, join(bin, 'node'));
  expect(run('/gone/node', `${bin}:/usr/bin:/bin`).stdout).toContain('"open"');
});

test('with no Node, or one that is too old, a sentence says what to do', () => {
  const missing = run('/gone/node', '/none');
  expect([missing.status, missing.stderr]).toEqual([
    1,
    expect.stringContaining('the Node that it was installed with is gone (/gone/node)'),
  ]);
  const bin = join(folder, 'old');
  mkdirSync(bin);
  writeFileSync(join(bin, 'node'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
  expect(run('/gone/node', `${bin}:/usr/bin:/bin`).stderr).toContain('Install Node 24');
});
