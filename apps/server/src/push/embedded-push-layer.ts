import { PUSH_PATH } from '@telex/contract';
import { createHub } from '@telex/hub';
import { renderSamples } from '@telex/hub/metrics';
import { attachHub, nodePorts } from '@telex/hub/node';
import { createHubVerifier, type HubVerifierOptions } from '../tokens/hub-verifier.ts';
import { embeddedHubPublisher } from './embedded-hub-publisher.ts';
import { PUSH_HISTORY } from './push-history.ts';
import type { PushLayer } from './push-layer.ts';

const CHANNELS = {
  withoutNamespace: {
    historySize: PUSH_HISTORY.size,
    historyTtlMs: PUSH_HISTORY.ttlMs,
    historyMetaTtlMs: PUSH_HISTORY.metaTtlMs,
    forceRecovery: true,
  },
};

/** The hub in this process. */
export function embeddedPushLayer(options: HubVerifierOptions): PushLayer {
  const hub = createHub({
    ...nodePorts,
    verifier: createHubVerifier(options),
    channels: CHANNELS,
  });
  // Once more when this turn is over: a token that was found good just before may be on its way into
  // the hub.
  const twice = (end: () => void) => {
    end();
    setImmediate(end);
  };
  let letGo = () => {};
  return {
    hub,
    publisher: embeddedHubPublisher(hub),
    ender: {
      sessionEnded: (_userId, session) => twice(() => void hub.disconnect({ session })),
      subscriptionEnded: (user, channel) => twice(() => void hub.unsubscribe({ user }, channel)),
    },
    health: {
      hub: () => {
        const { connections, channels, subscriptions } = hub.stats();
        return { ok: true, details: { connections, channels, subscriptions } };
      },
    },
    metrics() {
      const { connections, channels, subscriptions } = hub.stats();
      const gauge = (name: string, help: string, value: number) =>
        ({ name: `telex_hub_${name}`, help, type: 'gauge', values: [{ value }] }) as const;
      return renderSamples([
        gauge('connections', 'Open WebSockets.', connections),
        gauge('channels', 'Push channels in memory.', channels),
        gauge('subscriptions', 'Subscriptions.', subscriptions),
      ]);
    },
    attach: (door) => {
      letGo = attachHub({ hub, ...door, path: PUSH_PATH }).close;
    },
    close: () => {
      letGo();
      hub.close();
    },
  };
}
