import { type BenchEntry, benches } from './benches.ts';
import { jsonReport, tableReport } from './report.ts';

const parsed = readArguments(process.argv.slice(2));
if (parsed.kind === 'help') {
  console.log(help(benches));
} else if (parsed.kind === 'wrong') {
  console.error(`${parsed.message}\n\n${help(benches)}`);
  process.exitCode = 2;
} else {
  const sink = {
    out: (line: string) => console.log(line),
    notes: (line: string) => console.error(line),
  };
  const report = parsed.isJson ? jsonReport(sink) : tableReport(sink);
  const bench = await parsed.entry.load();
  await bench.run(report, { args: parsed.args });
}

type Arguments =
  | { kind: 'help' }
  | { kind: 'wrong'; message: string }
  | { kind: 'run'; entry: BenchEntry; isJson: boolean; args: string[] };

function readArguments(argv: string[]): Arguments {
  const name = argv.find((arg) => !arg.startsWith('-'));
  if (name === undefined || argv.includes('--help')) return { kind: 'help' };
  const entry = Object.hasOwn(benches, name) ? benches[name] : undefined;
  if (entry === undefined) return { kind: 'wrong', message: `There is no bench called "${name}".` };
  const args = argv.filter((arg, index) => arg !== '--json' && index !== argv.indexOf(name));
  return { kind: 'run', entry, isJson: argv.includes('--json'), args };
}

function help(entries: Readonly<Record<string, BenchEntry>>): string {
  const lines = Object.entries(entries).map(([name, { about }]) => `  ${name.padEnd(10)}${about}`);
  return [
    'Measures Telex and prints each figure beside its goal.',
    '',
    'npm run bench -- NAME [--json] [options of the bench]',
    '',
    ...lines,
    '',
    '--json prints one object a line: id, what, value, unit, goal, met, peer.',
  ].join('\n');
}
