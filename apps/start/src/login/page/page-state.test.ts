import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nextPage, type PageEvent, type PageState, type PageStep } from './page-state.ts';
import { words } from './words.ts';

const attempt = { email: 'ana@example.com', password: 'open sesame', server: 'https://t.example' };
const problem = { title: 'Wrong', text: 'Try again.', field: 'password' } as const;
const failed = { kind: 'failed', problem, clearsPassword: false, waitMs: 0 } as const;

const states: readonly PageState[] = [
  { kind: 'filling' },
  { kind: 'trying' },
  { kind: 'waiting', problem, untilMs: 9_000, leftMs: 4_000 },
  { kind: 'told', sentence: 'Read me.' },
  { kind: 'over', end: 'cancelled' },
];
const events: readonly PageEvent[] = [
  { kind: 'submitted', attempt },
  { kind: 'answered', outcome: failed, nowMs: 5_000 },
  { kind: 'left' },
  { kind: 'ticked', nowMs: 6_000 },
  { kind: 'ended', end: 'void' },
];

const next = (state: PageState, event: PageEvent): PageStep => nextPage(state, event, words);
const stateOf = (kind: PageState['kind']) =>
  states.find((state) => state.kind === kind) ?? { kind: 'filling' };

/** Where each event leads; `same`: the very same state and nothing to do. */
const expected: Readonly<Record<PageState['kind'], readonly string[]>> = {
  //        submitted   answered   left       ticked     ended
  filling: ['trying', 'same', 'over', 'same', 'over'],
  trying: ['same', 'filling', 'filling', 'same', 'over'],
  waiting: ['same', 'same', 'over', 'waiting', 'over'],
  told: ['same', 'same', 'over', 'same', 'over'],
  over: ['same', 'same', 'same', 'same', 'same'],
};

test.each(
  states.flatMap((state) =>
    events.map((event, index) => ({ state, event, to: expected[state.kind][index] })),
  ),
)('$state.kind × $event.kind → $to', ({ state, event, to }) => {
  const step = next(state, event);
  expect(step.state === state ? 'same' : step.state.kind).toBe(to);
  if (step.state === state) expect(step.effects).toEqual([]);
});

test('a try is sent with what was typed', () => {
  expect(next(stateOf('filling'), { kind: 'submitted', attempt }).effects).toEqual([
    { kind: 'try', attempt },
  ]);
});

test.each([
  ['email', words.missingEmail],
  ['password', words.missingPassword],
  ['server', words.missingServer],
] as const)('without %s nothing is sent, and the field gets the focus', (field, text) => {
  const { state, effects } = next(stateOf('filling'), {
    kind: 'submitted',
    attempt: { ...attempt, [field]: '' },
  });
  expect(state).toEqual({ kind: 'filling', problem: { title: words.missingTitle, text, field } });
  expect(effects).toEqual([{ kind: 'focus', on: field }]);
});

test('[L9] a wrong password is told, taken out, and can be typed again', () => {
  const outcome = { ...failed, clearsPassword: true };
  const { state, effects } = next(stateOf('trying'), { kind: 'answered', outcome, nowMs: 0 });
  expect(state).toEqual({ kind: 'filling', problem });
  expect(effects).toEqual([{ kind: 'clear-password' }, { kind: 'focus', on: 'password' }]);
});

test('[L9] a password that is not at fault stays, and the field at fault gets the focus', () => {
  const outcome = { ...failed, problem: { ...problem, field: 'server' as const } };
  const { effects } = next(stateOf('trying'), { kind: 'answered', outcome, nowMs: 0 });
  expect(effects).toEqual([{ kind: 'focus', on: 'server' }]);
});

test('[L13] a pause runs down second by second; then the user is told that it is over', () => {
  const outcome = { ...failed, waitMs: 2_500 };
  let step = next(stateOf('trying'), { kind: 'answered', outcome, nowMs: 1_000 });
  expect(step.state).toEqual({ kind: 'waiting', problem, untilMs: 3_500, leftMs: 2_500 });
  expect(step.effects).toContainEqual({ kind: 'tick' });
  step = next(step.state, { kind: 'ticked', nowMs: 2_000 });
  expect(step.state).toMatchObject({ kind: 'waiting', leftMs: 1_500 });
  expect(next(step.state, { kind: 'submitted', attempt }).effects).toEqual([]);
  step = next(step.state, { kind: 'ticked', nowMs: 3_500 });
  expect(step).toEqual({ state: { kind: 'filling', note: words.waitOver }, effects: [] });
});

test('[L13] no server keeps the user waiting longer than an hour', () => {
  const outcome = { ...failed, waitMs: Number.MAX_SAFE_INTEGER };
  const { state } = next(stateOf('trying'), { kind: 'answered', outcome, nowMs: 0 });
  expect(state).toMatchObject({ kind: 'waiting', leftMs: 3_600_000 });
});

test('[L10] leaving while a try is under way stops the try and nothing else', () => {
  const { state, effects } = next(stateOf('trying'), { kind: 'left' });
  expect(state).toEqual({ kind: 'filling', note: words.stopped });
  expect(effects).toContainEqual({ kind: 'stop-trying' });
  expect(effects).not.toContainEqual({ kind: 'leave' });
});

test('[L10] leaving the form cancels and closes', () => {
  const { state, effects } = next(stateOf('filling'), { kind: 'left' });
  expect(state).toEqual({ kind: 'over', end: 'cancelled' });
  expect(effects).toContainEqual({ kind: 'leave' });
  expect(effects).toContainEqual({ kind: 'close' });
});

test('signing in closes the page', () => {
  const outcome = { kind: 'signed-in' } as const;
  const { state, effects } = next(stateOf('trying'), { kind: 'answered', outcome, nowMs: 0 });
  expect(state).toEqual({ kind: 'over', end: 'signed-in' });
  expect(effects).toContainEqual({ kind: 'close' });
});

test('signed in with a sentence, the page stays until it was read', () => {
  const outcome = { kind: 'told', sentence: 'You belong to no organisation.' } as const;
  const told = next(stateOf('trying'), { kind: 'answered', outcome, nowMs: 0 });
  expect(told.state).toEqual(outcome);
  expect(told.effects).not.toContainEqual({ kind: 'close' });
  const left = next(told.state, { kind: 'left' });
  expect(left.state).toEqual({ kind: 'over', end: 'signed-in' });
  expect(left.effects).toContainEqual({ kind: 'close' });
});

test('[L12] a page that became void says so and closes', () => {
  for (const kind of ['filling', 'trying', 'waiting'] as const) {
    const { state, effects } = next(stateOf(kind), { kind: 'ended', end: 'void' });
    expect(state).toEqual({ kind: 'over', end: 'void' });
    expect(effects).toContainEqual({ kind: 'close' });
  }
});

test('whatever happens: one try at a time, none during a pause, and the end is the end', () => {
  const text = fc.constantFrom('', 'x');
  const anyEvent: fc.Arbitrary<PageEvent> = fc.oneof(
    fc.record({
      kind: fc.constant('submitted' as const),
      attempt: fc.record({ email: text, password: text, server: text }),
    }),
    fc.record({
      kind: fc.constant('answered' as const),
      nowMs: fc.nat(10_000),
      outcome: fc.oneof(
        fc.constant({ kind: 'signed-in' as const }),
        fc.constant({ kind: 'told' as const, sentence: 'Read me.' }),
        fc.record({
          kind: fc.constant('failed' as const),
          problem: fc.constant(problem),
          clearsPassword: fc.boolean(),
          waitMs: fc.constantFrom(0, 1, 3_000),
        }),
      ),
    }),
    fc.constant({ kind: 'left' as const }),
    fc.record({ kind: fc.constant('ticked' as const), nowMs: fc.nat(20_000) }),
    fc.constant({ kind: 'ended' as const, end: 'void' as const }),
  );
  fc.assert(
    fc.property(fc.array(anyEvent, { maxLength: 30 }), (walk) => {
      let state: PageState = { kind: 'filling' };
      let pending = 0;
      for (const event of walk) {
        if (event.kind === 'answered') pending = 0;
        const before = state;
        const step = next(before, event);
        state = step.state;
        for (const effect of step.effects) {
          if (effect.kind === 'stop-trying') pending = 0;
          if (effect.kind !== 'try') continue;
          pending += 1;
          expect(before.kind).toBe('filling');
          expect(Object.values(effect.attempt)).toEqual(['x', 'x', 'x']);
        }
        expect(pending).toBeLessThanOrEqual(1);
        if (before.kind === 'over') expect(step).toEqual({ state: before, effects: [] });
        const isClosing = step.effects.some(({ kind }) => kind === 'close');
        expect(isClosing).toBe(before.kind !== 'over' && state.kind === 'over');
      }
    }),
  );
});
