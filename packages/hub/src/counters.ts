/** What a hub counts since its start. */
export interface Counters {
  /** Publications taken; repeats of an idempotency key are none. */
  publications: number;
  /** Publications put in the queue of a client. */
  deliveries: number;
  /** Closes by code; 1006: the peer was simply gone. */
  closes: Record<number, number>;
  /** Unsubscribe pushes by code. */
  unsubscribes: Record<number, number>;
  /** Error replies by code. */
  errors: Record<number, number>;
}

export function newCounters(): Counters {
  return { publications: 0, deliveries: 0, closes: {}, unsubscribes: {}, errors: {} };
}

export function count(byCode: Record<number, number>, code: number): void {
  byCode[code] = (byCode[code] ?? 0) + 1;
}
