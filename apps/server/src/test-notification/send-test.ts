import { TelexError } from '@telex/contract';
import type { Clock } from '../clock.ts';
import type { Commits } from '../db/commits.ts';
import { type Queries, queriesOn } from '../db/query-cache.ts';
import { type EventRow, insertEvents, takeSeqs } from '../events/event-store.ts';
import { renderTestNotification } from '../events/push-payload.ts';
import { activeOrganisations } from '../read-state/read-state-store.ts';

/** How long the push server may take; the event is sent later all the same. */
const PUBLISH_TIMEOUT_MS = 10_000;

export interface SendTestOptions {
  readonly commits: Commits;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly committed: (organisationId: string, events: readonly EventRow[]) => void;
  readonly whenSent: (organisationId: string, seq: number, timeoutMs: number) => Promise<boolean>;
}

export type TestSent = {
  readonly notification_id: string;
  readonly organisation_id: string;
  readonly seq: number;
  /** Milliseconds since the request, hop by hop. */
  readonly hops: { hop: string; ms: number }[];
};

/**
 * Sends a real notification to the user, on the way that every other one takes.
 * @param organisationId undefined: the user's first one.
 * @throws TelexError `not_found`; `unavailable` when the push server does not take it in time.
 */
export async function sendTest(
  options: SendTestOptions,
  userId: string,
  organisationId: string | undefined,
): Promise<TestSent> {
  const { commits, clock, committed, whenSent } = options;
  const startMs = clock.monotonic();
  const event = await commits.durable(async (transaction) => {
    const mine = await activeOrganisations(transaction, userId);
    const organisation =
      organisationId === undefined ? mine[0] : mine.find(({ id }) => id === organisationId);
    if (organisation === undefined) {
      throw new TelexError('not_found', 'There is no such organisation, or you are not in it.');
    }
    return insertTestEvent(
      queriesOn(transaction),
      { organisationId: organisation.id, userId },
      options,
    );
  });
  const storedMs = clock.monotonic() - startMs;
  committed(event.organisation_id, [event]);
  if (!(await whenSent(event.organisation_id, event.seq, PUBLISH_TIMEOUT_MS))) {
    throw new TelexError(
      'unavailable',
      'The notification is stored, but the push server has not taken it yet. It is sent as soon as that works.',
      { retryAfterS: 10 },
    );
  }
  return {
    notification_id: event.id,
    organisation_id: event.organisation_id,
    seq: event.seq,
    hops: [
      { hop: 'stored', ms: storedMs },
      { hop: 'published', ms: clock.monotonic() - startMs },
    ],
  };
}

async function insertTestEvent(
  queries: Queries,
  to: { readonly organisationId: string; readonly userId: string },
  ports: Pick<SendTestOptions, 'clock' | 'newId'>,
): Promise<EventRow> {
  const head = {
    id: ports.newId(),
    seq: await takeSeqs(queries, to.organisationId, 1),
    occurredAt: ports.clock.now(),
  };
  const event: EventRow = {
    organisation_id: to.organisationId,
    seq: head.seq,
    id: head.id,
    type: 'test_notification',
    channel_id: null,
    thread_id: null,
    audience_user_id: to.userId,
    actor_id: null,
    payload: renderTestNotification(head, to.organisationId),
    created_at: head.occurredAt,
  };
  await insertEvents(queries, [event]);
  return event;
}
