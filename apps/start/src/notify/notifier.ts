import type { NotificationAction, Notifications } from '../desktop/notifications.ts';
import { actionsOf } from './actions.ts';
import type { Arrival } from './arrival.ts';
import { createBubbleArrivals } from './bubble-arrivals.ts';
import type { Decision, ShowDecision } from './decision.ts';
import type { Journal } from './journal.ts';
import { decide, wakeInMs } from './policy.ts';
import {
  type PolicyEvent,
  type PolicyState,
  type QuietReason,
  startPolicy,
} from './policy-state.ts';
import { isNothing } from './waiting.ts';
import { type FormatTime, wordsOf } from './wording.ts';

type Untimed<Event> = Event extends PolicyEvent ? Omit<Event, 'at' | 'unixMs'> : never;
/** A policy event without its time, which the notifier adds. */
export type NotifierEvent = Untimed<PolicyEvent>;

export interface NotifierPorts {
  readonly notifications: Notifications;
  readonly journal: Journal;
  readonly clock: {
    now(): number;
    unixMs(): number;
    after(delayMs: number, run: () => void): () => void;
  };
  readonly formatTime: FormatTime;
  /** Told of every decision, after what it asks for has begun: telling must not delay a notification. */
  readonly onDecision: (decision: Decision) => void;
  /** Told when the desktop has been asked for a notification, before it answers. */
  readonly onRequested: (decision: ShowDecision, requestedAt: number) => void;
  /** Told when the desktop has taken the notification of a push. */
  readonly onShown: (arrival: Arrival) => void;
  /** The user chose an action of a notification; undefined: it showed no single message. */
  readonly onAction: (action: NotificationAction, arrival: Arrival | undefined) => void;
  /** The reasons to be quiet have changed. */
  readonly onQuiet: () => void;
  /** Something could not be done; a sentence for people. */
  readonly onFault: (sentence: string) => void;
}

export interface Counts {
  readonly received: number;
  readonly shown: number;
  readonly counted: number;
  readonly dropped: number;
}

/** Feeds the policy and carries out what it decides. */
export interface Notifier {
  /**
   * Settles when the event is done with: at once, when the desktop has answered, or, for a counted message, when a summary
   * has told of it. A program that is killed before gets it again (J4).
   */
  feed(event: NotifierEvent): void | Promise<void>;
  readonly counts: Counts;
  readonly quiet: readonly QuietReason[];
  /** Unix milliseconds at which a pause ends; undefined: there is none. */
  readonly pausedUntilUnixMs: number | undefined;
  /** Takes its notifications away with it. */
  close(): void;
}

function waits(decisions: readonly Decision[]): boolean {
  return decisions.some(({ kind }) => kind === 'count');
}

export function createNotifier(ports: NotifierPorts): Notifier {
  const { clock, journal, notifications } = ports;
  const counts = { received: 0, shown: 0, counted: 0, dropped: 0 };
  let state: PolicyState = startPolicy(journal.earlier);
  let wakeAt: number | undefined;
  let cancelWake = () => {};
  let hasJournalFault = false;
  const arrivals = createBubbleArrivals();
  /** Settles when everything that waits now has been told. */
  let untold: PromiseWithResolvers<void> | undefined;

  const feed = (event: NotifierEvent): void | Promise<void> => {
    const now = { at: clock.now(), unixMs: clock.unixMs() };
    if (event.kind === 'arrival') counts.received += 1;
    const { quiet } = state;
    const step = decide(state, { ...event, ...now } as PolicyEvent);
    state = step.state;
    planWake(now.at, now.unixMs);
    if (state.quiet !== quiet) ports.onQuiet();
    const answers = step.decisions.map(carryOut).filter((answer) => answer !== undefined);
    if (answers.length === 0) settleTold();
    else answers.push(Promise.all(answers).then(settleTold));
    // What catching up brings is told at its end, which must not wait for it.
    const isHeld =
      event.kind === 'arrival' && event.arrival.via === 'live' && waits(step.decisions);
    if (isHeld) {
      untold ??= Promise.withResolvers();
      answers.push(untold.promise);
    }
    return answers.length === 0 ? undefined : Promise.all(answers).then(() => {});
  };

  const settleTold = (): void => {
    if (untold === undefined || !isNothing(state.waiting)) return;
    untold.resolve();
    untold = undefined;
  };

  const planWake = (at: number, unixMs: number): void => {
    const wait = wakeInMs(state, at, unixMs);
    const due = wait === undefined ? undefined : at + wait;
    if (due === wakeAt) return;
    cancelWake();
    wakeAt = due;
    cancelWake = wait === undefined ? () => {} : clock.after(wait, wake);
  };

  const wake = (): void => {
    wakeAt = undefined;
    void feed({ kind: 'wake' });
  };

  const carryOut = (decision: Decision): void | Promise<void> => {
    const answer = act(decision);
    ports.onDecision(decision);
    return answer;
  };

  const act = (decision: Decision): void | Promise<void> => {
    switch (decision.kind) {
      case 'drop':
        counts.dropped += 1;
        return undefined;
      case 'count':
        counts.counted += 1;
        note(decision.arrival.id);
        return undefined;
      case 'close':
        return notifications.close(decision.bubble);
      default:
        if (decision.arrival !== undefined && !decision.wasCounted) counts.shown += 1;
        note(decision.arrival?.id);
        return request(decision);
    }
  };

  /** J1: before the desktop is asked. */
  const note = (id: string | undefined): void => {
    if (id === undefined) return;
    try {
      journal.note(id);
    } catch {
      if (!hasJournalFault) {
        ports.onFault(
          'What has been shown cannot be noted: after a crash some may be shown again. Check the state folder.',
        );
      }
      hasJournalFault = true;
    }
  };

  const request = (decision: ShowDecision): void | Promise<void> => {
    const { bubble, content, sound } = decision;
    arrivals.shows(bubble, decision.arrival);
    const notification = {
      ...wordsOf(content, ports.formatTime),
      ...{ content, sound, actions: actionsOf(content), urgency: 'normal' as const },
    };
    const requestedAt = clock.now();
    try {
      const answer = notifications.show(bubble, notification);
      ports.onRequested(decision, requestedAt);
      if (answer === undefined) return taken(decision);
      return answer.then(
        () => taken(decision),
        () => refused(decision),
      );
    } catch {
      return refused(decision);
    }
  };

  const taken = ({ arrival }: ShowDecision): void => {
    if (arrival !== undefined) ports.onShown(arrival);
  };

  const refused = ({ bubble, arrival }: ShowDecision): void => {
    if (!state.quiet.has('no-desktop')) {
      ports.onFault('The desktop takes no notifications just now; they are counted until it does.');
    }
    void feed({ kind: 'quiet', reason: 'no-desktop' });
    void feed({ kind: 'refused', bubble, arrival });
  };

  notifications.listen((event) => {
    if (event.kind === 'closed') void feed(event);
    if (event.kind === 'activated') ports.onAction(event.action, arrivals.of(event.bubble));
    if (event.kind === 'available') void feed({ kind: 'quiet-over', reason: 'no-desktop' });
  });

  return {
    feed,
    get counts() {
      return { ...counts };
    },
    get quiet() {
      return [...state.quiet.keys()];
    },
    get pausedUntilUnixMs() {
      return state.quiet.get('paused');
    },
    close() {
      cancelWake();
      // Nobody would answer their buttons any more. What they said is in Telex.
      for (const bubble of state.bubbles) void notifications.close(bubble);
      journal.close();
    },
  };
}
