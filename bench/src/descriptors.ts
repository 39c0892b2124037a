import { readFileSync } from 'node:fs';

/** What a process needs besides its connections. */
const SPARE = 100;

/**
 * Node and Go raise their own soft limit, so it is the hard one that counts; children inherit it.
 *
 * @throws Error that says how to raise it, when a process may not have this many connections
 */
export function needDescriptors(connections: number): void {
  const fields = /^Max open files\s+\S+\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8'));
  const limit = fields?.[1] === 'unlimited' ? Number.POSITIVE_INFINITY : Number(fields?.[1]);
  const needed = connections + SPARE;
  if (limit >= needed) return;
  throw new Error(
    `${connections} connections need ${needed} open files in one process, and the hard limit here is ${limit}. ` +
      `Raise it (as root: ulimit -Hn ${2 * needed} && ulimit -Sn ${2 * needed}), or ask for fewer with --connections N.`,
  );
}
