// Opening, replacing and closing bubbles.
import type { Arrival } from './arrival.ts';
import type { Content, Decision, RuleId } from './decision.ts';
import { BUBBLES, recent, SOUND_PAUSE_MS } from './policy-limits.ts';
import type { PolicyState, PolicyStep } from './policy-state.ts';
import { nothingWaiting } from './waiting.ts';

/** The bubbles that are no thread's. */
export const SUMMARY = 'summary';
export const AWAY = 'away';

export interface Shown {
  readonly at: number;
  readonly because: readonly [RuleId, string];
  readonly wasCounted: boolean;
}

export function showMessage(state: PolicyState, arrival: Arrival, how: Shown): PolicyStep {
  const content: Content = { kind: 'message', ...arrival.content };
  return show(state, arrival.threadKey, content, { ...how, arrival });
}

export function showSummary(
  state: PolicyState,
  bubble: string,
  content: Content,
  at: number,
  because: readonly [RuleId, string],
): PolicyStep {
  return show(state, bubble, content, { at, because, arrival: undefined, wasCounted: false });
}

export function show(
  state: PolicyState,
  bubble: string,
  content: Content,
  { at, because, arrival, wasCounted }: Shown & { readonly arrival: Arrival | undefined },
): PolicyStep {
  const [rule, reason] = because;
  const isOpen = state.bubbles.has(bubble);
  const sound = at - state.soundAt >= SOUND_PAUSE_MS;
  const decisions: Decision[] = [
    {
      kind: isOpen ? 'replace' : 'show',
      ...{ bubble, content, sound, arrival, wasCounted, rule, reason },
    },
  ];
  const bubbles = new Set(state.bubbles);
  bubbles.delete(bubble);
  bubbles.add(bubble);
  const [oldest] = bubbles;
  if (bubbles.size > BUBBLES && oldest !== undefined) {
    bubbles.delete(oldest);
    decisions.push({ kind: 'close', bubble: oldest, rule: 'N16', reason: 'too many are open' });
  }
  const isOpening = !isOpen && content.kind === 'message';
  return {
    state: {
      ...state,
      bubbles,
      openings: isOpening ? [...recent(state.openings, at), { bubble, at }] : state.openings,
      soundAt: sound ? at : state.soundAt,
    },
    decisions,
  };
}

export function closeBubble(state: PolicyState, bubble: string): PolicyState {
  if (!state.bubbles.has(bubble)) return state;
  const bubbles = new Set(state.bubbles);
  bubbles.delete(bubble);
  const closed = { ...state, bubbles };
  if (bubble === SUMMARY) return { ...closed, announced: nothingWaiting };
  return bubble === AWAY ? { ...closed, away: nothingWaiting } : closed;
}

export function still(state: PolicyState): PolicyStep {
  return { state, decisions: [] };
}

export function after(first: PolicyStep, second: PolicyStep): PolicyStep {
  return { state: second.state, decisions: [...first.decisions, ...second.decisions] };
}
