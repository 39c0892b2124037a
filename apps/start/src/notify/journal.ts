import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { parseJson } from '@telex/contract';

const MOST_ENTRIES = 4_096;
const KEPT_ENTRIES = 2_048;
const LONGEST_ID = 128;

/**
 * Notes which notifications are about to be shown, so that after a kill none is shown a second time (SPEC.md, J1–J3). Holds
 * ids only.
 */
export interface Journal {
  /** Ids noted by earlier runs. */
  readonly earlier: ReadonlySet<string>;
  /** Notes an id; once it returns, a kill of this program does not undo it. Throws what the file system throws. */
  note(id: string): void;
  close(): void;
}

/**
 * Opens the journal in the state folder. One `write` into the page cache for each note: it survives the process, and costs no
 * flush to the disk.
 */
export function openJournal(folder: string): Journal {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, 'shown.journal');
  let newest = readEntries(file).slice(-KEPT_ENTRIES);
  const earlier = new Set(newest);
  let descriptor = rewrite(file, newest);
  let isOpen = true;
  return {
    earlier,
    note(id) {
      if (!isOpen) return;
      writeSync(descriptor, entry(id));
      newest.push(id);
      if (newest.length < MOST_ENTRIES) return;
      newest = newest.slice(-KEPT_ENTRIES);
      closeSync(descriptor);
      descriptor = rewrite(file, newest);
    },
    close() {
      if (!isOpen) return;
      isOpen = false;
      closeSync(descriptor);
    },
  };
}

/** For when there is no state folder to write to: doubles across a kill can't be told then. */
export function createMemoryJournal(
  earlier: readonly string[] = [],
): Journal & { readonly notes: string[] } {
  const notes: string[] = [];
  return {
    earlier: new Set(earlier),
    notes,
    note: (id) => void notes.push(id),
    close: () => {},
  };
}

function entry(id: string): string {
  return `${JSON.stringify(id)}\n`;
}

function readEntries(file: string): string[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    // None yet, or unreadable: nothing is known of earlier runs.
    return [];
  }
  return text.split('\n').flatMap((line) => {
    const json = parseJson(line);
    const isId = json.ok && typeof json.value === 'string' && json.value.length <= LONGEST_ID;
    return isId ? [String(json.value)] : [];
  });
}

/** Writes the file anew under another name first: a kill in between leaves the old one. */
function rewrite(file: string, ids: readonly string[]): number {
  const temporary = `${file}.new`;
  rmSync(temporary, { force: true });
  writeFileSync(temporary, ids.map(entry).join(''), { mode: 0o600, flag: 'wx' });
  renameSync(temporary, file);
  return openSync(file, 'a', 0o600);
}
