import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Marks, MarksStore } from '../src/index.ts';

const MAX_FILE_BYTES = 1024 * 1024;

/** Marks in one small JSON file for each server and user, in `directory` (0700, made when needed). */
export function createFileMarks(directory: string): MarksStore {
  const pathOf = (key: string) =>
    join(directory, `marks-${createHash('sha256').update(key).digest('hex').slice(0, 32)}.json`);
  return {
    load: async (key) => {
      try {
        const path = pathOf(key);
        if ((await stat(path)).size > MAX_FILE_BYTES) return {};
        return readMarks(JSON.parse(await readFile(path, 'utf8')));
      } catch {
        // Absent or unreadable: catching up starts anew.
        return {};
      }
    },
    save: async (key, marks) => {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      const path = pathOf(key);
      const temporary = `${path}.${randomUUID()}`;
      try {
        await writeFile(temporary, JSON.stringify({ version: 1, marks }), { mode: 0o600 });
        await rename(temporary, path);
      } catch (error) {
        await rm(temporary, { force: true });
        throw error;
      }
    },
  };
}

/** Marks for the life of the program only. */
export function createMemoryMarks(): MarksStore {
  const kept = new Map<string, Marks>();
  return {
    load: async (key) => kept.get(key) ?? {},
    save: async (key, marks) => {
      kept.set(key, { ...marks });
    },
  };
}

function readMarks(file: unknown): Marks {
  if (typeof file !== 'object' || file === null || !('marks' in file)) return {};
  const { marks } = file;
  if (typeof marks !== 'object' || marks === null || Array.isArray(marks)) return {};
  return Object.fromEntries(
    Object.entries(marks).filter(([, mark]) => Number.isSafeInteger(mark) && Number(mark) >= 0),
  );
}
