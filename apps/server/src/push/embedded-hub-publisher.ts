import { HubError } from '@telex/hub';
import { PublishError, type PushPublisher } from './push-publisher.ts';

/** The part of the embedded hub that sending needs; it throws a HubError for what it never takes. */
export interface BroadcastingHub {
  broadcast(
    channels: readonly string[],
    dataJson: string,
    options: { readonly idempotencyKey: string },
  ): unknown;
}

/** Sends through the hub in this process, which has taken everything when its call returns. */
export function embeddedHubPublisher(hub: BroadcastingHub): PushPublisher {
  return {
    async broadcast(channels, dataJson, idempotencyKey) {
      try {
        hub.broadcast(channels, dataJson, { idempotencyKey });
      } catch (error) {
        if (error instanceof HubError) throw new PublishError('rejected', error.message);
        throw error;
      }
    },
  };
}
