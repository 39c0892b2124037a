import { createWriteStream, fstatSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import { StartError } from '../errors.ts';

/** Most bytes that wait for a slow reader; what comes then is left out and counted. */
const MOST_WAITING = 1_048_576;

/** Writes what happens as JSON lines, for the program that started this one. Never blocks, never throws. */
export interface ReportWriter {
  write(line: Readonly<Record<string, unknown>>): void;
  close(): void;
}

export const noReport: ReportWriter = { write: () => {}, close: () => {} };

/** @param descriptor number of an open descriptor: a pipe, a socket or a file. */
export function openReport(descriptor: number): ReportWriter {
  const stream = streamOf(descriptor);
  let leftOut = 0;
  let isOpen = true;
  let isCorked = false;
  // What is said in one turn leaves in one write.
  const gather = () => {
    if (isCorked) return;
    isCorked = true;
    stream.cork();
    setImmediate(() => {
      isCorked = false;
      stream.uncork();
    });
  };
  // A reader that has gone is no reason to stop.
  stream.on('error', () => {
    isOpen = false;
  });
  return {
    write(line) {
      if (!isOpen) return;
      if (stream.writableLength > MOST_WAITING) {
        leftOut += 1;
        return;
      }
      gather();
      if (leftOut > 0) stream.write(`${JSON.stringify({ kind: 'left-out', lines: leftOut })}\n`);
      leftOut = 0;
      stream.write(`${JSON.stringify(line)}\n`);
    },
    close() {
      if (isOpen) stream.end();
      isOpen = false;
    },
  };
}

function streamOf(descriptor: number): Writable {
  try {
    const isFile = fstatSync(descriptor).isFile();
    return isFile
      ? createWriteStream('', { fd: descriptor })
      : new Socket({ fd: descriptor, readable: false, writable: true });
  } catch (error) {
    throw new StartError(
      'bad_flag',
      `--report-fd ${descriptor} is no descriptor that can be written to.`,
      error,
    );
  }
}
