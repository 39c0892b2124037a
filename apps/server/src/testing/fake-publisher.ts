import { PublishError, type PushPublisher } from '../push/push-publisher.ts';

export interface Delivery {
  readonly channel: string;
  readonly dataJson: string;
  readonly idempotencyKey: string;
}

export interface FakePublisher extends PushPublisher {
  /** What subscribers of the channels got, in order. */
  readonly deliveries: Delivery[];
  /** Broadcasts taken or refused. */
  calls(): number;
  /** Decides each broadcast before it is taken; throws to refuse it. Default: takes all. */
  answer: (channels: readonly string[], dataJson: string) => void;
  /** Forgets the idempotency keys, as a push server does after its window. */
  forget(): void;
}

/** A push server in memory: remembers keys until told to forget. */
export function fakePublisher(): FakePublisher {
  const deliveries: Delivery[] = [];
  const taken = new Set<string>();
  let calls = 0;
  const publisher: FakePublisher = {
    deliveries,
    calls: () => calls,
    answer() {},
    forget: () => taken.clear(),
    async broadcast(channels, dataJson, idempotencyKey) {
      calls += 1;
      publisher.answer(channels, dataJson);
      if (dataJson.includes('\n')) throw new PublishError('rejected', 'a raw newline');
      for (const channel of channels) {
        const key = `${channel} ${idempotencyKey}`;
        if (taken.has(key)) continue;
        taken.add(key);
        deliveries.push({ channel, dataJson, idempotencyKey });
      }
    },
  };
  return publisher;
}
