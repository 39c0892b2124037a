import type { Clock } from '../src/index.ts';

/** Longest delay a timer takes; longer ones are waited for in parts. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** The machine's clock. `now` does not count the time a machine sleeps, `unixMs` does. */
export const systemClock: Clock = {
  now: () => performance.now(),
  unixMs: () => Date.now(),
  after(delayMs, run) {
    const dueAt = performance.now() + delayMs;
    let timer = setTimeout(fire, Math.min(delayMs, MAX_TIMER_MS));
    return () => clearTimeout(timer);

    function fire(): void {
      const left = dueAt - performance.now();
      if (left > 1) timer = setTimeout(fire, Math.min(left, MAX_TIMER_MS));
      else run();
    }
  },
};
