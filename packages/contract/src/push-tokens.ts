import * as v from 'valibot';
import { id, text, token, wholeSeconds } from './primitives.ts';

/** Reply of the token routes; `expires_in` in seconds is ours (telex-api.md §6). */
export const tokenReply = v.looseObject({ token, expires_in: v.optional(wholeSeconds) });

/** Either documented key names the push channel `<org_id>/<user_id>`. */
export const subscriptionTokenBody = v.object({
  channel: v.optional(text),
  channel_id: v.optional(text),
});

export const subscription = v.looseObject({
  organisation_id: id,
  organisation_name: text,
  channel: text,
  token,
  expires_in: wholeSeconds,
});

/** All organisations of the caller with their subscription tokens at once (our own route). */
export const subscriptionsReply = v.looseObject({ subscriptions: v.array(subscription) });
