import type { Bench } from './bench.ts';

export interface BenchEntry {
  /** One line of help: the ids of its figures and what it does. */
  readonly about: string;
  readonly load: () => Promise<Bench>;
}

/** The benches by name. Loaded late: each one measures in a process that holds nothing but itself. */
export const benches: Readonly<Record<string, BenchEntry>> = {
  hub: {
    about:
      'S3 to S6: the hub beside Centrifugo’s engine: cost of a delivery, of a connect and of a connection',
    load: () => import('./hub.ts'),
  },
  kill: {
    about:
      'R1: the server, and a push server of its own, killed under load, 100 times; --moments N --push KIND',
    load: () => import('./kill.ts'),
  },
  login: {
    about: 'S1: click on Login to all channels live, 1, 10 and 100 organisations, 50 ms away',
    load: () => import('./login.ts'),
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
  slow: {
    about: 'H8: 1 % of the clients read too slowly; what the others notice; --connections N',
    load: () => import('./slow.ts'),
  },
  storm: {
    about: 'R4: every client cut at once; how they come back to the real server; --clients N',
    load: () => import('./storm.ts'),
  },
  start: {
    about: 'S9 to S12: Telex Start: start, memory, a burst of pushes, wake-ups',
    load: () => import('./start.ts'),
  },
};
