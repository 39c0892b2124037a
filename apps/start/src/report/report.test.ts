import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readCredentials } from './read-credentials.ts';
import { openReport } from './report-writer.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'telex-report-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function fileWith(text: string): number {
  const file = join(folder, 'file');
  writeFileSync(file, text);
  return openSync(file, 'r+');
}

test('what happens is written as one JSON object a line', async () => {
  const report = openReport(fileWith(''));
  report.write({ kind: 'state', state: 'live' });
  report.write({ kind: 'decision', text: 'two\nlines' });
  report.close();
  report.write({ kind: 'too late' });
  const written = () => readFileSync(join(folder, 'file'), 'utf8');
  await expect
    .poll(written)
    .toBe('{"kind":"state","state":"live"}\n{"kind":"decision","text":"two\\nlines"}\n');
});

test('a descriptor that is not open is refused with a sentence', () => {
  const descriptor = fileWith('');
  closeSync(descriptor);
  expect(() => openReport(descriptor)).toThrow('is no descriptor that can be written to');
});

test('credentials are read to the end of their line', async () => {
  const line = '{"email":"ann@example.org","password":"hunter2"}';
  expect(await readCredentials(fileWith(`${line}\nmore`))).toEqual(JSON.parse(line));
  expect(await readCredentials(fileWith(line))).toEqual(JSON.parse(line));
});

test.each([
  '',
  'hunter2',
  '[]',
  '{"email":7,"password":"hunter2"}',
  '{"email":"a@b","password":""}',
])('credentials %j are refused without being repeated', async (line) => {
  const refusal = await readCredentials(fileWith(line)).catch((error: unknown) => error);
  expect(refusal).toMatchObject({ code: 'bad_credentials_input' });
  expect(String(refusal)).not.toContain('hunter2');
});
