import { createFakeClock } from '@telex/testkit';
import { expect, test } from 'vitest';
import { MarksKeeper } from './marks-keeper.ts';
import type { Marks } from './ports.ts';

function open(save?: (marks: Marks) => Promise<void>) {
  const saved: Marks[] = [];
  const errors: unknown[] = [];
  const clock = createFakeClock();
  const keeper = new MarksKeeper({
    store: {
      load: async () => ({}),
      save:
        save === undefined
          ? async (_key, marks) => void saved.push(marks)
          : (_key, marks) => save(marks),
    },
    key: 'k',
    clock,
    loaded: { a: 1 },
    onError: (error) => errors.push(error),
  });
  return { keeper, saved, errors, clock };
}

test('[I9] the saved mark waits for the listeners, also when they finish out of order', async () => {
  const { keeper, saved, clock } = open();
  const first = Promise.withResolvers<void>();
  const second = Promise.withResolvers<void>();
  keeper.move('a', 2, first.promise);
  keeper.move('a', 3, second.promise);
  second.resolve();
  await clock.advance(10_000);
  expect(saved).toEqual([]);
  expect(keeper.mark('a')).toBe(1);
  first.resolve();
  await clock.advance(1);
  expect(saved).toEqual([{ a: 3 }]);
});

test('a listener that fails does not hold the mark for ever', async () => {
  const { keeper, saved, clock } = open();
  keeper.move('a', 2, Promise.reject(new Error('no')));
  await clock.advance(1);
  expect(saved).toEqual([{ a: 2 }]);
});

test('a flood of pushes is a few writes, and close saves the last', async () => {
  const { keeper, saved, clock } = open();
  for (let seq = 2; seq < 1_000; seq += 1) keeper.move('a', seq, undefined);
  await clock.advance(1);
  expect(saved).toEqual([{ a: 2 }]);
  await clock.advance(250);
  expect(saved.at(-1)).toEqual({ a: 999 });
  keeper.move('b', 5, undefined);
  await keeper.close();
  expect(saved.at(-1)).toEqual({ a: 999, b: 5 });
  expect(saved).toHaveLength(3);
});

test('what cannot be written is reported, and tried again with the next mark', async () => {
  let isFull = true;
  const written: Marks[] = [];
  const { keeper, errors, clock } = open(async (marks) => {
    if (isFull) throw new Error('disk full');
    written.push(marks);
  });
  keeper.move('a', 2, undefined);
  await clock.advance(300);
  expect(errors).toHaveLength(1);
  isFull = false;
  keeper.move('a', 3, undefined);
  await clock.advance(300);
  expect(written).toEqual([{ a: 3 }]);
});
