import { PublishError, type PushPublisher } from './push-publisher.ts';

/** What became of one publication, as far as the hub says so. */
interface BroadcastOutcome {
  readonly kind?: 'published' | 'refused';
  readonly offset?: number;
  /** Centrifugo's error code of a refusal. */
  readonly code?: number;
  readonly message?: string;
}

/** The part of the embedded hub that sending needs. */
export interface BroadcastingHub {
  broadcast(
    channels: readonly string[],
    dataJson: string,
    options: { readonly idempotencyKey: string },
  ): readonly BroadcastOutcome[];
}

/** Centrifugo's "internal server error", here: the hub is closed. Everything else stays refused. */
const TEMPORARY = 100;

/** Sends through the hub in this process, which has taken everything when its call returns. */
export function embeddedHubPublisher(hub: BroadcastingHub): PushPublisher {
  return {
    async broadcast(channels, dataJson, idempotencyKey) {
      const refusal = broadcastNow(hub, channels, dataJson, idempotencyKey).find(
        ({ kind }) => kind === 'refused',
      );
      if (refusal === undefined) return;
      throw new PublishError(
        refusal.code === TEMPORARY ? 'unavailable' : 'rejected',
        refusal.message ?? `the push server answered ${refusal.code}`,
      );
    },
  };
}

function broadcastNow(
  hub: BroadcastingHub,
  channels: readonly string[],
  dataJson: string,
  idempotencyKey: string,
): readonly BroadcastOutcome[] {
  try {
    return hub.broadcast(channels, dataJson, { idempotencyKey });
  } catch (error) {
    if (error instanceof RangeError) throw new PublishError('rejected', error.message);
    throw error;
  }
}
