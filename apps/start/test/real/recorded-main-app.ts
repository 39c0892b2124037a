import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from './eventually.ts';

/** A main app that is one process, notes what it is started with, and shows nothing. */
export interface RecordedMainApp {
  /** The command to configure. */
  readonly program: string;
  /** The arguments of each start, in order, those that were handed to a running one included. */
  starts(): readonly (readonly string[])[];
  /** Waits for this many starts in all, and gives the last one's arguments. */
  started(count: number): Promise<readonly string[]>;
  /** The process that is the main app; undefined where none runs. */
  readonly pid: number | undefined;
  /** Waits until none runs. */
  ended(): Promise<void>;
}

export function createRecordedMainApp(folder: string): RecordedMainApp {
  mkdirSync(folder, { recursive: true });
  const program = join(folder, 'recorded-main-app');
  const record = join(folder, 'starts');
  const pidFile = join(folder, 'pid');
  writeFileSync(program, `#!${process.execPath}\n${script(record, pidFile)}`, { mode: 0o755 });
  const starts = () =>
    existsSync(record)
      ? readFileSync(record, 'utf8')
          .trim()
          .split('\n')
          .map((line): string[] => JSON.parse(line))
      : [];
  const pid = () => {
    const noted = existsSync(pidFile) ? Number(readFileSync(pidFile, 'utf8')) : 0;
    return noted > 0 && existsSync(`/proc/${noted}`) ? noted : undefined;
  };
  return {
    program,
    starts,
    started: (count) =>
      eventually(`start ${count} of the main app`, async () => {
        const last = starts()[count - 1];
        if (last === undefined) throw new Error(`it was started ${starts().length} times`);
        return last;
      }),
    get pid() {
      return pid();
    },
    ended: () =>
      eventually('the end of the main app', async () => {
        if (pid() !== undefined) throw new Error('it runs');
      }),
  };
}

/** A second start hands over its arguments and ends, as desktop programs do. */
function script(record: string, pidFile: string): string {
  return `const fs = require('node:fs');
const given = JSON.stringify(process.argv.slice(2)) + '\\n';
let first = 0;
try { first = Number(fs.readFileSync(${JSON.stringify(pidFile)}, 'utf8')); } catch {}
const isSecond = first > 0 && fs.existsSync('/proc/' + first);
if (!isSecond) fs.writeFileSync(${JSON.stringify(pidFile)}, String(process.pid));
fs.appendFileSync(${JSON.stringify(record)}, given);
if (!isSecond) setInterval(() => {}, 60_000);
`;
}
