import { readFile } from 'node:fs/promises';

/** What a process holds in memory at this moment, in bytes (Linux). */
export async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const found = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  if (found === undefined) throw new Error(`no VmRSS of process ${pid}`);
  return Number(found) * 1024;
}
