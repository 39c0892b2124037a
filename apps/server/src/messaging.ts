import { randomBytes } from 'node:crypto';
import type { Kysely } from 'kysely';
import { catchUpHandlers } from './catch-up/handlers.ts';
import type { Clock } from './clock.ts';
import type { Database } from './db/schema.ts';
import { Dispatcher, type DispatchObserver } from './events/dispatcher.ts';
import { startRetention } from './events/retention.ts';
import type { Handlers } from './http/handler.ts';
import { messageHandlers } from './messages/handlers.ts';
import { postMessages } from './messages/post-messages.ts';
import type { PushPublisher } from './push/push-publisher.ts';
import { readStateHandlers } from './read-state/handlers.ts';
import { markRead } from './read-state/mark-read.ts';
import { testNotificationHandlers } from './test-notification/handlers.ts';
import { threadHandlers } from './threads/handlers.ts';
import { webhookHandlers } from './webhooks/handlers.ts';

export interface MessagingOptions {
  readonly db: Kysely<Database>;
  readonly publisher: PushPublisher;
  readonly clock: Clock;
  readonly newId: () => string;
  /** Where this server is reached, without a slash at the end. */
  readonly publicUrl: () => string;
  /** Sent events are kept this long for clients that catch up. */
  readonly eventDays: number;
  readonly observer: DispatchObserver;
}

export interface Messaging {
  /** One part of the route table for each feature. */
  readonly handlers: readonly Handlers[];
  /** Sends what an earlier run left unsent and begins to prune. */
  start(): Promise<void>;
  /** Takes no more posts, finishes those taken, records what was sent. */
  close(): Promise<void>;
}

/** Everything between a post and the push server, wired. */
export function createMessaging(options: MessagingOptions): Messaging {
  const { db, publisher, clock, newId, publicUrl, eventDays, observer } = options;
  const dispatcher = new Dispatcher({ db, publisher, clock, random: Math.random, observer });
  const ports = {
    db,
    clock,
    newId,
    now: clock.now,
    publicUrl,
    newSlug: () => randomBytes(24).toString('base64url'),
    committed: dispatcher.committed.bind(dispatcher),
    whenSent: dispatcher.whenSent.bind(dispatcher),
  };
  const messages = postMessages(ports);
  const readState = markRead(ports);
  let retention: ReturnType<typeof startRetention> | undefined;
  return {
    handlers: [
      messageHandlers({ db, messages }),
      threadHandlers({ db }),
      readStateHandlers({ db, readState }),
      catchUpHandlers({ db }),
      webhookHandlers({ ...ports, messages }),
      testNotificationHandlers(ports),
    ],
    async start() {
      await dispatcher.start();
      const failed = observer.failed.bind(observer);
      retention ??= startRetention({ db, clock, eventDays, failed });
    },
    async close() {
      await Promise.all([messages.close(), readState.close()]);
      await Promise.all([retention?.close(), dispatcher.close()]);
    },
  };
}
