import type { Handlers } from '../http/handler.ts';
import { type SendTestOptions, sendTest } from './send-test.ts';

/** A notification to oneself, to see whether the way is open. */
export function testNotificationHandlers(options: SendTestOptions): Handlers {
  return {
    async testNotification({ user, body }) {
      return { data: await sendTest(options, user.id, body.organisation_id) };
    },
  };
}
