/** Milliseconds on the machine's monotonic clock: the same in every process, so times can be compared between them. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
