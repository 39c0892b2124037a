import type { Arrival, MessageContent } from './arrival.ts';

/** Time away as Unix milliseconds, where it is known. */
export interface Away {
  readonly fromUnixMs: number;
  readonly untilUnixMs: number;
}

/** Messages that were counted and not shown; a summary will name their number. */
export interface Waiting {
  /** By thread, the first `THREADS_KEPT`. */
  readonly threads: ReadonlyMap<string, WaitingThread>;
  /** Messages of further threads, which reading can no longer take out. */
  readonly more: number;
  readonly moreChannels: ReadonlySet<string>;
  /** How many may have been shown before the program was killed. */
  readonly doubtful: number;
  /** Something between these times was lost for good. */
  readonly gap: Away | 'unknown' | undefined;
}

interface WaitingThread {
  readonly count: number;
  readonly doubtful: number;
  readonly channelKey: string;
  readonly lastSeq: number | undefined;
  /** The newest message, so that a single one can be shown as itself. */
  readonly arrival: Arrival;
}

export interface Totals {
  readonly messages: number;
  readonly channels: number;
  /** Where it is but one channel: its organisation and name. */
  readonly place: Pick<MessageContent, 'organisation' | 'channel'> | undefined;
  readonly doubtful: number;
  readonly gap: Away | 'unknown' | undefined;
  /** The message itself, where it is only one and surely not shown before. */
  readonly only: Arrival | undefined;
}

const THREADS_KEPT = 256;
const CHANNELS_KEPT = 256;

export const nothingWaiting: Waiting = {
  threads: new Map(),
  more: 0,
  moreChannels: new Set(),
  doubtful: 0,
  gap: undefined,
};

export function addWaiting(waiting: Waiting, arrival: Arrival, isDoubtful: boolean): Waiting {
  const known = waiting.threads.get(arrival.threadKey);
  const doubtful = isDoubtful ? 1 : 0;
  if (known === undefined && waiting.threads.size >= THREADS_KEPT) {
    return {
      ...waiting,
      more: waiting.more + 1,
      moreChannels: addChannel(waiting.moreChannels, arrival.channelKey),
      doubtful: waiting.doubtful + doubtful,
    };
  }
  const thread: WaitingThread = {
    count: (known?.count ?? 0) + 1,
    doubtful: (known?.doubtful ?? 0) + doubtful,
    channelKey: arrival.channelKey,
    lastSeq: arrival.seq ?? known?.lastSeq,
    arrival,
  };
  return { ...waiting, threads: new Map(waiting.threads).set(arrival.threadKey, thread) };
}

/** Takes out a thread that was read; one with something newer than the read mark stays. */
export function takeRead(waiting: Waiting, threadKey: string, readSeq: number): Waiting {
  const thread = waiting.threads.get(threadKey);
  if (thread === undefined || (thread.lastSeq ?? 0) > readSeq) return waiting;
  const threads = new Map(waiting.threads);
  threads.delete(threadKey);
  return { ...waiting, threads };
}

export function mergeWaiting(older: Waiting, newer: Waiting): Waiting {
  if (isNothing(older)) return newer;
  const threads = new Map(older.threads);
  let { more, doubtful } = newer;
  let moreChannels = newer.moreChannels;
  for (const [key, thread] of newer.threads) {
    const known = threads.get(key);
    if (known === undefined && threads.size >= THREADS_KEPT) {
      more += thread.count;
      doubtful += thread.doubtful;
      moreChannels = addChannel(moreChannels, thread.channelKey);
      continue;
    }
    threads.set(key, {
      ...thread,
      count: thread.count + (known?.count ?? 0),
      doubtful: thread.doubtful + (known?.doubtful ?? 0),
    });
  }
  for (const channel of older.moreChannels) moreChannels = addChannel(moreChannels, channel);
  return {
    threads,
    more: older.more + more,
    moreChannels,
    doubtful: older.doubtful + doubtful,
    gap: newer.gap ?? older.gap,
  };
}

export function isNothing(waiting: Waiting): boolean {
  return waiting.threads.size === 0 && waiting.more === 0 && waiting.gap === undefined;
}

export function totalsOf(waiting: Waiting): Totals {
  const channels = new Set(waiting.moreChannels);
  let { more: messages, doubtful } = waiting;
  for (const thread of waiting.threads.values()) {
    messages += thread.count;
    doubtful += thread.doubtful;
    channels.add(thread.channelKey);
  }
  const [first] = waiting.threads.values();
  const isOne = messages === 1 && doubtful === 0 && waiting.gap === undefined;
  return {
    messages,
    channels: channels.size,
    place: channels.size === 1 ? placeOf(first?.arrival) : undefined,
    doubtful,
    gap: waiting.gap,
    only: isOne ? first?.arrival : undefined,
  };
}

function placeOf(arrival: Arrival | undefined): Totals['place'] {
  if (arrival === undefined) return undefined;
  const { organisation, channel } = arrival.content;
  return { organisation, channel };
}

function addChannel(channels: ReadonlySet<string>, key: string): ReadonlySet<string> {
  if (channels.has(key) || channels.size >= CHANNELS_KEPT) return channels;
  return new Set(channels).add(key);
}
