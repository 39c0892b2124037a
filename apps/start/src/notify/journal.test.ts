import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openJournal } from './journal.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'telex-journal-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const file = () => join(folder, 'shown.journal');

test('[J1] what was noted is known to the next run, and only ids are in the file', () => {
  const journal = openJournal(folder);
  expect(journal.earlier.size).toBe(0);
  journal.note('n-1');
  journal.note('a "quoted"\nid');
  journal.close();
  expect([...openJournal(folder).earlier]).toEqual(['n-1', 'a "quoted"\nid']);
  expect(readFileSync(file(), 'utf8')).toBe('"n-1"\n"a \\"quoted\\"\\nid"\n');
  expect(statSync(file()).mode & 0o777).toBe(0o600);
});

test('[J2] a note survives SIGKILL right after it', async () => {
  const script = join(folder, 'note.ts');
  const module = fileURLToPath(new URL('./journal.ts', import.meta.url));
  writeFileSync(
    script,
    `import { openJournal } from ${JSON.stringify(module)};
     openJournal(process.argv[2]).note('n-killed');
     process.kill(process.pid, 'SIGKILL');`,
  );
  await once(fork(script, [folder]), 'exit');
  expect([...openJournal(folder).earlier]).toEqual(['n-killed']);
});

test('[J3] 10,000 notes leave a bounded file with the newest', () => {
  const journal = openJournal(folder);
  for (let number = 0; number < 10_000; number += 1) journal.note(`n-${number}`);
  journal.close();
  const lines = readFileSync(file(), 'utf8').split('\n').length;
  expect(lines).toBeLessThanOrEqual(4_097);
  const { earlier } = openJournal(folder);
  expect(earlier.size).toBeLessThanOrEqual(2_048);
  expect(earlier.has('n-9999')).toBe(true);
});

test('[J3] a torn last line, foreign lines and a foreign file are no error', () => {
  writeFileSync(file(), '"n-1"\nnonsense\n{"x":1}\n7\n"n-2"\n"n-to');
  expect([...openJournal(folder).earlier]).toEqual(['n-1', 'n-2']);
  writeFileSync(file(), Buffer.from([0xff, 0xfe, 0, 1, 2]));
  expect(openJournal(folder).earlier.size).toBe(0);
});

test('a folder that cannot be written to is said at once', () => {
  writeFileSync(join(folder, 'taken'), '');
  expect(() => openJournal(join(folder, 'taken'))).toThrow();
});
