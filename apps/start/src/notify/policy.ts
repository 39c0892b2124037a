// The notification policy (SPEC.md, N1–N18). Pure: state and event in, state and decisions out.
//
//   push ─► own? seen? read? muted? ─► drop
//             │ catching up, quiet, limits ─► count ─► one summary later
//             ▼
//           show, or replace the open bubble of the thread
import type { Arrival } from './arrival.ts';
import type { Content, RuleId } from './decision.ts';
import { limitOn, READ_MARKS, SCOPES_MUTED } from './policy-limits.ts';
import { AWAY, after, closeBubble, SUMMARY, show, showMessage, still } from './policy-show.ts';
import {
  type PolicyEvent,
  type PolicyState,
  type PolicyStep,
  type QuietReason,
  startPolicy,
} from './policy-state.ts';
import {
  count,
  endQuiet,
  gather,
  planFlush,
  tellCaught,
  tellWaiting,
  withGap,
} from './policy-summary.ts';
import { addSeen, hasSeen } from './seen-ids.ts';
import {
  addWaiting,
  isNothing,
  mergeWaiting,
  nothingWaiting,
  takeRead,
  type Waiting,
} from './waiting.ts';

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

const quietWords: Record<QuietReason, string> = {
  paused: 'notifications are paused',
  'do-not-disturb': 'do-not-disturb is on',
  locked: 'the screen is locked',
  'no-desktop': 'the desktop takes no notifications just now',
};
