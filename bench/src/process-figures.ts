import { readdirSync, readFileSync } from 'node:fs';

/** Kernel clock ticks a second; 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/** CPU time a process has used so far, user and system, in microseconds (Linux). */
export function cpuMicros(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]);
  return (ticks / TICKS_PER_SECOND) * 1e6;
}

/** The same to the nanosecond, as the scheduler counts it: the sum over the threads that live (Linux). */
export function preciseCpuMicros(pid: number): number {
  const tasks = `/proc/${pid}/task`;
  return readdirSync(tasks).reduce((sum, thread) => {
    const [ran] = readFileSync(`${tasks}/${thread}/schedstat`, 'utf8').split(' ');
    return sum + Number(ran) / 1e3;
  }, 0);
}

/** Resident, proportional and anonymous memory of a process, in MB of 10^6 bytes (Linux). */
export function memoryMb(pid: number): { rss: number; pss: number; anonymous: number } {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const field = (name: string) =>
    (Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(rollup)?.[1] ?? Number.NaN) * 1024) /
    1e6;
  return { rss: field('Rss'), pss: field('Pss'), anonymous: field('Anonymous') };
}
