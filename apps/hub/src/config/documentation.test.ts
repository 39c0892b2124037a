import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { channelKeyLines, generalKeyLines, type KeyLine, offKeyLines } from './describe-keys.ts';

const page = readFileSync(new URL('../../../../docs/hub.md', import.meta.url), 'utf8');

const cell = (text: string) => text.replaceAll('|', '\\|');
const withType = ({ path, type, fallback, help }: KeyLine) =>
  `| \`${path}\` | ${type} | \`${fallback}\` | ${cell(help)} |`;
const withValue = ({ path, fallback, help }: KeyLine) =>
  `| \`${path}\` | \`${fallback}\` | ${cell(help)} |`;

/** What docs/hub.md must hold, line by line; copy what is missing from the message of the failure. */
test.each([
  ['keys', generalKeyLines().map(withType)],
  ['options of channels', channelKeyLines().map(withType)],
  ['keys that are off', offKeyLines().map(withValue)],
])('docs/hub.md has the table of %s as it is in the program', (_, rows) => {
  expect(page).toContain(rows.join('\n'));
});
