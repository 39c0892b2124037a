interface Row {
  readonly id: string;
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  readonly goal: string;
  readonly met: boolean;
  /** What others take, or what the goal is measured against. */
  readonly peer?: Readonly<Record<string, number | string>>;
}

const begin = '<!-- figures: written by scripts/figures.ts -->';
const end = '<!-- end of figures -->';

/** The README with its table replaced by the figures: JSON lines as the bench prints them, the last of its kind counts. */
export function withFigures(readme: string, jsonLines: string): string {
  const [before, rest] = readme.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) {
    throw new Error(`README.md has no place for the figures: "${begin}" to "${end}"`);
  }
  const rows = new Map<string, Row>();
  for (const line of jsonLines.split('\n').filter((text) => text.startsWith('{'))) {
    const row: Row = JSON.parse(line);
    rows.set(`${row.id} ${row.what}`, row);
  }
  const sorted = [...rows.values()].sort((a, b) => numberOf(a.id) - numberOf(b.id));
  const table = [
    '| id | what | measured | goal | met | beside |',
    '|---|---|---|---|---|---|',
    ...sorted.map(
      ({ id, what, value, unit, goal, met, peer = {} }) =>
        `| ${id} | ${what} | ${value.toLocaleString('en-US')} ${unit} | ${goal} | ${verdict(goal, met)} | ${beside(peer)} |`,
    ),
  ];
  return `${before}${begin}\n${table.join('\n')}\n${end}${after}`;
}

function beside(peer: NonNullable<Row['peer']>): string {
  return Object.entries(peer)
    .map(([name, value]) => `${name} ${value.toLocaleString('en-US')}`)
    .join(', ');
}

/** A figure without a goal is there for comparison. */
function verdict(goal: string, met: boolean): string {
  if (goal === '') return '';
  return met ? 'yes' : 'no';
}

/** "S3" before "S13"; R after S. */
function numberOf(id: string): number {
  return (id.startsWith('S') ? 0 : 1_000) + Number(/\d+/.exec(id)?.[0] ?? 0);
}
