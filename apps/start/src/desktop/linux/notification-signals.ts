import * as v from 'valibot';
import type { NotificationAction } from '../notifications.ts';
import type { BusSignal } from './bus-signals.ts';
import { actionOf } from './notify-arguments.ts';

/** What a daemon tells of a notification. */
export type NotificationSignal =
  | { readonly kind: 'closed'; readonly id: number }
  | { readonly kind: 'chosen'; readonly id: number; readonly action: NotificationAction };

const closedBody = v.tuple([v.number(), v.number()]);
const actionBody = v.tuple([v.number(), v.string()]);

/** Undefined: nothing for us (`ActivationToken` of version 1.3, an action that we don't offer), or not as it should be. */
export function readNotificationSignal({
  member,
  body,
}: Pick<BusSignal, 'member' | 'body'>): NotificationSignal | undefined {
  if (member === 'NotificationClosed') {
    const parsed = v.safeParse(closedBody, body);
    return parsed.success ? { kind: 'closed', id: parsed.output[0] } : undefined;
  }
  if (member !== 'ActionInvoked') return undefined;
  const parsed = v.safeParse(actionBody, body);
  if (!parsed.success) return undefined;
  const [id, key] = parsed.output;
  const action = actionOf(key);
  return action === undefined ? undefined : { kind: 'chosen', id, action };
}
