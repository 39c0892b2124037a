/** Time as the program sees it; a fake stands in for it in tests. */
export interface Clock {
  /** Milliseconds since 1970, by the local date. */
  now(): number;
  /** Milliseconds that only go forward. */
  monotonic(): number;
  /** Runs the task once after `delayMs`; gives what cancels it. Keeps no process alive. */
  after(delayMs: number, task: () => void): () => void;
}

export const systemClock: Clock = {
  now: Date.now,
  monotonic: () => performance.now(),
  after(delayMs, task) {
    const timer = setTimeout(task, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
