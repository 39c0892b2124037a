import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Phase, type PhaseEvent, type PhaseStep, phases } from './phase.ts';

const names = Object.keys(phases) as Phase[];
const events = Object.keys(phases.fresh) as PhaseEvent[];
const order: Readonly<Record<Phase, number>> = {
  fresh: 0,
  checking: 1,
  live: 2,
  refused: 2,
  closing: 3,
  closed: 4,
};

test('[HB10] before the connect every other input closes as a bad request, and silence as stale', () => {
  for (const input of ['command', 'pong', 'send', 'bad'] as const) {
    expect(phases.fresh[input]).toEqual({ to: 'closing', effect: 'bad-request' });
  }
  expect(phases.fresh.deadline).toEqual({ to: 'closing', effect: 'stale' });
  expect(phases.live.connect).toEqual({ to: 'closing', effect: 'bad-request' });
});

test('[HB11] while tokens are judged all input waits', () => {
  for (const input of ['connect', 'command', 'pong', 'send', 'bad'] as const) {
    expect(phases.checking[input]).toEqual({ to: 'checking', effect: 'wait' });
  }
});

test('[HB12] a refused connection hears nothing more and is dropped at its deadline', () => {
  for (const input of ['connect', 'command', 'pong', 'send', 'bad'] as const) {
    expect(phases.refused[input].effect).toBe('ignore');
  }
  expect(phases.refused.deadline).toEqual({ to: 'closed', effect: 'drop' });
});

test('[HB14] no event leads back, out of closing only to closed, and closed does nothing', () => {
  for (const phase of names) {
    for (const event of events) {
      const { to, effect } = phases[phase][event];
      expect(order[to]).toBeGreaterThanOrEqual(order[phase]);
      if (phase === 'closing') expect(['closing', 'closed']).toContain(to);
      if (phase === 'closed') expect([to, effect]).toEqual(['closed', 'ignore']);
    }
  }
});

test('[HB14] on any walk through the phases the connection is served, closed and left at most once', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...events), { maxLength: 60 }), (walk) => {
      const seen: Record<string, number> = {};
      let phase: Phase = 'fresh';
      for (const event of [...walk, 'gone' as const]) {
        const step: PhaseStep = phases[phase][event];
        seen[step.effect] = (seen[step.effect] ?? 0) + 1;
        phase = step.to;
      }
      expect(phase).toBe('closed');
      expect((seen.leave ?? 0) + (seen.drop ?? 0)).toBe(1);
      for (const once of ['serve', 'linger', 'check']) expect(seen[once] ?? 0).toBeLessThan(2);
      const closes = ['bad-request', 'stale', 'not-available', 'as-asked'];
      expect(closes.reduce((sum, one) => sum + (seen[one] ?? 0), 0)).toBeLessThan(2);
    }),
  );
});
