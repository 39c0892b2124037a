import { envName, type Option, optionNames, options } from './options.ts';

const WIDTH = 92;
const INDENT = '      ';

/** The text of `--help`: every setting with its flag, its variable and its default. */
export function helpText(): string {
  const rows = optionNames().map((name) => {
    const row: Option<unknown> = options[name];
    const flag = `  --${name}${row.argument === undefined ? '' : ` ${row.argument}`}`;
    const notes = [
      row.help,
      ...(isWorthSaying(row.fallback) ? [`Default: ${shown(row.fallback)}.`] : []),
      ...(row.flagOnly === true ? [] : [`Environment: ${envName(name)}.`]),
    ];
    return `${flag}\n${wrap(notes.join(' '))}`;
  });
  return `telex-server: the Telex API and its push server

Usage: telex-server [settings]
       telex-server centrifugo-config [--help]
       telex-server rotate-keys [--help]

A setting is a flag, an environment variable or a key of the file that --config names; flags win
over the environment, the environment over the file.

${rows.join('\n')}
`;
}

/** The lines of flags that are only flags. */
export function helpOf(
  rows: Readonly<Record<string, { readonly argument: string; readonly help: string }>>,
): string {
  return Object.entries(rows)
    .map(([name, { argument, help }]) => `  --${name} ${argument}\n${wrap(help)}`)
    .join('\n');
}

function isWorthSaying(fallback: unknown): boolean {
  return fallback !== undefined && fallback !== false && !isEmptyList(fallback);
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

function shown(fallback: unknown): string {
  if (fallback === true) return 'on';
  if (typeof fallback === 'object' && fallback !== null && 'burst' in fallback) {
    return Object.values(fallback).join('/');
  }
  return String(fallback);
}

function wrap(text: string): string {
  const lines: string[] = [];
  let line = INDENT;
  for (const word of text.split(' ')) {
    if (line.length + word.length > WIDTH && line !== INDENT) {
      lines.push(line.trimEnd());
      line = INDENT;
    }
    line += `${word} `;
  }
  return [...lines, line.trimEnd()].join('\n');
}
