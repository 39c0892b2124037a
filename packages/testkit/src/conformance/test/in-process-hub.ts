import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { createHub, type PublishOptions } from '@telex/hub';
import { attachHub, createJwtVerifier, nodePorts } from '@telex/hub/node';
import { keys, type PushConfig } from '../config.ts';
import { at, isJsonObject, type JsonObject, numberAt, textAt } from '../json.ts';
import type { ConformanceTarget, RunningPushServer } from '../target.ts';

/** The hub inside this process, with the part of the HTTP API that most cases need. */
export const inProcessHub: ConformanceTarget = {
  name: 'hub',
  manner: 'hub',
  lacks: {},
  start: startInProcess,
};

async function startInProcess(config: PushConfig): Promise<RunningPushServer> {
  let running = await serve(config, 0);
  const { port } = running;
  return {
    wsUrl: `ws://127.0.0.1:${port}/connection/websocket`,
    apiUrl: `http://127.0.0.1:${port}/api`,
    apiKey: keys.api,
    log: () => '',
    stop: () => running.close(),
    kill: () => running.close(),
    restart: async () => {
      running = await serve(config, port);
    },
  };
}

async function serve(config: PushConfig, wanted: number) {
  const verifier = createJwtVerifier({
    connection: { hmacSecret: keys.connection },
    subscription: { hmacSecret: keys.subscription },
  });
  const hub = createHub({
    ...nodePorts,
    verifier,
    channels: {
      withoutNamespace: {
        historySize: numberAt(config, 'channel.without_namespace.history_size'),
        historyTtlMs: 300_000,
        forceRecovery: true,
      },
    },
  });
  const call = (method: string, params: JsonObject): JsonObject => {
    const channel = () => textAt(params, 'channel');
    const data = () => JSON.stringify(params.data);
    const key = params.idempotency_key;
    const options: PublishOptions = typeof key === 'string' ? { idempotencyKey: key } : {};
    if (method === 'publish') return { result: hub.publish(channel(), data(), options) };
    if (method === 'unsubscribe') {
      hub.unsubscribe({ user: textAt(params, 'user') }, channel());
      return { result: {} };
    }
    if (method === 'disconnect') {
      const disconnect = at(params, 'disconnect');
      const code = numberAt(disconnect, 'code');
      const why = code === 0 ? undefined : { code, reason: textAt(disconnect, 'reason') };
      hub.disconnect({ user: textAt(params, 'user') }, why);
      return { result: {} };
    }
    return { error: { code: 104, message: 'method not found' } };
  };
  const server = createServer(async (request, response) => {
    const method = request.url?.split('/').at(-1) ?? '';
    response.end(JSON.stringify(call(method, await bodyOf(request))));
  });
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const attached = attachHub({ hub, server, path: '/connection/websocket' });
  server.listen(wanted, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      if (!server.listening) return;
      hub.close();
      attached.close();
      server.close();
      for (const socket of sockets) socket.destroySoon();
      await once(server, 'close');
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<JsonObject> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  const body: unknown = JSON.parse(text);
  return isJsonObject(body) ? body : {};
}
