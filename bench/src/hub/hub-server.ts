// A process that holds the embedded hub alone, as the server does, with a publish call over HTTP beside it.
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createHub, type Hub } from '@telex/hub';
import { attachHub, createJwtVerifier, nodePorts } from '@telex/hub/node';

const config = JSON.parse(readFileSync(process.argv[3] ?? '', 'utf8'));
const { port, tls } = config.http_server;
const { token, subscription_token } = config.client;
const hub = createHub({
  ...nodePorts,
  verifier: createJwtVerifier({
    connection: { hmacSecret: token.hmac_secret_key },
    subscription: { hmacSecret: subscription_token.hmac_secret_key },
  }),
  channels: {
    withoutNamespace: { historySize: 1_000, historyTtlMs: 3_600_000, forceRecovery: true },
  },
});
const answer = (request: IncomingMessage, response: ServerResponse) => {
  if (request.method === 'GET') {
    const closes = Object.entries(hub.stats().closes);
    response.end(
      closes.map(([code, n]) => `num_server_disconnects{code="${code}"} ${n}\n`).join(''),
    );
    return;
  }
  readBody(request, (body) => {
    response.setHeader('Content-Type', 'application/json');
    response.end(publish(hub, body));
  });
};
const server = tls
  ? createTlsServer({ cert: tls.cert_pem, key: tls.key_pem }, answer)
  : createServer(answer);
attachHub({ hub, server, path: '/connection/websocket' });
server.listen({ port, host: '127.0.0.1', backlog: 4_096 });

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
