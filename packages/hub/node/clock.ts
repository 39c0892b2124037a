import type { Clock } from '../src/index.ts';

/** The real time. Its timers keep no process alive. */
export const nodeClock: Clock = {
  unixMs: () => Date.now(),
  now: () => Math.round(performance.now()),
  every: (periodMs, run) => {
    const timer = setInterval(run, periodMs).unref();
    return () => clearInterval(timer);
  },
  soon: (run) => {
    setImmediate(run);
  },
};
