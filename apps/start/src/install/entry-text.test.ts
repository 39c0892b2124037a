import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { expandCommand, parseDesktopEntry } from '../main-app/desktop-entry.ts';
import { applicationEntry, autostartEntry } from './entry-text.ts';

test('whatever the home folder is called, the entry starts exactly the launcher in it', () => {
  const name = fc.string({ unit: 'binary', maxLength: 30 }).filter((text) => !/\p{Cc}/u.test(text));
  fc.assert(
    fc.property(name, (home) => {
      const launcher = `/home/${home}/.local/bin/telex-start`;
      for (const text of [applicationEntry(launcher), autostartEntry(launcher)]) {
        const entry = parseDesktopEntry(text);
        if (entry === undefined) throw new Error(text);
        // The specification lets no field code into the program's name, so ours reads the doubled sign back.
        expect(expandCommand(entry, undefined, undefined)).toEqual([launcher, 'run']);
        expect(entry.tryExec).toBe(launcher);
      }
    }),
  );
});

test('desktop-file-validate finds nothing in the entries', () => {
  const folder = mkdtempSync(join(tmpdir(), 'telex-entry-'));
  const launcher = "/home/Hélène o'Neil 100%/.local/bin/telex-start";
  const entries = {
    'telex-start': applicationEntry(launcher),
    autostart: autostartEntry(launcher),
  };
  const files = Object.entries(entries).map(([name, text]) => {
    const file = join(folder, `${name}.desktop`);
    writeFileSync(file, text);
    return file;
  });
  try {
    expect(execFileSync('desktop-file-validate', files, { encoding: 'utf8' })).toBe('');
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    throw isMissing
      ? new Error('desktop-file-validate is missing: apt-get install desktop-file-utils')
      : error;
  } finally {
    rmSync(folder, { recursive: true });
  }
});
