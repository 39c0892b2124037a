import type { Clock } from '../src/index.ts';

interface Period {
  readonly everyMs: number;
  readonly run: () => void;
  nextAt: number;
}

/** Time that moves only when told to. `soon` runs at the end of the turn, which tests end by `settle`. */
export class FakeTime implements Clock {
  #now = 1_000;
  #unixMs = 1_750_000_000_000;
  #soon: (() => void)[] = [];
  #periods: Period[] = [];

  unixMs(): number {
    return this.#unixMs;
  }

  now(): number {
    return this.#now;
  }

  every(everyMs: number, run: () => void): () => void {
    const period = { everyMs, run, nextAt: this.#now + everyMs };
    this.#periods.push(period);
    return () => {
      this.#periods = this.#periods.filter((other) => other !== period);
    };
  }

  soon(run: () => void): void {
    this.#soon.push(run);
  }

  /** Timers that would keep running. */
  get periods(): number {
    return this.#periods.length;
  }

  /** One turn: what was to run soon runs, what that adds runs in the next. */
  turn(): void {
    for (const run of this.#soon.splice(0)) run();
  }

  settle(): void {
    while (this.#soon.length > 0) this.turn();
  }

  /** Time goes by, the event loop running. */
  advance(ms: number): void {
    const until = this.#now + ms;
    this.settle();
    for (;;) {
      const next = Math.min(...this.#periods.map(({ nextAt }) => nextAt));
      if (next > until) break;
      this.#move(next - this.#now);
      for (const period of [...this.#periods]) {
        if (period.nextAt > next) continue;
        period.nextAt += period.everyMs;
        period.run();
      }
      this.settle();
    }
    this.#move(until - this.#now);
  }

  /** Time goes by while the event loop is held up: timers come late, and once. */
  stall(ms: number): void {
    this.#move(ms);
    for (const period of this.#periods) {
      if (period.nextAt > this.#now) continue;
      period.run();
      period.nextAt = this.#now + period.everyMs;
    }
    this.settle();
  }

  /** Somebody sets the wall clock. */
  setWallClock(byMs: number): void {
    this.#unixMs += byMs;
  }

  #move(ms: number): void {
    this.#now += ms;
    this.#unixMs += ms;
  }
}
