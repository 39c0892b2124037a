import { readdirSync, readFileSync } from 'node:fs';

/**
 * How often the threads of a process have gone to sleep by themselves so far: each time something woke one, it does so once
 * more (Linux).
 */
export function wakeups(pid: number): number {
  return readdirSync(`/proc/${pid}/task`)
    .map((thread) => readFileSync(`/proc/${pid}/task/${thread}/status`, 'utf8'))
    .map((status) => Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(status)?.[1]))
    .reduce((sum, switches) => sum + switches, 0);
}
