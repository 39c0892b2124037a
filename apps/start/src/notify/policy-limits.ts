import type { RuleId } from './decision.ts';
import type { Opening, PolicyState } from './policy-state.ts';

export const THREAD_PAUSE_MS = 5_000;
export const OPENINGS_WINDOW_MS = 10_000;
export const OPENINGS = 4;
export const SOUND_PAUSE_MS = 3_000;
export const SUMMARY_DELAY_MS = 1_000;
export const SUMMARY_PAUSE_MS = 2_000;
export const SUMMARY_REOPEN_MS = 10_000;
export const GATHER_MS = 15_000;
export const BUBBLES = 64;
export const READ_MARKS = 256;
export const SCOPES_MUTED = 1_024;

/** Why a bubble may not open now (N7, N8); undefined: it may. */
export function limitOn(
  state: PolicyState,
  bubble: string,
  at: number,
): readonly [RuleId, string] | undefined {
  if (state.bubbles.has(bubble)) return undefined;
  const openings = recent(state.openings, at);
  if (openings.some((each) => each.bubble === bubble && at - each.at < THREAD_PAUSE_MS)) {
    return ['N7', 'its thread had a notification less than 5 s ago'];
  }
  return openings.length < OPENINGS ? undefined : ['N8', '4 notifications in the last 10 s'];
}

/** The openings that count against the limits. */
export function recent(openings: readonly Opening[], at: number): readonly Opening[] {
  return openings.filter((opening) => at - opening.at < OPENINGS_WINDOW_MS);
}
