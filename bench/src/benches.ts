import type { Report } from './report.ts';

export interface BenchOptions {
  /** What stands after the bench's name, for a bench with options of its own: `npm run bench -- kill --moments 25`. */
  readonly args: readonly string[];
}

/** What each bench module exports. It measures real parts, puts each figure into the report and leaves no process behind. */
export interface Bench {
  run(report: Report, options: BenchOptions): Promise<void>;
}

export interface BenchEntry {
  /** One line of help: the ids of its figures and what it does. */
  readonly about: string;
  readonly load: () => Promise<Bench>;
}

/** The benches by name. Loaded late: each one measures in a process that holds nothing but itself. */
export const benches: Readonly<Record<string, BenchEntry>> = {
  hub: {
    about: 'S3 to S6: the hub alone: cost of a delivery and of a connect, memory of a connection',
    load: () => import('./hub.ts'),
  },
  kill: {
    about: 'R1: the server killed with SIGKILL under load, 100 times; --moments N',
    load: () => import('./kill.ts'),
  },
  latency: {
    about: 'S2: start of the POST to the notification being requested',
    load: () => import('./latency.ts'),
  },
  post: {
    about: 'S7: durable posts a second, 16 posters',
    load: () => import('./post.ts'),
  },
  server: {
    about: 'S13: idle memory and start of the server',
    load: () => import('./server.ts'),
  },
};
