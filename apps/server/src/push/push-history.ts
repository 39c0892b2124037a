/**
 * What the push server keeps of each push channel. It only bridges short cuts; longer ones are caught
 * up from the event log. Times in milliseconds, whole seconds for Centrifugo.
 */
export const PUSH_HISTORY = { size: 100, ttlMs: 5 * 60_000, metaTtlMs: 60 * 60_000 } as const;
