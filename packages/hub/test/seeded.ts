export interface Seeded {
  readonly seed: number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly pick: <Value>(values: readonly Value[]) => Value;
}

/** Randomness that prints its seed; TELEX_FUZZ_SEED repeats a run. */
export function seeded(what: string): Seeded {
  const seed = Number(process.env.TELEX_FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));
  console.log(`${what}: seed ${seed}`);
  const random = generator(seed);
  return {
    seed,
    random,
    pick: <Value>(values: readonly Value[]) =>
      values[Math.floor(random() * values.length)] as Value,
  };
}

/** A small generator with a seed (mulberry32). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
