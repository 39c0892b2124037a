import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { launchServer } from '@telex/testkit';
import { memoryMb } from './process-figures.ts';
import type { Report } from './report.ts';
import { median, significant } from './stats.ts';

const STARTS = 7;
const IDLE_MS = 10_000;

/** S13: what an idle server weighs, and how long it takes from its process's start to being ready. */
export async function run(report: Report): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'telex-bench-'));
  try {
    // The first start also makes keys, certificate and database: said, but no figure of its own.
    const first = await launchServer({ dataDir });
    report.note(
      `first start, with keys, certificate and tables: ${first.startedInMs.toFixed(0)} ms`,
    );
    await first.stop();
    const starts: number[] = [];
    for (let round = 0; round < STARTS; round += 1) {
      const server = await launchServer({ dataDir });
      starts.push(server.startedInMs);
      await server.stop();
    }
    report.figure({
      id: 'S13',
      what: `start to ready, with TLS, median of ${STARTS}`,
      value: significant(median(starts)),
      unit: 'ms',
      goal: { kind: 'at-most', value: 350 },
      peer: { ntfy: 40, gotify: 30, Centrifugo: 82 },
    });

    const server = await launchServer({ dataDir });
    await delay(IDLE_MS);
    const memory = memoryMb(server.pid);
    await server.stop();
    report.figure({
      id: 'S13',
      what: `idle memory, RSS ${IDLE_MS / 1000} s after start (anonymous ${memory.anonymous.toFixed(0)} MB)`,
      value: significant(memory.rss),
      unit: 'MB',
      goal: { kind: 'at-most', value: 100 },
      peer: { ntfy: 37, gotify: 30, Centrifugo: 50, 'bare Node 24': 42 },
    });
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}
