import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { issueCertificate } from '@telex/testkit';
import type { PushServerPlace } from './messages.ts';
import { PushApi } from './push-api.ts';
import type { PushTarget } from './push-target.ts';

const START_LIMIT_MS = 15_000;

export interface PushProcess {
  readonly place: PushServerPlace;
  readonly pid: number;
  readonly api: PushApi;
  close(): Promise<void>;
}

/** Starts a push server on a free port and waits until it is healthy. The same configuration for each of them. */
export async function startPushProcess(
  target: PushTarget,
  options: { readonly isTls: boolean },
): Promise<PushProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'telex-bench-push-'));
  const file = join(folder, 'config.json');
  const secret = () => randomBytes(32).toString('hex');
  const issued = options.isTls ? issueCertificate(['127.0.0.1'], Date.now()) : undefined;
  const place: PushServerPlace = {
    port: await freePort(),
    ca: issued?.ca,
    connectionSecret: secret(),
    subscriptionSecret: secret(),
    apiKey: secret(),
  };
  writeFileSync(file, JSON.stringify(configuration(place, issued)), { mode: 0o600 });
  const [program = '', ...flags] = target.command;
  const child = spawn(program, [...flags, '--config', file], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    said = (said + chunk).slice(-4_000);
  });
  const exited = once(child, 'exit');
  const api = new PushApi(place);
  const close = async () => {
    api.close();
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    await exited;
    rmSync(folder, { recursive: true, force: true });
  };
  const startedAt = performance.now();
  while (!(await isHealthy(api))) {
    const hasEnded = child.exitCode !== null || child.signalCode !== null;
    if (hasEnded || performance.now() - startedAt > START_LIMIT_MS) {
      await close();
      throw new Error(`${target.name} did not start: ${said}`);
    }
    await delay(20);
  }
  return { place, pid: child.pid ?? -1, api, close };
}

/** Centrifugo's own keys (centrifugo.md §12). */
function configuration(
  { port, connectionSecret, subscriptionSecret, apiKey }: PushServerPlace,
  issued: { readonly cert: string; readonly key: string } | undefined,
): object {
  const tls =
    issued === undefined
      ? {}
      : { tls: { enabled: true, cert_pem: issued.cert, key_pem: issued.key } };
  return {
    http_server: { address: '127.0.0.1', port, ...tls },
    client: {
      token: { hmac_secret_key: connectionSecret },
      subscription_token: { enabled: true, hmac_secret_key: subscriptionSecret },
    },
    channel: {
      without_namespace: { history_size: 1_000, history_ttl: '1h', force_recovery: true },
    },
    http_api: { key: apiKey },
    health: { enabled: true },
    prometheus: { enabled: true },
  };
}

async function isHealthy(api: PushApi): Promise<boolean> {
  return await api.get('/health').then(
    () => true,
    () => false,
  );
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}
