import type { Channel } from './channel.ts';
import type { ErrorName } from './codes.ts';
import type { Position, Publication } from './stream.ts';

/** What to read of a channel's history. */
export interface HistoryQuery {
  /** 0: the position alone; less: all. */
  readonly limit: number;
  /** Only what comes after it (reversed: before it). */
  readonly since?: Position | undefined;
  /** The newest first. */
  readonly reverse?: boolean;
}

export interface History {
  readonly publications: readonly Publication[];
  readonly epoch: string;
  /** Of the newest publication; 0: there was none. */
  readonly offset: number;
}

/** Reads a channel's history, or says which error it is. */
export function readHistory(
  channel: Channel,
  { limit, since, reverse = false }: HistoryQuery,
  now: number,
): History | ErrorName {
  const { epoch, top: offset, kind } = channel;
  if (!kind.hasHistory) return 'notAvailable';
  if (reverse && since?.offset === 0) return 'badRequest';
  if (since !== undefined && since.epoch !== '' && since.epoch !== epoch) {
    return 'unrecoverablePosition';
  }
  const most = limit < 0 ? Number.POSITIVE_INFINITY : limit;
  const publications = channel.read({ limit: most, reverse, since: since?.offset }, now);
  return { publications, epoch, offset };
}
