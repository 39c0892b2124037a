import { expect, test } from 'vitest';

/** What every clock must do, the fake one too. */
interface ClockUnderTest {
  now(): number;
  unixMs(): number;
  after(delayMs: number, run: () => void): () => void;
}

/** @param pass lets at least this much time pass on that clock. */
export function clockContract(
  title: string,
  open: () => { clock: ClockUnderTest; pass: (ms: number) => Promise<void> },
): void {
  test(`${title}: time goes forward, and both clocks go together`, async () => {
    const { clock, pass } = open();
    const [now, unixMs] = [clock.now(), clock.unixMs()];
    await pass(20);
    const passed = clock.now() - now;
    expect(passed).toBeGreaterThanOrEqual(19);
    expect(Math.abs(clock.unixMs() - unixMs - passed)).toBeLessThan(20);
  });

  test(`${title}: a timer runs once, not before it is due, in order`, async () => {
    const { clock, pass } = open();
    const startedAt = clock.now();
    const ran: [string, number][] = [];
    clock.after(20, () => ran.push(['late', clock.now() - startedAt]));
    clock.after(5, () => ran.push(['early', clock.now() - startedAt]));
    clock.after(0, () => ran.push(['at once', clock.now() - startedAt]));
    expect(ran).toEqual([]);
    await pass(60);
    expect(ran.map(([name]) => name)).toEqual(['at once', 'early', 'late']);
    expect(ran[2]?.[1]).toBeGreaterThanOrEqual(19);
  });

  test(`${title}: a cancelled timer does not run, and cancelling twice is harmless`, async () => {
    const { clock, pass } = open();
    let ran = false;
    const cancel = clock.after(5, () => {
      ran = true;
    });
    cancel();
    cancel();
    await pass(20);
    expect(ran).toBe(false);
  });
}
