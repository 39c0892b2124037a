const FIRST_WINDOW_MS = 2_000;
const LAST_WINDOW_MS = 20_000;
const REFUSAL_MS = 35_000;
const REFUSAL_SPREAD_MS = 25_000;
const FLAP_MS = 120_000;
const FLAP_SPREAD_MS = 120_000;

/**
 * Delay before dial number `tries` (0 = the first one after a loss). The window doubles from 2 to 20 s,
 * the delay is anywhere in its upper three quarters: at most 5 dials in any 10 s, and a crowd that lost
 * its server in one moment does not come back in one.
 */
export function backOffMs(tries: number, jitter: number): number {
  const window = Math.min(LAST_WINDOW_MS, FIRST_WINDOW_MS * 2 ** Math.min(tries, 10));
  return Math.round(window * (0.25 + 0.75 * jitter));
}

/** After a refusal that the SDK takes as final but that may pass (centrifugo.md §10): 35 to 60 s. */
export function refusalDelayMs(jitter: number): number {
  return Math.round(REFUSAL_MS + REFUSAL_SPREAD_MS * jitter);
}

/** When the server closes us again and again for being slow or out of step: 2 to 4 minutes. */
export function flapDelayMs(jitter: number): number {
  return Math.round(FLAP_MS + FLAP_SPREAD_MS * jitter);
}
