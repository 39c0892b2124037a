// The parts of the Desktop Entry Specification 1.5 that starting a program takes:
// https://specifications.freedesktop.org/desktop-entry-spec/latest/
import { isAbsolute } from 'node:path';
import { splitCommand } from './split-command.ts';

export interface DesktopEntry {
  readonly name: string;
  /** The words of `Exec`, field codes still in them; never empty. */
  readonly command: readonly string[];
  /** The folder to start in. */
  readonly folder: string | undefined;
  /** A program that must be there, or the entry is to be ignored. */
  readonly tryExec: string | undefined;
  readonly icon: string | undefined;
}

const MOST_WORDS = 64;

/** An entry that starts a program without a terminal; undefined for everything else. */
export function parseDesktopEntry(text: string): DesktopEntry | undefined {
  const values = readGroup(text, 'Desktop Entry');
  const value = (key: string) => {
    const raw = values.get(key);
    return raw === undefined || raw === '' ? undefined : unescapeValue(raw);
  };
  if (value('Type') !== 'Application') return undefined;
  if (value('Hidden') === 'true' || value('Terminal') === 'true') return undefined;
  const command = splitCommand(value('Exec') ?? '');
  if (command === undefined || command.length > MOST_WORDS) return undefined;
  if (command[0] === undefined || command[0] === '' || command[0].includes('%')) return undefined;
  if (
    command.some(
      (word) => /%(?![fFuUdDnNickvm])/.test(word.replaceAll('%%', '')) || word.includes('\0'),
    )
  )
    return undefined;
  const folder = value('Path');
  return {
    name: value('Name') ?? 'Telex',
    command,
    folder: folder !== undefined && isAbsolute(folder) ? folder : undefined,
    tryExec: value('TryExec'),
    icon: value('Icon'),
  };
}

/** The words to run: field codes replaced; a link goes where the entry wants it, else to the end. */
export function expandCommand(
  { command, name, icon }: Pick<DesktopEntry, 'command' | 'name' | 'icon'>,
  entryFile: string | undefined,
  link: string | undefined,
): string[] {
  const takesLink = command.some((word) => /%[uUfF]/.test(word.replaceAll('%%', '')));
  const words = command.flatMap((word) => {
    if (/^%[uUfF]$/.test(word)) return link === undefined ? [] : [link];
    if (word === '%i') return icon === undefined ? [] : ['--icon', icon];
    if (/^%[dDnNvm]$/.test(word)) return [];
    return [
      word.replace(/%(.)/g, (_, code: string) => {
        switch (code) {
          case '%':
            return '%';
          case 'c':
            return name;
          case 'k':
            return entryFile ?? '';
          case 'u':
          case 'f':
            return link ?? '';
          default:
            return '';
        }
      }),
    ];
  });
  return takesLink || link === undefined ? words : [...words, link];
}

function readGroup(text: string, group: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  let isInside = false;
  for (const line of text.split('\n')) {
    const trimmed = line.trim();
    if (trimmed.startsWith('#')) continue;
    if (trimmed.startsWith('[')) {
      // What follows are actions; their keys have the same names.
      if (isInside) break;
      isInside = trimmed === `[${group}]`;
      continue;
    }
    const at = trimmed.indexOf('=');
    if (!isInside || at <= 0) continue;
    const key = trimmed.slice(0, at).trimEnd();
    if (!values.has(key)) values.set(key, trimmed.slice(at + 1).trimStart());
  }
  return values;
}

function unescapeValue(raw: string): string {
  const escapes: Readonly<Record<string, string>> = { s: ' ', n: '\n', t: '\t', r: '\r' };
  return raw.replace(/\\(.)/g, (whole, letter: string) =>
    letter === '\\' ? '\\' : (escapes[letter] ?? whole),
  );
}
