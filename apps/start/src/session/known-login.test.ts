import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readKnownLogin, saveKnownLogin } from './known-login.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'telex-known-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('server and e-mail address of the last login come back, in a file for the user alone', async () => {
  const login = { server: 'https://telex.example', email: 'ann@example.org' };
  await saveKnownLogin(folder, login);
  expect(readKnownLogin(folder)).toEqual(login);
  expect(statSync(join(folder, 'login.json')).mode & 0o777).toBe(0o600);
});

test.each(['', '{', '[1]', '{"server":7}', 'x'.repeat(10_000)])(
  'a file that holds %j is as good as none',
  (text) => {
    writeFileSync(join(folder, 'login.json'), text);
    expect(readKnownLogin(folder)).toEqual({ server: undefined, email: undefined });
  },
);

test('a folder that is not there is no error at reading, and one at saving', async () => {
  const missing = join(folder, 'missing');
  expect(readKnownLogin(missing).email).toBeUndefined();
  await expect(saveKnownLogin(missing, readKnownLogin(missing))).rejects.toThrow();
});
