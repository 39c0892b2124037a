/**
 * A repeatable source of numbers in [0, 1): the same seed gives the same row. For tests and
 * benchmarks, which print their seed; never for secrets. The generator is "mulberry32".
 */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** The seed to use: the one asked for by `TELEX_SEED`, else a new one. Print it. */
export function chooseSeed(): number {
  const wanted = Number(process.env.TELEX_SEED);
  return Number.isInteger(wanted) && wanted > 0 ? wanted : Math.floor(Math.random() * 2 ** 31) + 1;
}
