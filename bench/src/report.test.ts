import { expect, test } from 'vitest';
import { type Figure, jsonReport, tableReport } from './report.ts';

const figure: Figure = {
  id: 'S3',
  what: 'CPU per delivery',
  value: 6.5,
  unit: 'µs',
  goal: { kind: 'at-most', value: 6.3 },
  peer: { centrifugo: 9 },
};

function lines(make: typeof jsonReport, ...figures: Figure[]): string[] {
  const written: string[] = [];
  const report = make({ out: (line) => written.push(line), notes: () => {} });
  for (const one of figures) report.figure(one);
  return written;
}

test('with --json each figure is one object a line, with its goal and whether it is met', () => {
  const [line = ''] = lines(jsonReport, figure);
  expect(JSON.parse(line)).toEqual({
    id: 'S3',
    what: 'CPU per delivery',
    value: 6.5,
    unit: 'µs',
    goal: '≤ 6.3',
    met: false,
    peer: { centrifugo: 9 },
  });
});

test('the table shows the value, the goal beside it and the verdict', () => {
  const many: Figure = { ...figure, value: 117_000, goal: { kind: 'at-least', value: 100_000 } };
  expect(lines(tableReport, figure, many)).toEqual([
    '✗ S3    6.5 µs              ≤ 6.3         CPU per delivery (centrifugo 9)',
    '✓ S3    117,000 µs          ≥ 100,000     CPU per delivery (centrifugo 9)',
  ]);
});
