import type { CallOutcome, FaultCode, Session } from '@telex/client';
import type { Reply } from '@telex/contract';

/** The way of a test notification, in order. */
export type HopName = 'accepted' | 'stored' | 'published' | 'received' | 'shown';

export interface Hop {
  readonly hop: HopName;
  /**
   * Milliseconds since the request left. `received` and `shown` are measured here, `stored` and `published` by the server;
   * `accepted`, which joins the two, is half of what the request took on the way.
   */
  readonly ms: number;
}

export type TestOutcome =
  | { readonly arrived: true; readonly hops: readonly Hop[] }
  | {
      readonly arrived: false;
      /** The hops it got through. */
      readonly hops: readonly Hop[];
      readonly broken: HopName;
      readonly sentence: string;
    };

/** How long the notification may take after the server has passed it on. */
export const ARRIVAL_LIMIT_MS = 8_000;
const MOST_KEPT = 16;

interface Clock {
  now(): number;
  after(delayMs: number, run: () => void): () => void;
}
interface Arrived {
  readonly receivedAt: number;
  readonly shownAt: number | undefined;
}

/** Sends test notifications and times their hops. */
export interface TestHops {
  run(call: Session['call']): Promise<TestOutcome>;
  /** A test notification came in, at this time of the clock. */
  received(id: string, at: number): void;
  shown(id: string, at: number): void;
}

export function createTestHops(clock: Clock): TestHops {
  // It may be here before the server's reply is.
  const arrived = new Map<string, Arrived>();
  const waiting = new Map<string, () => void>();

  const keep = (id: string, what: Arrived): void => {
    arrived.set(id, what);
    const [oldest] = arrived.keys();
    if (arrived.size > MOST_KEPT && oldest !== undefined) arrived.delete(oldest);
    waiting.get(id)?.();
  };

  const arrival = (id: string): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const look = () => {
      if (arrived.get(id)?.shownAt !== undefined) resolve();
    };
    const cancel = clock.after(ARRIVAL_LIMIT_MS, resolve);
    waiting.set(id, look);
    look();
    return promise.finally(() => {
      cancel();
      waiting.delete(id);
    });
  };

  return {
    async run(call) {
      const sentAt = clock.now();
      const outcome = await call('testNotification', { body: {} });
      const repliedAt = clock.now();
      if (!outcome.ok) return lost([], brokenBy(outcome.fault.code), outcome.fault.sentence);
      const hops = serverHops(outcome, repliedAt - sentAt);
      const id = outcome.value.notification_id;
      await arrival(id);
      const local = arrived.get(id);
      arrived.delete(id);
      if (local === undefined) {
        return lost(
          hops,
          'received',
          'The push server has taken it, but it did not arrive here. Look at the state with: telex-start status',
        );
      }
      hops.push({ hop: 'received', ms: local.receivedAt - sentAt });
      if (local.shownAt === undefined) {
        return lost(
          hops,
          'shown',
          'It arrived here, but the desktop did not show it. What is wrong: telex-start doctor',
        );
      }
      return { arrived: true, hops: [...hops, { hop: 'shown', ms: local.shownAt - sentAt }] };
    },
    received: (id, at) => keep(id, { receivedAt: at, shownAt: undefined }),
    shown(id, at) {
      const known = arrived.get(id);
      if (known !== undefined) keep(id, { ...known, shownAt: at });
    },
  };
}

function serverHops(
  outcome: Extract<CallOutcome<Reply<'testNotification'>>, { ok: true }>,
  tookMs: number,
): Hop[] {
  const { hops } = outcome.value;
  const at = (name: HopName) => hops.find(({ hop }) => hop === name)?.ms;
  const stored = at('stored');
  const published = at('published');
  const accepted = Math.max(0, (tookMs - (published ?? stored ?? 0)) / 2);
  return [
    { hop: 'accepted', ms: accepted },
    ...(stored === undefined ? [] : [{ hop: 'stored' as const, ms: accepted + stored }]),
    ...(published === undefined ? [] : [{ hop: 'published' as const, ms: accepted + published }]),
  ];
}

/** Where it broke, by what the request came back with. */
function brokenBy(code: FaultCode): HopName {
  if (code === 'unavailable') return 'published';
  return code === 'server_error' ? 'stored' : 'accepted';
}

function lost(hops: readonly Hop[], broken: HopName, sentence: string): TestOutcome {
  return { arrived: false, hops, broken, sentence };
}
