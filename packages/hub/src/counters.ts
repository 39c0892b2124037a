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
  /** Commands of clients by method; pongs are none. */
  commands: Record<string, number>;
  /** Subscriptions that asked for what they had missed: who got it, and who did not. */
  recoveries: { recovered: number; lost: number };
}

export function newCounters(): Counters {
  return {
    publications: 0,
    deliveries: 0,
    closes: {},
    unsubscribes: {},
    errors: {},
    commands: {},
    recoveries: { recovered: 0, lost: 0 },
  };
}

export function count(counts: Record<number | string, number>, key: number | string): void {
  counts[key] = (counts[key] ?? 0) + 1;
}
