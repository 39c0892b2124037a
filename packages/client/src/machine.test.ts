import { chooseSeed, seededRandom } from '@telex/testkit';
import { expect, test } from 'vitest';
import { makeFault } from './faults.ts';
import {
  eventKinds,
  HINT_SPACING_MS,
  initialState,
  MAX_REFUSALS,
  type MachineEvent,
  type MachineState,
  STABLE_MS,
  type Step,
  stateKinds,
  step,
} from './machine.ts';

const fault = makeFault('link_lost');
const attempts = { tries: 0, renewals: 0, refusals: 0, flaps: 0 };

const samples: Record<MachineState['kind'], MachineState> = {
  'signed-out': { kind: 'signed-out', reason: 'never' },
  'signing-in': { kind: 'signing-in' },
  connecting: { kind: 'connecting', attempts },
  live: { kind: 'live', attempts },
  offline: { kind: 'offline', attempts, fault, retryAt: 5_000, mustRenew: false, since: 0 },
  redialling: { kind: 'redialling', attempts, fault, since: 0 },
  closed: { kind: 'closed' },
};

const down = (over: Partial<Extract<MachineEvent, { kind: 'link-down' }>> = {}): MachineEvent => ({
  kind: 'link-down',
  now: 0,
  jitter: 0.5,
  advice: 'retry',
  fault,
  ...over,
});

/** Runs events and gives every step. */
function run(state: MachineState, ...events: MachineEvent[]): Step[] {
  let current = state;
  return events.map((event) => {
    const next = step(current, event);
    current = next.state;
    return next;
  });
}
const last = (steps: readonly Step[]): Step => steps.at(-1) ?? { state: initialState, effects: [] };
const kinds = ({ effects }: Step) => effects.map(({ kind }) => kind);

test('[M1] signing in dials once and is live when the links are up', () => {
  const steps = run(
    initialState,
    { kind: 'sign-in', now: 0 },
    { kind: 'signed-in', now: 1 },
    { kind: 'links-up', now: 2 },
  );
  expect(steps.map(({ state }) => state.kind)).toEqual(['signing-in', 'connecting', 'live']);
  expect(steps.flatMap(kinds)).toEqual(['log-in', 'dial', 'set-timer']);
});

test('[M2] a failed sign-in is signed out with its fault; a late answer changes nothing', () => {
  const wrong = makeFault('wrong_credentials');
  const [, failed] = run(
    initialState,
    { kind: 'sign-in', now: 0 },
    { kind: 'sign-in-failed', now: 1, fault: wrong },
  );
  expect(failed?.state).toEqual({ kind: 'signed-out', reason: 'failed', fault: wrong });
  const cancelled = last(
    run(
      initialState,
      { kind: 'sign-in', now: 0 },
      { kind: 'sign-out', now: 1 },
      { kind: 'signed-in', now: 2 },
    ),
  );
  expect(cancelled).toEqual({
    state: { kind: 'signed-out', reason: 'signed-out' },
    effects: [],
  });
});

test('[M3] each loss waits longer than the one before, until a connection has been stable', () => {
  let state = samples.live;
  const delays: number[] = [];
  let now = 0;
  for (let tries = 0; tries < 6; tries += 1) {
    const [lost, dialled, up] = run(
      state,
      down({ now }),
      { kind: 'retry-due', now },
      { kind: 'links-up', now },
    );
    if (lost?.state.kind !== 'offline') throw new Error('not offline');
    delays.push(lost.state.retryAt - now);
    expect(dialled?.effects).toEqual([{ kind: 'dial', mustRenew: false }]);
    now = lost.state.retryAt;
    state = up?.state ?? state;
  }
  expect(delays).toEqual([1_250, 2_500, 5_000, 10_000, 12_500, 12_500]);
  const stable = run(state, { kind: 'stable-due', now }, down({ now }));
  expect(last(stable).state).toMatchObject({ retryAt: now + 1_250 });
});

test('[M3] live sets the timer that finds a connection stable', () => {
  const { effects } = step(samples.redialling, { kind: 'links-up', now: 7 });
  expect(effects).toEqual([{ kind: 'set-timer', event: 'stable-due', at: 7 + STABLE_MS }]);
});

test('[M3] what the server asks to wait is waited for', () => {
  const busy = makeFault('unavailable', { waitMs: 60_000 });
  expect(step(samples.live, down({ fault: busy })).state).toMatchObject({ retryAt: 60_000 });
});

test('[M4] stop, and renew-once twice in a row, end the session', () => {
  expect(step(samples.live, down({ advice: 'stop' })).state).toMatchObject({
    kind: 'signed-out',
    reason: 'refused',
  });
  const renewOnce = down({ advice: 'renew-once' });
  const steps = run(samples.live, renewOnce, { kind: 'retry-due', now: 1 }, renewOnce);
  expect(steps[1]?.effects).toEqual([{ kind: 'dial', mustRenew: true }]);
  expect(last(steps).state).toMatchObject({ kind: 'signed-out', reason: 'refused' });
  expect(kinds(last(steps))).toEqual(['log-out', 'hang-up']);
});

test('[M4] a connection ended on purpose is asked about, then given up', () => {
  const ended = makeFault('push_ended');
  const [asked, stopped] = run(
    samples.live,
    down({ advice: 'ask', fault: ended }),
    down({ advice: 'stop', fault: ended }),
  );
  expect(asked?.state).toMatchObject({ kind: 'offline', fault: { code: 'push_ended' } });
  expect(asked?.effects[0]).toEqual({ kind: 'ask', fault: ended });
  // Only then it is told as what it is.
  const fault = { code: 'push_forbidden' };
  expect(stopped?.state).toMatchObject({ kind: 'signed-out', reason: 'refused', fault });
});

test('[M4] retry-later waits 35 s or more and gives up in the end', () => {
  let state = samples.live;
  for (let refusals = 1; refusals <= MAX_REFUSALS; refusals += 1) {
    const { state: lost } = step(state, down({ advice: 'retry-later', jitter: 0 }));
    expect(lost).toMatchObject({ kind: 'offline', retryAt: 35_000 });
    ({ state } = step(lost, { kind: 'retry-due', now: 0 }));
  }
  const { state: end } = step(state, down({ advice: 'retry-later' }));
  expect(end).toMatchObject({ kind: 'signed-out', reason: 'refused' });
});

test('[M5] the third flap in a row waits minutes and forgets positions', () => {
  const flap = down({ advice: 'damp', jitter: 0 });
  const due: MachineEvent = { kind: 'retry-due', now: 0 };
  const steps = run(samples.live, flap, due, flap, due, flap);
  expect(last(steps).state).toMatchObject({ kind: 'offline', retryAt: 120_000 });
  expect(kinds(last(steps))).toEqual(['forget-positions', 'set-timer']);
});

test('[M6] a hint dials at once when offline, but not twice in a second, and probes when live', () => {
  const waiting = { ...samples.offline, since: 0, retryAt: 20_000 };
  const early = step(waiting, { kind: 'hint', now: HINT_SPACING_MS - 1 });
  expect(early).toEqual({
    state: { ...waiting, retryAt: HINT_SPACING_MS },
    effects: [{ kind: 'set-timer', event: 'retry-due', at: HINT_SPACING_MS }],
  });
  const again = step(early.state, { kind: 'hint', now: HINT_SPACING_MS - 1 });
  expect(again).toEqual({ state: early.state, effects: [] });
  const due = step(samples.offline, { kind: 'hint', now: HINT_SPACING_MS });
  expect(kinds(due)).toEqual(['clear-timer', 'dial']);
  expect(kinds(step(samples.live, { kind: 'hint', now: 0 }))).toEqual(['probe']);
});

test('[M7] an expired session is signed out from anywhere that has one', () => {
  const expired: MachineEvent = {
    kind: 'session-expired',
    now: 0,
    reason: 'expired',
    fault: makeFault('expired'),
  };
  for (const kind of ['signing-in', 'connecting', 'live', 'offline', 'redialling'] as const) {
    const { state, effects } = step(samples[kind], expired);
    expect(state).toMatchObject({ kind: 'signed-out', reason: 'expired' });
    expect(effects.map((effect) => effect.kind)).toContain('hang-up');
  }
});

test('[M8] signing in while signed in ends the old session first', () => {
  for (const kind of ['connecting', 'live', 'offline', 'redialling'] as const) {
    const next = step(samples[kind], { kind: 'sign-in', now: 0 });
    expect(next.state.kind).toBe('signing-in');
    expect(kinds(next)).toEqual(['log-out', 'hang-up', 'log-in']);
  }
});

test('[M9] nothing happens after closed', () => {
  for (const kind of eventKinds) {
    expect(step(samples.closed, eventOf(kind, 0, 0.5))).toEqual({
      state: samples.closed,
      effects: [],
    });
  }
});

test('every pair of state and event has an answer that is a state of the machine', () => {
  for (const state of stateKinds) {
    for (const event of eventKinds) {
      const next = step(samples[state], eventOf(event, 10_000, 0.5));
      expect(stateKinds).toContain(next.state.kind);
    }
  }
});

test('a random walk keeps the promises of the machine', () => {
  const seed = chooseSeed();
  const random = seededRandom(seed);
  console.log(`machine walk: TELEX_SEED=${seed}`);
  let state: MachineState = initialState;
  let now = 0;
  let hasSession = false;
  const dials: number[] = [];
  for (let count = 0; count < 50_000; count += 1) {
    now += random() * 5_000;
    const kind = eventKinds[Math.floor(random() * (eventKinds.length - 1))] ?? 'hint';
    // A timer fires only when it is due, as the driver's does.
    if (kind === 'retry-due' && (state.kind !== 'offline' || now < state.retryAt)) continue;
    const next = step(state, eventOf(kind, now, random()));
    const where = `seed ${seed}, step ${count}: ${state.kind} and ${kind}`;
    for (const effect of next.effects) {
      if (effect.kind === 'dial') {
        expect(['connecting', 'redialling'], where).toContain(next.state.kind);
        if (kind !== 'hint' && kind !== 'signed-in') dials.push(now);
      }
      if (effect.kind === 'set-timer') expect(effect.at, where).toBeGreaterThanOrEqual(now);
      if (effect.kind === 'log-in') expect(next.state.kind, where).toBe('signing-in');
    }
    if (next.state.kind === 'signed-out' && hasSession) {
      expect(kinds(next), where).toContain('hang-up');
    }
    hasSession = !['signed-out', 'closed', 'signing-in'].includes(next.state.kind);
    ({ state } = next);
  }
  expect(dials.length).toBeGreaterThan(10);
});

function eventOf(kind: MachineEvent['kind'], now: number, jitter: number): MachineEvent {
  const advices = ['retry', 'renew', 'renew-once', 'retry-later', 'damp', 'ask', 'stop'] as const;
  switch (kind) {
    case 'sign-in-failed':
      return { kind, now, fault };
    case 'link-down': {
      const advice = advices[Math.floor(jitter * advices.length)] ?? 'retry';
      return { kind, now, jitter, advice, fault };
    }
    case 'session-expired':
      return { kind, now, reason: 'expired', fault };
    default:
      return { kind, now };
  }
}
