import type { PushLayer, PushLayerOptions } from '../push-layer.ts';
import { centrifugoAddresses } from './addresses.ts';
import { createCentrifugoApi } from './api-client.ts';
import { readApiKey } from './api-key.ts';
import { centrifugoPublisher } from './centrifugo-publisher.ts';
import { createCommandGate } from './command-gate.ts';
import { centrifugoFigures } from './figures.ts';
import { attachProxy, type SocketProxy } from './proxy.ts';
import { Reachability } from './reachability.ts';
import { Revoker } from './revoker.ts';

/** Centrifugo suffers connections whose token has run out for this long (`expired_close_delay`). */
const EXPIRED_GRACE_MS = 25_000;

/**
 * Centrifugo as the push server: sends and revokes by its HTTP API, hands on WebSockets that come to
 * our own address.
 * @throws StartError `push_unusable`
 */
export function centrifugoPushLayer(options: PushLayerOptions): PushLayer {
  const { settings, dataDir, clock, log } = options;
  const { api: url, socket } = centrifugoAddresses(settings);
  const key = readApiKey({ file: settings['centrifugo-api-key-file'], dataDir });
  const figures = centrifugoFigures(() => clock.now());
  const reachability = new Reachability({ clock, log, url });
  const api = createCentrifugoApi({
    ...{ url, key, clock },
    answered: (method, answer, ms) => {
      figures.answered(method, answer, ms);
      reachability.heard(answer);
    },
  });
  const revoker = new Revoker({
    ...{ api, clock, log },
    random: Math.random,
    worthMs: settings['token-seconds'] * 1000 + EXPIRED_GRACE_MS,
  });
  let proxy: SocketProxy | undefined;
  // Centrifugo knows no sessions of ours; the connections that we hand on, we do.
  options.revoked.listen((session) => proxy?.endSession(session));
  reachability.startProbing(api);
  // What was ended shortly before the last stop may not have been told to Centrifugo.
  options.usersOfEndedSessions().then(
    (users) => {
      for (const user of users) revoker.disconnect(user);
    },
    (error: unknown) => log.error({ err: error }, 'sessions that ended lately could not be read'),
  );
  return {
    publisher: centrifugoPublisher({
      api,
      chunkSent: figures.chunkSent,
      channelFailed: figures.channelFailed,
    }),
    ender: {
      sessionEnded: (userId) => revoker.disconnect(userId),
      subscriptionEnded: (userId, channel) => revoker.unsubscribe(userId, channel),
    },
    health: { centrifugo: () => reachability.health() },
    metrics: () =>
      figures.render({
        isReachable: reachability.reach === 'reachable',
        waitingRevocations: revoker.waiting,
        proxied: proxy?.open ?? 0,
      }),
    attach: (door) => {
      proxy = attachProxy({
        ...door,
        target: socket,
        gate: createCommandGate(options),
        trustedProxies: settings['trusted-proxies'],
      });
    },
    close: () => {
      reachability.close();
      revoker.close();
      proxy?.close();
      api.close();
    },
  };
}
