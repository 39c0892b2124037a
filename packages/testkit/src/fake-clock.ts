/** A clock for tests: time moves only when told to. It fits every package's `Clock` port. */
export interface FakeClock {
  now(): number;
  unixMs(): number;
  after(delayMs: number, run: () => void): () => void;
  /** Timers waiting. */
  readonly pending: number;
  /** Moves time, running timers in order; promises settle between them. */
  advance(ms: number): Promise<void>;
  /** Moves time from timer to timer until `isDone`; rejects past `limitMs`. */
  runUntil(isDone: () => boolean, limitMs?: number): Promise<void>;
  /** The machine sleeps: only the wall clock moves, timers come late. */
  sleep(ms: number): void;
}

interface Timer {
  readonly dueAt: number;
  readonly run: () => void;
}

/** @param unixStartMs Unix milliseconds at the start; the monotonic clock starts at 0. */
export function createFakeClock(unixStartMs = 1_750_000_000_000): FakeClock {
  let now = 0;
  let offset = unixStartMs;
  let timers: Timer[] = [];

  const next = (limit: number): Timer | undefined => {
    const [first] = timers.filter(({ dueAt }) => dueAt <= limit).sort((a, b) => a.dueAt - b.dueAt);
    return first;
  };
  const fire = async (timer: Timer) => {
    timers = timers.filter((other) => other !== timer);
    now = Math.max(now, timer.dueAt);
    timer.run();
    await settle();
  };

  return {
    now: () => now,
    unixMs: () => offset + now,
    after(delayMs, run) {
      const timer = { dueAt: now + Math.max(0, delayMs), run };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    get pending() {
      return timers.length;
    },
    async advance(ms) {
      const until = now + ms;
      await settle();
      for (let timer = next(until); timer !== undefined; timer = next(until)) await fire(timer);
      now = until;
    },
    async runUntil(isDone, limitMs = 3_600_000) {
      const until = now + limitMs;
      await settle();
      while (!isDone()) {
        const timer = next(until);
        if (timer === undefined) throw new Error(`it did not happen within ${limitMs} ms`);
        await fire(timer);
      }
    },
    sleep(ms) {
      offset += ms;
    },
  };
}

/** Lets everything run that waits for promises alone. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) {
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
  }
}
