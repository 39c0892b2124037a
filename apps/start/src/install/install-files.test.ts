import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { installFiles, removeFiles } from './install-files.ts';
import { readManifest } from './manifest.ts';

let home = '';
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'telex-install-'));
});
afterEach(() => rmSync(home, { recursive: true }));

const files = (text = 'one') => [
  { path: join(home, 'a', 'b', 'program'), content: text, mode: 0o755 },
  { path: join(home, 'a', 'entry'), content: 'entry' },
];
const [program, entry] = [() => join(home, 'a', 'b', 'program'), () => join(home, 'a', 'entry')];

test('[I2] what was written is removed again, the folders made for it too', () => {
  const { manifest, written } = installFiles(files(), undefined);
  expect(written).toEqual([program(), entry()]);
  expect(statSync(program()).mode & 0o777).toBe(0o755);
  expect(removeFiles(manifest)).toEqual({ removed: [program(), entry()], kept: [] });
  expect(readdirSync(home)).toEqual([]);
});

test('[I3] installing again writes nothing; a new version replaces the old, and still knows the folders', () => {
  const first = installFiles(files(), undefined);
  const again = installFiles(files(), first.manifest);
  expect(again).toEqual({ manifest: first.manifest, written: [] });
  const newer = installFiles(files('two'), again.manifest);
  expect(newer.written).toEqual([program()]);
  expect(readFileSync(program(), 'utf8')).toBe('two');
  removeFiles(newer.manifest);
  expect(readdirSync(home)).toEqual([]);
});

test('a file that the user changed stays, and with it its folder', () => {
  const { manifest } = installFiles(files(), undefined);
  writeFileSync(entry(), 'mine');
  expect(removeFiles(manifest)).toEqual({ removed: [program()], kept: [entry()] });
  expect(readFileSync(entry(), 'utf8')).toBe('mine');
});

test('a folder in which the user has put something stays', () => {
  const { manifest } = installFiles(files(), undefined);
  writeFileSync(join(home, 'a', 'note'), '');
  removeFiles(manifest);
  expect(readdirSync(join(home, 'a'))).toEqual(['note']);
});

test.each(['a file', 'a link', 'a folder'])(
  '[I1] %s of the user in the place is named, and nothing is written',
  (kind) => {
    mkdirSync(join(home, 'a'));
    const target = join(home, 'target');
    writeFileSync(target, 'precious');
    if (kind === 'a file') writeFileSync(entry(), 'mine');
    else if (kind === 'a link') symlinkSync(target, entry());
    else mkdirSync(entry());
    expect(() => installFiles(files(), undefined)).toThrow(
      expect.objectContaining({ code: 'not_ours', message: expect.stringContaining(entry()) }),
    );
    expect(existsSync(program())).toBe(false);
    expect(readFileSync(target, 'utf8')).toBe('precious');
  },
);

test('what the user has made of an installed file is not replaced by a newer version', () => {
  const { manifest } = installFiles(files(), undefined);
  writeFileSync(program(), 'mine');
  expect(() => installFiles(files('two'), manifest)).toThrow('not as telex-start install wrote it');
  expect(readFileSync(program(), 'utf8')).toBe('mine');
});

test('a folder that cannot be written to is named', () => {
  writeFileSync(join(home, 'a'), 'no folder');
  expect(() => installFiles(files(), undefined)).toThrow(`${program()} `);
});

test.each(['', '{', '[]', '{"files":[{"path":"x","sha256":"y"}],"folders":[]}', '{"files":{}}'])(
  'a list of installed files that holds %s is refused, and removes nothing',
  (text) => {
    const file = join(home, 'installed.json');
    expect(readManifest(file)).toBeUndefined();
    writeFileSync(file, text);
    expect(() => readManifest(file)).toThrow(expect.objectContaining({ code: 'bad_config' }));
  },
);
