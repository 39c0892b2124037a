// The notification policy (SPEC.md, N1–N18). Pure: state and event in, state and decisions out.
//
//   push ─► own? seen? read? muted? ─► drop
//             │ catching up, quiet, limits ─► count ─► one summary later
//             ▼
//           show, or replace the open bubble of the thread
import type { Arrival } from './arrival.ts';
import type { Content, Decision, RuleId } from './decision.ts';
import {
  type Opening,
  type PolicyEvent,
  type PolicyState,
  type PolicyStep,
  type QuietReason,
  startPolicy,
} from './policy-state.ts';
import { addSeen, hasSeen } from './seen-ids.ts';
import {
  addWaiting,
  isNothing,
  mergeWaiting,
  nothingWaiting,
  takeRead,
  totalsOf,
  type Waiting,
} from './waiting.ts';

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

export const SUMMARY = 'summary';
export const AWAY = 'away';
const TEST = 'test';

type Of<Kind> = Extract<PolicyEvent, { kind: Kind }>;
type Rules = {
  [Kind in PolicyEvent['kind']]: (state: PolicyState, event: Of<Kind>) => PolicyStep;
};

const rules: Rules = {
  arrival: (state, event) => arrive(state, event),
  read,
  'caught-up': (state, { at, hasGap, away }) =>
    tellCaught(hasGap ? { ...state, caught: withGap(state.caught, away) } : state, at),
  'signed-in': (state, { userId }) => still({ ...state, userId }),
  'signed-out': signOut,
  closed: (state, { bubble }) => still(closeBubble(state, bubble)),
  refused,
  quiet: (state, { reason, untilUnixMs }) =>
    still({ ...state, quiet: new Map(state.quiet).set(reason, untilUnixMs) }),
  'quiet-over': (state, { at, reason }) => endQuiet(state, [reason], at),
  mute: (state, { scope, untilUnixMs }) =>
    still({ ...state, muted: keepNewest(state.muted, scope, untilUnixMs, SCOPES_MUTED) }),
  unmute: (state, { scope }) => {
    const muted = new Map(state.muted);
    muted.delete(scope);
    return still({ ...state, muted });
  },
  wake: still,
};

/** What the policy makes of an event: the next state, and decisions in the order to carry out. */
export function decide(state: PolicyState, event: PolicyEvent): PolicyStep {
  const due = runDue(state, event);
  const rule = rules[event.kind] as (state: PolicyState, event: PolicyEvent) => PolicyStep;
  const step = rule(due.state, event);
  return due.decisions.length === 0
    ? step
    : { state: step.state, decisions: [...due.decisions, ...step.decisions] };
}

/** Milliseconds until the policy wants a `wake` event; undefined: nothing is due, no timer needed. */
export function wakeInMs(state: PolicyState, at: number, unixMs: number): number | undefined {
  const quietEnds = [...state.quiet.values()].filter((until) => until !== undefined);
  const waits = [
    ...(state.flushAt === undefined ? [] : [state.flushAt - at]),
    ...(state.caughtUntil === undefined ? [] : [state.caughtUntil - at]),
    ...quietEnds.map((until) => until - unixMs),
  ];
  return waits.length === 0 ? undefined : Math.max(0, Math.min(...waits));
}

/** What time alone brings: reasons to be quiet that end, gathering that ends, a summary that is due. */
function runDue(state: PolicyState, { at, unixMs }: PolicyEvent): PolicyStep {
  const ended = [...state.quiet].filter(([, until]) => until !== undefined && until <= unixMs);
  let step = still(state);
  if (ended.length > 0) {
    const reasons = ended.map(([reason]) => reason);
    step = endQuiet(step.state, reasons, at);
  }
  if (step.state.caughtUntil !== undefined && step.state.caughtUntil <= at) {
    step = after(step, tellCaught(step.state, at));
  }
  if (step.state.flushAt !== undefined && step.state.flushAt <= at) {
    step = after(step, tellWaiting(step.state, at));
  }
  return step;
}

function arrive(state: PolicyState, event: Of<'arrival'>): PolicyStep {
  const { arrival, at, unixMs } = event;
  const refusal = reasonToDrop(state, arrival, unixMs);
  if (refusal !== undefined) {
    const [rule, reason] = refusal;
    return { state, decisions: [{ kind: 'drop', rule, reason, arrival }] };
  }
  const noted =
    arrival.id === undefined ? state : { ...state, seen: addSeen(state.seen, arrival.id) };
  if (arrival.type === 'test') {
    const content: Content = { kind: 'test', ...arrival.content };
    const because = ['N17', 'a test was asked for'] as const;
    return show(noted, TEST, content, { at, because, arrival, wasCounted: false });
  }
  const isDoubtful = arrival.id !== undefined && state.doubtful.has(arrival.id);
  if (arrival.via === 'catch-up') return gather(noted, arrival, isDoubtful, at);
  if (isDoubtful) {
    return count(noted, event, true, 'N15', 'may have been shown before the program was killed');
  }
  const [quiet] = state.quiet.keys();
  if (quiet !== undefined) return count(noted, event, false, 'N5', quietWords[quiet]);
  return admit(noted, event);
}

function reasonToDrop(
  state: PolicyState,
  arrival: Arrival,
  unixMs: number,
): readonly [RuleId, string] | undefined {
  const { id, type, seq, authorId } = arrival;
  if (type === 'unknown') return ['N18', 'a type that this version does not know'];
  if (id !== undefined && hasSeen(state.seen, id)) return ['N2', 'came before'];
  if (type === 'test') return undefined;
  if (authorId !== undefined && authorId === state.userId) return ['N1', 'your own message'];
  const mark = state.readMarks.get(arrival.threadKey);
  if (mark !== undefined && seq !== undefined && seq <= mark) return ['N3', 'read meanwhile'];
  const scopes = [arrival.threadKey, arrival.channelKey, `organisation ${arrival.organisationId}`];
  const isMuted = scopes.some((scope) => {
    const until = state.muted.get(scope);
    return state.muted.has(scope) && (until === undefined || until > unixMs);
  });
  return isMuted ? ['N4', 'muted'] : undefined;
}

/** Shows a live message, unless the limits say that it has to be counted. */
function admit(state: PolicyState, event: Of<'arrival'>): PolicyStep {
  const limit = limitOn(state, event.arrival.threadKey, event.at);
  if (limit !== undefined) return count(state, event, false, ...limit);
  const isOpen = state.bubbles.has(event.arrival.threadKey);
  return showMessage(state, event.arrival, {
    at: event.at,
    wasCounted: false,
    because: isOpen ? ['N6', 'replaces the open one of its thread'] : ['N8', 'new'],
  });
}

function limitOn(
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

interface Shown {
  readonly at: number;
  readonly because: readonly [RuleId, string];
  readonly wasCounted: boolean;
}

function showMessage(state: PolicyState, arrival: Arrival, how: Shown): PolicyStep {
  const content: Content = { kind: 'message', ...arrival.content };
  return show(state, arrival.threadKey, content, { ...how, arrival });
}

function showSummary(
  state: PolicyState,
  bubble: string,
  content: Content,
  at: number,
  because: readonly [RuleId, string],
): PolicyStep {
  return show(state, bubble, content, { at, because, arrival: undefined, wasCounted: false });
}

function show(
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

function count(
  state: PolicyState,
  { arrival, at }: Of<'arrival'>,
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
function planFlush(state: PolicyState, at: number): PolicyState {
  if (state.quiet.size > 0) return { ...state, waitingFor: 'quiet', flushAt: undefined };
  if (state.flushAt !== undefined) return state;
  const reopenAt = state.bubbles.has(SUMMARY) ? 0 : state.summaryOpenedAt + SUMMARY_REOPEN_MS;
  const flushAt = Math.max(at + SUMMARY_DELAY_MS, state.announcedAt + SUMMARY_PAUSE_MS, reopenAt);
  return { ...state, flushAt };
}

function tellWaiting(state: PolicyState, at: number): PolicyStep {
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
function gather(state: PolicyState, arrival: Arrival, isDoubtful: boolean, at: number): PolicyStep {
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

function tellCaught(state: PolicyState, at: number): PolicyStep {
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

function withGap(waiting: Waiting, away: Of<'caught-up'>['away']): Waiting {
  return { ...waiting, gap: away ?? 'unknown' };
}

function endQuiet(state: PolicyState, reasons: readonly QuietReason[], at: number): PolicyStep {
  const quiet = new Map(state.quiet);
  for (const reason of reasons) quiet.delete(reason);
  if (quiet.size > 0 || state.quiet.size === 0 || isNothing(state.waiting)) {
    return still({ ...state, quiet });
  }
  return tellWaiting({ ...state, quiet, waitingFor: 'quiet' }, at);
}

/** N13. */
function read(state: PolicyState, event: Of<'read'>): PolicyStep {
  const { threadKey, readSeq } = event;
  const mark = Math.max(readSeq, state.readMarks.get(threadKey) ?? 0);
  const take = (waiting: Waiting) => takeRead(waiting, threadKey, mark);
  const next: PolicyState = {
    ...state,
    readMarks: keepNewest(state.readMarks, threadKey, mark, READ_MARKS),
    waiting: take(state.waiting),
    caught: take(state.caught),
    announced: take(state.announced),
    away: take(state.away),
  };
  const isEmptied = (before: Waiting, now: Waiting) => before !== now && isNothing(now);
  const closing = [
    ...[threadKey],
    ...(isEmptied(state.announced, next.announced) ? [SUMMARY] : []),
    ...(isEmptied(state.away, next.away) ? [AWAY] : []),
  ].filter((bubble) => state.bubbles.has(bubble));
  const closed = closing.reduce(closeBubble, next);
  return {
    state: isNothing(closed.waiting) ? { ...closed, flushAt: undefined } : closed,
    decisions: closing.map((bubble) => ({
      kind: 'close',
      bubble,
      rule: 'N13',
      reason: 'read meanwhile',
    })),
  };
}

/** What the desktop did not take waits again. */
function refused(state: PolicyState, { bubble, arrival, at }: Of<'refused'>): PolicyStep {
  const told = bubble === SUMMARY ? state.announced : bubble === AWAY ? state.away : nothingWaiting;
  const back = mergeWaiting(told, state.waiting);
  const waiting = arrival?.type === 'message' ? addWaiting(back, arrival, false) : back;
  return still(planFlush({ ...closeBubble(state, bubble), waiting }, at));
}

/** Nothing of the session stays but what keeps a message from being shown twice. */
function signOut(state: PolicyState): PolicyStep {
  const { seen, doubtful, quiet, muted, soundAt } = state;
  return {
    state: { ...startPolicy(doubtful), seen, quiet, muted, soundAt },
    decisions: [...state.bubbles].map((bubble) => ({
      kind: 'close',
      bubble,
      rule: 'N18',
      reason: 'signed out',
    })),
  };
}

function closeBubble(state: PolicyState, bubble: string): PolicyState {
  if (!state.bubbles.has(bubble)) return state;
  const bubbles = new Set(state.bubbles);
  bubbles.delete(bubble);
  const closed = { ...state, bubbles };
  if (bubble === SUMMARY) return { ...closed, announced: nothingWaiting };
  return bubble === AWAY ? { ...closed, away: nothingWaiting } : closed;
}

function recent(openings: readonly Opening[], at: number): readonly Opening[] {
  return openings.filter((opening) => at - opening.at < OPENINGS_WINDOW_MS);
}

function keepNewest<Value>(
  map: ReadonlyMap<string, Value>,
  key: string,
  value: Value,
  limit: number,
): Map<string, Value> {
  const next = new Map(map);
  next.delete(key);
  next.set(key, value);
  const [oldest] = next.keys();
  if (next.size > limit && oldest !== undefined) next.delete(oldest);
  return next;
}

function still(state: PolicyState): PolicyStep {
  return { state, decisions: [] };
}

function after(first: PolicyStep, second: PolicyStep): PolicyStep {
  return { state: second.state, decisions: [...first.decisions, ...second.decisions] };
}

const quietWords: Record<QuietReason, string> = {
  paused: 'notifications are paused',
  'do-not-disturb': 'do-not-disturb is on',
  locked: 'the screen is locked',
  'no-desktop': 'the desktop takes no notifications just now',
};
