/**
 * The value that `share` of the samples do not exceed (nearest rank): `percentile(times, 0.99)`.
 *
 * @throws RangeError without samples: a figure nobody measured must not look like one
 */
export function percentile(samples: Iterable<number>, share: number): number {
  const sorted = Float64Array.from(samples).sort();
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  if (value === undefined) throw new RangeError('no samples were taken');
  return value;
}

/** The middle sample; of an even number, the mean of the middle two. Throws RangeError without samples. */
export function median(samples: Iterable<number>): number {
  const sorted = Float64Array.from(samples).sort();
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.ceil(sorted.length / 2) - 1];
  if (upper === undefined || lower === undefined) throw new RangeError('no samples were taken');
  return (lower + upper) / 2;
}

/** Rounds to `digits` significant digits, so that a report shows no digits that were not measured. */
export function significant(value: number, digits = 3): number {
  return Number(value.toPrecision(digits));
}
