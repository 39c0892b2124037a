import type { EventRow } from './event-store.ts';

/** Events kept in memory between commit and sending; past it they are read from the table. */
const MAX_HELD = 512;

/**
 * What is to be sent for one organisation: a mark, and the events after it as far as they are in
 * memory. The table is the truth; the memory spares reading back what was just written.
 */
export interface Feed {
  readonly organisationId: string;
  /** Everything up to it has been sent; undefined until read from the table. */
  sentSeq: number | undefined;
  /** Contiguous events, oldest first. */
  held: EventRow[];
  /** The table may have events that are not held. */
  behind: boolean;
  /** Failures in a row. */
  failures: number;
  /** `waiting`: for its next try. */
  phase: 'idle' | 'ready' | 'running' | 'waiting';
}

export function newFeed(organisationId: string): Feed {
  return {
    organisationId,
    sentSeq: undefined,
    held: [],
    behind: false,
    failures: 0,
    phase: 'idle',
  };
}

/** Takes in what was just committed, as far as it continues what is held. */
export function holdEvents(feed: Feed, events: readonly EventRow[]): void {
  for (const event of events) {
    const next = (feed.held.at(-1)?.seq ?? feed.sentSeq ?? Number.NaN) + 1;
    if (!feed.behind && event.seq === next && feed.held.length < MAX_HELD) feed.held.push(event);
    else if (feed.sentSeq === undefined || event.seq >= next) feed.behind = true;
  }
}

/** Takes out up to `limit` held events that come right after what was sent. */
export function takeHeld(feed: Feed, limit: number): EventRow[] {
  const { sentSeq } = feed;
  if (sentSeq === undefined) return [];
  let stale = 0;
  while ((feed.held[stale]?.seq ?? Number.POSITIVE_INFINITY) <= sentSeq) stale += 1;
  feed.held.splice(0, stale);
  const first = feed.held[0];
  if (first === undefined) return [];
  if (first.seq !== sentSeq + 1) {
    feed.held = [];
    feed.behind = true;
    return [];
  }
  return feed.held.splice(0, limit);
}
