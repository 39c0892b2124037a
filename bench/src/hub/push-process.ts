import { randomBytes } from 'node:crypto';
import { issueCertificate, type PushServer, startPushServer } from '@telex/testkit';
import type { PushServerPlace } from './messages.ts';
import { PushApi } from './push-api.ts';
import type { PushTarget } from './push-target.ts';

export interface PushProcess {
  readonly place: PushServerPlace;
  readonly pid: number;
  readonly api: PushApi;
  close(): Promise<void>;
}

export interface PushProcessOptions {
  readonly isTls: boolean;
  /** Publications kept a channel; default 1,000. */
  readonly historySize?: number;
}

/** Starts a push server and waits until it is healthy. The same configuration for each target. */
export async function startPushProcess(
  { command }: PushTarget,
  { isTls, historySize = 1_000 }: PushProcessOptions,
): Promise<PushProcess> {
  const secret = () => randomBytes(32).toString('hex');
  const keys = { connectionSecret: secret(), subscriptionSecret: secret(), apiKey: secret() };
  const issued = isTls ? issueCertificate(['127.0.0.1'], Date.now()) : undefined;
  const config = {
    ...configuration(keys, historySize),
    http_server:
      issued === undefined
        ? {}
        : { tls: { enabled: true, cert_pem: issued.cert, key_pem: issued.key } },
  };
  const server: PushServer = await startPushServer({ command, config });
  const place = { ...keys, port: Number(new URL(server.url).port), ca: issued?.ca };
  const api = new PushApi(place);
  return {
    place,
    pid: server.pid,
    api,
    close: () => {
      api.close();
      return server.kill();
    },
  };
}

/** Centrifugo's own keys (centrifugo.md §12). */
function configuration(keys: Omit<PushServerPlace, 'port' | 'ca'>, historySize: number): object {
  return {
    client: {
      token: { hmac_secret_key: keys.connectionSecret },
      subscription_token: { enabled: true, hmac_secret_key: keys.subscriptionSecret },
    },
    channel: {
      without_namespace: { history_size: historySize, history_ttl: '1h', force_recovery: true },
    },
    http_api: { key: keys.apiKey },
    prometheus: { enabled: true },
    log: { level: 'error' },
    usage_stats: { disabled: true },
  };
}
