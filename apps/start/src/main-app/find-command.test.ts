import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { configuredCommand, findProgram, installedCommand } from './find-command.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'telex-find-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const places = () => ({
  dataDirs: [join(folder, 'own'), join(folder, 'system')],
  configDir: join(folder, 'config'),
  path: [join(folder, 'bin')],
});
function put(path: string, text: string): string {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}
function putProgram(path: string): string {
  const file = put(path, '#!/bin/sh\n');
  chmodSync(file, 0o755);
  return file;
}
const putEntry = (path: string, exec: string, more = '') =>
  put(path, `[Desktop Entry]\nType=Application\nName=Telex App\nExec=${exec}\n${more}`);

test('without anything there is none', () => {
  expect(installedCommand(places())).toBeUndefined();
});

test('an entry of a known name is found, the own one before that of the system', () => {
  const program = putProgram('bin/telex-app');
  putEntry('system/applications/telex.desktop', '/nowhere/telex');
  putEntry('own/applications/telex.desktop', 'telex-app --from-entry %u');
  const command = installedCommand(places());
  expect(command?.name).toBe('Telex App');
  expect(command?.at(undefined)).toEqual({
    file: program,
    args: ['--from-entry'],
    folder: undefined,
  });
  expect(command?.at('telex://').args).toEqual(['--from-entry', 'telex://']);
});

test('the entry that opens telex: links comes first, the choice of the user before the cache', () => {
  putProgram('bin/a');
  const chosen = putProgram('bin/b');
  putEntry('system/applications/telex.desktop', 'a');
  putEntry('system/applications/org.example.Client.desktop', 'b');
  put(
    'system/applications/mimeinfo.cache',
    '[MIME Cache]\nx-scheme-handler/telex=telex.desktop;\n',
  );
  put(
    'config/mimeapps.list',
    '[Default Applications]\nx-scheme-handler/telex=org.example.Client.desktop\n',
  );
  expect(installedCommand(places())?.at(undefined).file).toBe(chosen);
});

test.each(['../../etc/telex.desktop', '/tmp/telex.desktop', 'telex.sh', ''])(
  'a handler named %s is not looked at',
  (id) => {
    putProgram('bin/evil');
    putEntry('system/etc/telex.desktop', 'evil');
    put('system/applications/mimeinfo.cache', `[MIME Cache]\nx-scheme-handler/telex=${id};\n`);
    expect(installedCommand(places())).toBeUndefined();
  },
);

test('an own entry that is hidden, or whose program is gone, hides that of the system', () => {
  putProgram('bin/telex-app');
  putEntry('system/applications/telex.desktop', 'telex-app');
  putEntry('own/applications/telex.desktop', 'telex-app', 'Hidden=true');
  expect(installedCommand(places())).toBeUndefined();
  putEntry('own/applications/telex.desktop', 'telex-app', 'TryExec=/nowhere/telex');
  expect(installedCommand(places())).toBeUndefined();
});

test('the entry of Telex Start itself is not the main app', () => {
  putProgram('bin/telex-start');
  putEntry('own/applications/telex-start.desktop', 'telex-start');
  expect(installedCommand(places())).toBeUndefined();
});

test('a program on the PATH is found without any entry', () => {
  const program = putProgram('bin/telex');
  expect(installedCommand(places())?.at('telex://')).toMatchObject({
    file: program,
    args: ['telex://'],
  });
});

test('a configured command is run as it stands, and told where it is missing', () => {
  const program = putProgram('bin/my telex');
  expect(configuredCommand([program, '--x', '%u'], places())).toMatchObject({ name: 'Telex' });
  expect(configuredCommand(['/nowhere/telex'], places())).toBe('missing');
  expect(configuredCommand(['./telex'], places())).toBe('missing');
});

test('folders and files that cannot be run are no programs', () => {
  put('bin/plain', 'text');
  mkdirSync(join(folder, 'bin', 'telex'));
  expect(findProgram('plain', places().path)).toBeUndefined();
  expect(findProgram('telex', places().path)).toBeUndefined();
});
