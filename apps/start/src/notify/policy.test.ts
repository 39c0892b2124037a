import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Arrival } from './arrival.ts';
import type { Decision, ShowDecision } from './decision.ts';
import { decide, wakeInMs } from './policy.ts';
import {
  BUBBLES,
  GATHER_MS,
  OPENINGS,
  OPENINGS_WINDOW_MS,
  READ_MARKS,
  SOUND_PAUSE_MS,
  SUMMARY_DELAY_MS,
  THREAD_PAUSE_MS,
} from './policy-limits.ts';
import { AWAY, SUMMARY } from './policy-show.ts';
import { type PolicyEvent, type PolicyState, startPolicy } from './policy-state.ts';
import { SEEN_AT_LEAST } from './seen-ids.ts';
import { message } from './test-arrivals.ts';

type Untimed<E> = E extends PolicyEvent ? Omit<E, 'at' | 'unixMs'> : never;

/** A policy at work: events at chosen times, wake-ups as the driver would send them. */
class Scenario {
  state: PolicyState;
  at = 0;
  readonly decisions: Decision[] = [];
  readonly shows: (ShowDecision & { readonly at: number })[] = [];
  constructor(doubtful: readonly string[] = []) {
    this.state = startPolicy(new Set(doubtful));
    this.feed({ kind: 'signed-in', userId: 'me' });
  }
  feed(event: Untimed<PolicyEvent>): readonly Decision[] {
    const step = decide(this.state, { ...event, at: this.at, unixMs: this.at } as PolicyEvent);
    this.state = step.state;
    this.decisions.push(...step.decisions);
    for (const decision of step.decisions) {
      if (decision.kind === 'show' || decision.kind === 'replace') {
        this.shows.push({ ...decision, at: this.at });
      }
    }
    return step.decisions;
  }
  push(fields: Partial<Arrival> = {}): readonly Decision[] {
    return this.feed({ kind: 'arrival', arrival: message(fields) });
  }
  /** Lets time pass, waking the policy whenever it asked for it. */
  pass(ms: number): readonly Decision[] {
    const from = this.decisions.length;
    const until = this.at + ms;
    for (;;) {
      const wait = wakeInMs(this.state, this.at, this.at);
      if (wait === undefined || this.at + wait > until) break;
      this.at += wait;
      this.feed({ kind: 'wake' });
    }
    this.at = until;
    return this.decisions.slice(from);
  }
}

const brief = (decisions: readonly Decision[]) =>
  decisions.map((decision) => [decision.kind, decision.rule]);

function summary(decision: Decision | undefined) {
  if (decision?.kind !== 'show' && decision?.kind !== 'replace') return undefined;
  return decision.content.kind === 'summary' ? decision.content : undefined;
}

describe('one message', () => {
  test('[N8] a message of someone else is shown with its content, its reason and a sound', () => {
    const [decision] = new Scenario().push();
    expect(decision).toMatchObject({
      kind: 'show',
      bubble: 'thread org thread-1',
      content: { kind: 'message', channel: 'general', author: 'Ann', text: 'hello' },
      sound: true,
      reason: 'new',
    });
  });

  test('[N1] one’s own message is dropped, and says so', () => {
    expect(new Scenario().push({ authorId: 'me' })).toMatchObject([
      { kind: 'drop', rule: 'N1', reason: 'your own message' },
    ]);
  });

  test('[N2] the same notification_id is shown once, whatever else differs', () => {
    const scenario = new Scenario();
    scenario.push({ id: 'a' });
    expect(brief(scenario.push({ id: 'a', threadId: 'other' }))).toEqual([['drop', 'N2']]);
  });

  test('[N2] two messages without any id are two messages', () => {
    const scenario = new Scenario();
    scenario.push({ id: undefined });
    expect(brief(scenario.push({ id: undefined }))).toEqual([['replace', 'N6']]);
  });

  test('[N3] a message that is at the read mark of its thread is dropped; the next is shown', () => {
    const scenario = new Scenario();
    scenario.feed({ kind: 'read', threadKey: 'thread org thread-1', readSeq: 7 });
    expect(brief(scenario.push({ id: 'a', seq: 7 }))).toEqual([['drop', 'N3']]);
    expect(brief(scenario.push({ id: 'b', seq: 8 }))).toEqual([['show', 'N8']]);
  });

  test.each(['thread org thread-1', 'channel org general', 'organisation org'])(
    '[N4] a message of the muted %s is dropped until the mute ends',
    (scope) => {
      const scenario = new Scenario();
      scenario.feed({ kind: 'mute', scope, untilUnixMs: 60_000 });
      expect(brief(scenario.push({ id: 'a' }))).toEqual([['drop', 'N4']]);
      scenario.pass(60_000);
      expect(brief(scenario.push({ id: 'b' }))).toEqual([['show', 'N8']]);
      scenario.feed({ kind: 'mute', scope });
      expect(brief(scenario.push({ id: 'c' }))).toEqual([['drop', 'N4']]);
      scenario.feed({ kind: 'unmute', scope });
      expect(brief(scenario.push({ id: 'd' }))).toEqual([['replace', 'N6']]);
    },
  );

  test('[N18] a push of an unknown type is dropped and says why', () => {
    expect(new Scenario().push({ type: 'unknown' })).toMatchObject([
      { kind: 'drop', rule: 'N18', reason: 'a type that this version does not know' },
    ]);
  });
});

describe('bursts', () => {
  test('[N6] an open bubble is replaced at once by 100 messages in the same millisecond', () => {
    const scenario = new Scenario();
    scenario.push({ id: 'first' });
    for (let number = 0; number < 100; number += 1) {
      expect(brief(scenario.push({ id: `n-${number}` }))).toEqual([['replace', 'N6']]);
    }
  });

  test('[N7] a thread whose bubble was closed opens no second one within 5 s', () => {
    const scenario = new Scenario();
    scenario.push({ id: 'a' });
    scenario.feed({ kind: 'closed', bubble: 'thread org thread-1' });
    scenario.at = THREAD_PAUSE_MS - 1;
    expect(brief(scenario.push({ id: 'b' }))).toEqual([['count', 'N7']]);
    scenario.at = THREAD_PAUSE_MS;
    expect(brief(scenario.push({ id: 'c' }))).toEqual([['show', 'N8']]);
  });

  test('[N8] the fifth thread within 10 s is counted', () => {
    const scenario = new Scenario();
    const kinds = ['a', 'b', 'c', 'd', 'e'].flatMap((id) =>
      brief(scenario.push({ id, threadId: id })),
    );
    expect(kinds).toEqual([
      ...Array.from({ length: OPENINGS }, () => ['show', 'N8']),
      ['count', 'N8'],
    ]);
    scenario.at = OPENINGS_WINDOW_MS;
    expect(brief(scenario.push({ id: 'f', threadId: 'f' }))).toContainEqual(['show', 'N8']);
  });

  test('[N9] what was too much becomes one summary a second later, with honest numbers', () => {
    const scenario = new Scenario();
    for (let number = 0; number < 10; number += 1) {
      const id = `n-${number}`;
      scenario.push({ id, threadId: id, channelKey: `channel ${number % 3}` });
    }
    expect(scenario.pass(SUMMARY_DELAY_MS - 1)).toEqual([]);
    const [told, ...rest] = scenario.pass(10_000);
    expect(told).toMatchObject({ kind: 'show', rule: 'N9', bubble: SUMMARY });
    expect(summary(told)).toMatchObject({ messages: 6, channels: 3, cause: 'burst' });
    expect(rest).toEqual([]);
  });

  test('[N9] a single one that waits is shown as itself as soon as the limits allow', () => {
    const scenario = new Scenario();
    scenario.push({ id: 'a' });
    scenario.feed({ kind: 'closed', bubble: 'thread org thread-1' });
    scenario.at = 4_500;
    scenario.push({ id: 'b' });
    expect(scenario.pass(SUMMARY_DELAY_MS)).toMatchObject([
      { kind: 'show', bubble: 'thread org thread-1', arrival: { id: 'b' }, wasCounted: true },
    ]);
  });

  test('[N9] 1,000 pushes of 1,000 threads in 10 s become four bubbles and few summaries that add up', () => {
    const scenario = new Scenario();
    for (let number = 0; number < 1_000; number += 1) {
      scenario.push({ id: `n-${number}`, threadId: `t-${number}` });
      scenario.pass(10);
    }
    scenario.pass(60_000);
    const { shows } = scenario;
    const messages = shows.filter((each) => each.bubble !== SUMMARY);
    const summaries = shows.filter((each) => each.bubble === SUMMARY);
    expect(messages).toHaveLength(OPENINGS);
    expect(summaries.length).toBeLessThanOrEqual(7);
    expect(summary(summaries.at(-1))?.messages).toBe(1_000 - OPENINGS);
  });

  test('[N14] at most one sound in 3 s', () => {
    const scenario = new Scenario();
    const sounds = ['a', 'b', 'c'].map((id) => {
      const [decision] = scenario.push({ id });
      scenario.at += SOUND_PAUSE_MS / 2;
      return decision?.kind === 'show' || decision?.kind === 'replace' ? decision.sound : undefined;
    });
    expect(sounds).toEqual([true, false, true]);
  });
});

describe('away and quiet', () => {
  const catchUp = { via: 'catch-up' } as const;

  test('[N10] what catching up brings is one summary at its end', () => {
    const scenario = new Scenario();
    scenario.push({ ...catchUp, id: 'a', threadId: 'a' });
    scenario.push({ ...catchUp, id: 'b', threadId: 'b', channelKey: 'channel other' });
    scenario.push({ ...catchUp, id: 'c', threadId: 'b', channelKey: 'channel other' });
    const decisions = scenario.feed({ kind: 'caught-up', hasGap: false, away: undefined });
    expect(brief(decisions)).toEqual([['show', 'N10']]);
    expect(summary(decisions[0])).toMatchObject({ cause: 'away', messages: 3, channels: 2 });
    expect(wakeInMs(scenario.state, scenario.at, 0)).toBeUndefined();
  });

  test('[N10] a single message is shown as itself, nothing at all stays silent', () => {
    const scenario = new Scenario();
    expect(scenario.feed({ kind: 'caught-up', hasGap: false, away: undefined })).toEqual([]);
    scenario.push({ ...catchUp, id: 'a' });
    expect(scenario.feed({ kind: 'caught-up', hasGap: false, away: undefined })).toMatchObject([
      { kind: 'show', bubble: 'thread org thread-1', arrival: { id: 'a' }, wasCounted: true },
    ]);
  });

  test('[N10] gathering ends by itself when the end of catching up is never told', () => {
    const scenario = new Scenario();
    scenario.push({ ...catchUp, id: 'a', threadId: 'a' });
    scenario.push({ ...catchUp, id: 'b', threadId: 'b' });
    expect(summary(scenario.pass(GATHER_MS)[0])).toMatchObject({ messages: 2 });
  });

  test('[N11] a gap is told with its times, also when nothing else is new', () => {
    const away = { fromUnixMs: 1_000, untilUnixMs: 9_000 };
    const decisions = new Scenario().feed({ kind: 'caught-up', hasGap: true, away });
    expect(brief(decisions)).toEqual([['show', 'N11']]);
    expect(summary(decisions[0])).toMatchObject({ messages: 0, gap: away });
  });

  test('[N5][N12] what comes while it is quiet is counted, and told when the last reason ends', () => {
    const scenario = new Scenario();
    scenario.feed({ kind: 'quiet', reason: 'paused', untilUnixMs: 30_000 });
    scenario.feed({ kind: 'quiet', reason: 'locked' });
    expect(scenario.push({ id: 'a', threadId: 'a' })).toMatchObject([
      { kind: 'count', rule: 'N5', reason: 'notifications are paused' },
    ]);
    scenario.push({ id: 'b', threadId: 'b' });
    expect(scenario.pass(60_000)).toEqual([]);
    const decisions = scenario.feed({ kind: 'quiet-over', reason: 'locked' });
    expect(brief(decisions)).toEqual([['show', 'N12']]);
    expect(summary(decisions[0])).toMatchObject({ cause: 'quiet', messages: 2, channels: 1 });
  });

  test('[N5] a pause ends by itself at its time', () => {
    const scenario = new Scenario();
    scenario.feed({ kind: 'quiet', reason: 'paused', untilUnixMs: 30_000 });
    scenario.push({ id: 'a' });
    expect(scenario.pass(29_999)).toEqual([]);
    expect(scenario.pass(1)).toMatchObject([{ kind: 'show', arrival: { id: 'a' } }]);
  });

  test('[N5] what the desktop refused is counted again and told when it comes back', () => {
    const scenario = new Scenario();
    scenario.push({ id: 'a' });
    scenario.feed({ kind: 'quiet', reason: 'no-desktop' });
    const bubble = 'thread org thread-1';
    scenario.feed({ kind: 'refused', bubble, arrival: message({ id: 'a' }) });
    scenario.push({ id: 'b' });
    scenario.at = 60_000;
    const decisions = scenario.feed({ kind: 'quiet-over', reason: 'no-desktop' });
    expect(summary(decisions[0])).toMatchObject({ messages: 2 });
  });

  test('[N15] one that may have been shown before a kill is counted, never shown', () => {
    const scenario = new Scenario(['a', 'b']);
    expect(brief(scenario.push({ ...catchUp, id: 'a' }))).toEqual([['count', 'N15']]);
    const [told] = scenario.feed({ kind: 'caught-up', hasGap: false, away: undefined });
    expect(summary(told)).toMatchObject({ messages: 1, doubtful: 1 });
    expect(brief(scenario.push({ id: 'b' }))).toEqual([['count', 'N15']]);
  });

  test('[N17] a test is shown although it is quiet and the limits are reached', () => {
    const scenario = new Scenario();
    scenario.feed({ kind: 'quiet', reason: 'paused' });
    expect(brief(scenario.push({ type: 'test', id: 'x' }))).toEqual([['show', 'N17']]);
  });
});

describe('read meanwhile', () => {
  test('[N13] reading a thread closes its bubble', () => {
    const scenario = new Scenario();
    scenario.push({ id: 'a', seq: 3 });
    const threadKey = 'thread org thread-1';
    expect(scenario.feed({ kind: 'read', threadKey, readSeq: 3 })).toMatchObject([
      { kind: 'close', bubble: threadKey, rule: 'N13' },
    ]);
  });

  test('[N13] waiting messages of a thread that was read are told no more', () => {
    const scenario = new Scenario();
    scenario.feed({ kind: 'quiet', reason: 'paused' });
    scenario.push({ id: 'a', seq: 3, threadId: 'a' });
    scenario.feed({ kind: 'read', threadKey: 'thread org a', readSeq: 3 });
    expect(scenario.feed({ kind: 'quiet-over', reason: 'paused' })).toEqual([]);
  });

  test('[N13] one that is newer than the read mark goes on waiting', () => {
    const scenario = new Scenario();
    scenario.feed({ kind: 'quiet', reason: 'paused' });
    scenario.push({ id: 'a', seq: 4, threadId: 'a' });
    scenario.feed({ kind: 'read', threadKey: 'thread org a', readSeq: 3 });
    expect(brief(scenario.feed({ kind: 'quiet-over', reason: 'paused' }))).toEqual([
      ['show', 'N12'],
    ]);
  });

  test('[N13] a summary whose threads have all been read is closed', () => {
    const scenario = new Scenario();
    for (const id of ['a', 'b']) scenario.push({ id, threadId: id, seq: 1, via: 'catch-up' });
    scenario.feed({ kind: 'caught-up', hasGap: false, away: undefined });
    expect(scenario.feed({ kind: 'read', threadKey: 'thread org a', readSeq: 1 })).toEqual([]);
    expect(scenario.feed({ kind: 'read', threadKey: 'thread org b', readSeq: 1 })).toMatchObject([
      { kind: 'close', bubble: AWAY },
    ]);
  });

  test('[N18] signing out closes what is open and forgets what waits, but not what was shown', () => {
    const scenario = new Scenario();
    scenario.push({ id: 'a' });
    expect(brief(scenario.feed({ kind: 'signed-out' }))).toEqual([['close', 'N18']]);
    expect(wakeInMs(scenario.state, scenario.at, 0)).toBeUndefined();
    scenario.feed({ kind: 'signed-in', userId: 'me' });
    expect(brief(scenario.push({ id: 'a' }))).toEqual([['drop', 'N2']]);
  });
});

describe('whatever arrives', () => {
  const threadId = fc.integer({ min: 0, max: 12 }).map((number) => `t-${number}`);
  const arrival = fc.record({
    id: fc.option(
      fc.integer({ min: 0, max: 400 }).map((number) => `n-${number}`),
      { nil: undefined, freq: 8 },
    ),
    threadId,
    authorId: fc.constantFrom('me', 'ann', 'bob', undefined),
    seq: fc.option(fc.integer({ min: 0, max: 100 }), { nil: undefined }),
    via: fc.constantFrom('live', 'live', 'live', 'catch-up'),
    type: fc.constantFrom('message', 'message', 'message', 'message', 'test', 'unknown'),
    channelKey: fc.constantFrom('channel a', 'channel b', 'channel c'),
  });
  const ms = fc.integer({ min: 0, max: 12_000 });
  const reason = fc.constantFrom('paused', 'locked', 'no-desktop');
  /** One thing that can happen. */
  interface Happening {
    readonly what: string;
    run(scenario: Scenario): void;
  }
  const happen = <T>(
    what: string,
    arbitrary: fc.Arbitrary<T>,
    run: (scenario: Scenario, value: T) => void,
  ): fc.Arbitrary<Happening> =>
    arbitrary.map((value) => ({
      what: `${what} ${JSON.stringify(value)}`,
      run: (scenario) => run(scenario, value),
    }));
  const happening = fc.oneof(
    { weight: 12, arbitrary: happen('push', arrival, (scenario, fields) => scenario.push(fields)) },
    { weight: 3, arbitrary: happen('pass', ms, (scenario, time) => scenario.pass(time)) },
    happen(
      'read',
      fc.tuple(threadId, fc.integer({ min: 0, max: 100 })),
      (scenario, [id, readSeq]) =>
        scenario.feed({ kind: 'read', threadKey: `thread org ${id}`, readSeq }),
    ),
    happen('closed', threadId, (scenario, id) =>
      scenario.feed({ kind: 'closed', bubble: `thread org ${id}` }),
    ),
    happen('quiet', fc.tuple(reason, ms), (scenario, [why, time]) =>
      scenario.feed({ kind: 'quiet', reason: why, untilUnixMs: scenario.at + time }),
    ),
    happen('quiet-over', reason, (scenario, why) =>
      scenario.feed({ kind: 'quiet-over', reason: why }),
    ),
    happen('caught-up', fc.boolean(), (scenario, hasGap) =>
      scenario.feed({ kind: 'caught-up', hasGap, away: undefined }),
    ),
    happen('mute', fc.tuple(threadId, ms), (scenario, [id, time]) =>
      scenario.feed({ kind: 'mute', scope: `thread org ${id}`, untilUnixMs: scenario.at + time }),
    ),
    happen('signed-out', fc.constant(null), (scenario) => {
      scenario.feed({ kind: 'signed-out' });
      scenario.feed({ kind: 'signed-in', userId: 'me' });
    }),
  );
  const happenings = fc.array(happening, { maxLength: 300 });
  const doubtful = ['n-1', 'n-2', 'n-3'];
  const seed = Number(process.env.TELEX_SEED ?? Math.floor(Math.random() * 2 ** 31));
  console.log(`notification policy: seed ${seed} (TELEX_SEED repeats it)`);

  function always(holds: (scenario: Scenario, steps: readonly Happening[]) => void) {
    fc.assert(
      fc.property(happenings, (steps) => {
        const scenario = new Scenario(doubtful);
        for (const step of steps) step.run(scenario);
        holds(scenario, steps);
      }),
      { seed, numRuns: 150 },
    );
  }

  test('[N1][N2][N15] nothing is shown twice, one’s own never, and no doubtful one', () => {
    always(({ shows }) => {
      const shown = shows.flatMap(({ arrival: each }) => (each === undefined ? [] : [each]));
      const ids = shown.flatMap(({ id }) => (id === undefined ? [] : [id]));
      expect(new Set(ids).size).toBe(ids.length);
      const messages = shown.filter(({ type }) => type === 'message');
      expect(messages.filter(({ authorId }) => authorId === 'me')).toEqual([]);
      expect(messages.filter(({ id }) => doubtful.includes(id ?? ''))).toEqual([]);
    });
  });

  test('[N2] every push is accounted for: shown + counted + dropped = received', () => {
    always(({ decisions }, steps) => {
      const firsts = decisions.filter((decision) =>
        decision.kind === 'show' || decision.kind === 'replace'
          ? decision.arrival !== undefined && !decision.wasCounted
          : decision.kind !== 'close',
      );
      expect(firsts).toHaveLength(steps.filter(({ what }) => what.startsWith('push')).length);
      expect(decisions.every(({ reason: words }) => words.length > 0)).toBe(true);
    });
  });

  test('[N7][N8][N14] no limit is ever exceeded, in any window', () => {
    always(({ shows }, steps) => {
      // Signing out closes everything and starts anew.
      if (steps.some(({ what }) => what.startsWith('signed-out'))) return;
      const opened = shows.filter(
        ({ kind, content }) => kind === 'show' && content.kind === 'message',
      );
      for (const [index, { at, bubble }] of opened.entries()) {
        const earlier = opened.slice(0, index);
        const inWindow = earlier.filter((each) => at - each.at < OPENINGS_WINDOW_MS);
        expect(inWindow.length).toBeLessThan(OPENINGS);
        const same = inWindow.filter((each) => each.bubble === bubble);
        expect(same.filter((each) => at - each.at < THREAD_PAUSE_MS)).toEqual([]);
      }
      const sounds = shows.filter(({ sound }) => sound);
      for (const [index, { at }] of sounds.entries()) {
        const before = sounds[index - 1]?.at ?? Number.NEGATIVE_INFINITY;
        expect(at - before).toBeGreaterThanOrEqual(SOUND_PAUSE_MS);
      }
    });
  });

  test('[N16] 20,000 pushes of as many threads leave a state of bounded size', () => {
    const scenario = new Scenario();
    for (let number = 0; number < 20_000; number += 1) {
      const id = `n-${number}`;
      scenario.push({ id, threadId: id, channelKey: `channel ${id}`, seq: 1 });
      if (number % 5 === 0)
        scenario.feed({ kind: 'read', threadKey: `thread org r${id}`, readSeq: 1 });
      scenario.at += 700;
    }
    const { state } = scenario;
    expect(state.bubbles.size).toBeLessThanOrEqual(BUBBLES);
    expect(state.readMarks.size).toBeLessThanOrEqual(READ_MARKS);
    expect(state.openings.length).toBeLessThanOrEqual(OPENINGS);
    expect(state.waiting.threads.size + state.announced.threads.size).toBeLessThanOrEqual(512);
    const remembered = state.seen.reduce((sum, chunk) => sum + chunk.size, 0);
    expect(remembered).toBeGreaterThanOrEqual(SEEN_AT_LEAST);
    expect(remembered).toBeLessThanOrEqual(SEEN_AT_LEAST + 64);
    expect(scenario.decisions.some(({ kind, rule }) => kind === 'close' && rule === 'N16')).toBe(
      true,
    );
  });
});
