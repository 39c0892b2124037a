// A process that holds the embedded hub alone, as the server does, with a publish call over HTTP beside it.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createHub, type Hub } from '@telex/hub';
import { attachHub, createJwtVerifier, nodePorts } from '@telex/hub/node';
import {
  type HubServerFigures,
  type HubServerReady,
  type HubServerStart,
  tlsKey,
  tlsOptions,
} from './messages.ts';

process.once('message', (start: HubServerStart) => {
  const { connectionSecret, subscriptionSecret, history, isTls } = start;
  const hub = createHub({
    ...nodePorts,
    verifier: createJwtVerifier({ connectionSecret, subscriptionSecret }),
    channels: history
      ? { withoutNamespace: { historySize: 1_000, historyTtlMs: 3_600_000, forceRecovery: true } }
      : {},
  });
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    readBody(request, (body) => {
      response.setHeader('Content-Type', 'application/json');
      response.end(publish(hub, body));
    });
  };
  const server = isTls
    ? createTlsServer({ ...tlsOptions, pskCallback: () => tlsKey }, answer)
    : createServer(answer);
  attachHub({ hub, server, path: '/connection/websocket' });
  server.listen({ port: 0, host: '127.0.0.1', backlog: 4_096 }, () => {
    const { port } = server.address() as AddressInfo;
    process.send?.({ kind: 'ready', port } satisfies HubServerReady);
  });
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    const { closes, subscriptions } = hub.stats();
    const figures = { kind: 'figures', cpuMicros: user + system, closes, subscriptions } as const;
    process.send?.(figures satisfies HubServerFigures);
  });
});
process.on('disconnect', () => process.exit());

interface PublishBody {
  readonly channels: readonly string[];
  readonly data: unknown;
  readonly idempotency_key: string;
}

function publish(hub: Hub, body: string): string {
  const { channels, data, idempotency_key: idempotencyKey } = JSON.parse(body) as PublishBody;
  const results = hub.broadcast(channels, JSON.stringify(data), { idempotencyKey });
  return JSON.stringify({ result: { responses: results.map((result) => ({ result })) } });
}

function readBody(request: IncomingMessage, then: (body: string) => void): void {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => then(Buffer.concat(chunks).toString('utf8')));
}
