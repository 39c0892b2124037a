import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { withFigures } from './figures-table.ts';

const mark = (inside: string) =>
  `top\n<!-- figures: written by scripts/figures.ts -->\n${inside}<!-- end of figures -->\nbottom\n`;

test('the table holds the last figure of each kind, in the order of the ids', () => {
  const line = (id: string, value: number) =>
    JSON.stringify({
      id,
      what: 'w',
      value,
      unit: 'ms',
      goal: '≤ 3',
      met: value <= 3,
      peer: { other: 5 },
    });
  const lines = [line('S13', 1), line('S3', 9), line('S3', 1_234.5)].join('\n');
  expect(withFigures(mark('old\n'), lines)).toBe(
    mark(
      '| id | what | measured | goal | met | beside |\n|---|---|---|---|---|---|\n| S3 | w | 1,234.5 ms | ≤ 3 | no | other 5 |\n| S13 | w | 1 ms | ≤ 3 | yes | other 5 |\n',
    ),
  );
});

test("the README's figures are those that the benches printed", () => {
  const file = (name: string) => new URL(`../${name}`, import.meta.url);
  const readme = readFileSync(file('README.md'), 'utf8');
  expect(withFigures(readme, readFileSync(file('bench/figures.jsonl'), 'utf8'))).toBe(readme);
});
