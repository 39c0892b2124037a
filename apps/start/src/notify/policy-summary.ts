// What is counted, and the summaries that tell of it (N9–N12).
import type { Arrival } from './arrival.ts';
import type { Content, RuleId } from './decision.ts';
import {
  GATHER_MS,
  limitOn,
  SUMMARY_DELAY_MS,
  SUMMARY_PAUSE_MS,
  SUMMARY_REOPEN_MS,
} from './policy-limits.ts';
import { AWAY, SUMMARY, showMessage, showSummary, still } from './policy-show.ts';
import type { PolicyEvent, PolicyState, PolicyStep, QuietReason } from './policy-state.ts';
import {
  type Away,
  addWaiting,
  isNothing,
  mergeWaiting,
  nothingWaiting,
  totalsOf,
  type Waiting,
} from './waiting.ts';

type Counted = Extract<PolicyEvent, { kind: 'arrival' }>;

export function count(
  state: PolicyState,
  { arrival, at }: Counted,
  isDoubtful: boolean,
  rule: RuleId,
  reason: string,
): PolicyStep {
  const waiting = addWaiting(state.waiting, arrival, isDoubtful);
  return {
    state: planFlush({ ...state, waiting }, at),
    decisions: [{ kind: 'count', rule, reason, arrival }],
  };
}

/** N9: when the waiting ones are told. Quiet: not before that ends. */
export function planFlush(state: PolicyState, at: number): PolicyState {
  if (state.quiet.size > 0) return { ...state, waitingFor: 'quiet', flushAt: undefined };
  if (state.flushAt !== undefined) return state;
  const reopenAt = state.bubbles.has(SUMMARY) ? 0 : state.summaryOpenedAt + SUMMARY_REOPEN_MS;
  const flushAt = Math.max(at + SUMMARY_DELAY_MS, state.announcedAt + SUMMARY_PAUSE_MS, reopenAt);
  return { ...state, flushAt };
}

export function tellWaiting(state: PolicyState, at: number): PolicyStep {
  const rested = { ...state, flushAt: undefined };
  if (isNothing(state.waiting)) return still(rested);
  if (state.quiet.size > 0) return still({ ...rested, waitingFor: 'quiet' });
  const because: readonly [RuleId, string] =
    state.waitingFor === 'quiet'
      ? ['N12', 'what came while it was quiet']
      : ['N9', 'what was too much to show one by one'];
  const isOpen = state.bubbles.has(SUMMARY);
  const isSameBurst = isOpen && at - state.announcedAt < SUMMARY_REOPEN_MS;
  const emptied: PolicyState = { ...rested, waiting: nothingWaiting, waitingFor: 'burst' };
  const single = isSameBurst ? undefined : singleOf(state, state.waiting, at);
  if (single !== undefined) {
    return showMessage(emptied, single, { at, because, wasCounted: true });
  }
  const announced = isSameBurst ? mergeWaiting(state.announced, state.waiting) : state.waiting;
  const summaryOpenedAt = isOpen ? state.summaryOpenedAt : at;
  const told: PolicyState = { ...emptied, announced, announcedAt: at, summaryOpenedAt };
  return showSummary(told, SUMMARY, summaryOf(announced, state.waitingFor), at, because);
}

/** The only message that waits, where the limits let it be shown as itself. */
function singleOf(state: PolicyState, waiting: Waiting, at: number): Arrival | undefined {
  const { only } = totalsOf(waiting);
  if (only === undefined) return undefined;
  return limitOn(state, only.threadKey, at) === undefined ? only : undefined;
}

/** N10: catching up brings one notification at its end. */
export function gather(
  state: PolicyState,
  arrival: Arrival,
  isDoubtful: boolean,
  at: number,
): PolicyStep {
  const [rule, reason] = isDoubtful
    ? (['N15', 'may have been shown before the program was killed'] as const)
    : (['N10', 'came while you were away'] as const);
  return {
    state: {
      ...state,
      caught: addWaiting(state.caught, arrival, isDoubtful),
      caughtUntil: state.caughtUntil ?? at + GATHER_MS,
    },
    decisions: [{ kind: 'count', rule, reason, arrival }],
  };
}

export function tellCaught(state: PolicyState, at: number): PolicyStep {
  const { caught } = state;
  const rested: PolicyState = { ...state, caught: nothingWaiting, caughtUntil: undefined };
  if (isNothing(caught)) return still(rested);
  if (state.quiet.size > 0) {
    const waiting = mergeWaiting(state.waiting, caught);
    return still({ ...rested, waiting, waitingFor: 'quiet' });
  }
  const because: readonly [RuleId, string] =
    caught.gap === undefined
      ? ['N10', 'what came while you were away']
      : ['N11', 'a gap in the history is told'];
  const single = singleOf(state, caught, at);
  if (single !== undefined) return showMessage(rested, single, { at, because, wasCounted: true });
  const told = { ...rested, away: caught };
  return showSummary(told, AWAY, summaryOf(caught, 'away'), at, because);
}

function summaryOf(waiting: Waiting, cause: 'burst' | 'away' | 'quiet'): Content {
  const { only: _only, ...totals } = totalsOf(waiting);
  return { kind: 'summary', cause, ...totals };
}

export function withGap(waiting: Waiting, away: Away | undefined): Waiting {
  return { ...waiting, gap: away ?? 'unknown' };
}

export function endQuiet(
  state: PolicyState,
  reasons: readonly QuietReason[],
  at: number,
): PolicyStep {
  const quiet = new Map(state.quiet);
  for (const reason of reasons) quiet.delete(reason);
  if (quiet.size > 0 || state.quiet.size === 0 || isNothing(state.waiting)) {
    return still({ ...state, quiet });
  }
  return tellWaiting({ ...state, quiet, waitingFor: 'quiet' }, at);
}
