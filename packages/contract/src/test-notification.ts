import * as v from 'valibot';
import { id, seq } from './primitives.ts';

/** Without `organisation_id` the caller's first organisation is used. */
export const testNotificationBody = v.object({ organisation_id: v.optional(id) });

/**
 * Answered when the push server has taken the event. `hops` are milliseconds since the request was
 * accepted, on the server's monotonic clock: `stored` (committed), `published` (push server has it).
 */
export const testNotificationReply = v.looseObject({
  notification_id: id,
  organisation_id: id,
  seq,
  hops: v.array(v.object({ hop: v.string(), ms: v.number() })),
});
