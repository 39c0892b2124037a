import type { Clock } from '../clock.ts';

export interface FakeClock extends Clock {
  /** Lets time pass and runs what falls due, in order. Promises settle in between. */
  advance(ms: number): Promise<void>;
  /** Timers that have been set and not run. */
  pending(): number;
}

/** A clock that stands still until it is advanced. */
export function fakeClock(startMs = 1_760_000_000_000): FakeClock {
  let passedMs = 0;
  let timers: { readonly dueMs: number; readonly task: () => void }[] = [];
  return {
    now: () => startMs + passedMs,
    monotonic: () => passedMs,
    after(delayMs, task) {
      const timer = { dueMs: passedMs + delayMs, task };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    async advance(ms) {
      const untilMs = passedMs + ms;
      for (;;) {
        const due = timers
          .filter(({ dueMs }) => dueMs <= untilMs)
          .sort((a, b) => a.dueMs - b.dueMs)[0];
        if (due === undefined) break;
        timers = timers.filter((other) => other !== due);
        passedMs = due.dueMs;
        due.task();
        await settle();
      }
      passedMs = untilMs;
      await settle();
    },
    pending: () => timers.length,
  };
}

/** Gives waiting promises and the tasks of a few turns of the event loop the time to run. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
