import * as v from 'valibot';
import { id, seq, text } from './primitives.ts';

/** Most events of one organisation in one catch-up reply. */
export const CATCH_UP_LIMIT = 500;

/** A thread with something unread for the caller. */
export const unreadThread = v.looseObject({ thread_id: id, channel_id: id, last_seq: seq });

/**
 * The caller's unread threads in one organisation, true at `seq` of its event log. `threads` has at
 * most 1,000 entries (the newest), `total` counts all.
 */
export const unreadSet = v.looseObject({
  organisation_id: id,
  seq,
  total: v.number(),
  threads: v.array(unreadThread),
});
export const unreadReply = v.looseObject({ total: v.number(), organisations: v.array(unreadSet) });

/**
 * `cursors`: the last contiguous seq of each organisation. An organisation of the caller that is
 * not named gets a reset: it has no mark yet.
 */
export const catchUpBody = v.object({
  cursors: v.pipe(
    v.array(v.object({ organisation_id: id, seq })),
    v.maxLength(10_000, 'is too long'),
  ),
  limit: v.optional(
    v.pipe(
      v.number(),
      v.integer('must be a whole number'),
      v.minValue(1, 'must be at least 1'),
      v.maxValue(CATCH_UP_LIMIT, `must be at most ${CATCH_UP_LIMIT}`),
    ),
  ),
});

/**
 * `events` are pushes as they went out, oldest first, each validated on its own by `parsePush`.
 * `upto` is the new mark: everything for the caller up to it is in this and the earlier replies.
 * `has_more`: ask again from `upto`. `reset`: there was no mark or its events have been pruned;
 * then `events` is empty, and `unread` is a snapshot that holds at `upto`.
 */
export const organisationCatchUp = v.looseObject({
  organisation_id: id,
  organisation_name: v.optional(text),
  events: v.array(v.unknown()),
  upto: seq,
  has_more: v.boolean(),
  reset: v.boolean(),
  unread: v.optional(unreadSet),
});
export const catchUpReply = v.looseObject({ organisations: v.array(organisationCatchUp) });
