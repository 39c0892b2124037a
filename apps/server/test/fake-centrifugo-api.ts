import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

export interface ApiCall {
  readonly method: string;
  readonly body: string;
  readonly headers: IncomingMessage['headers'];
}

/** A reply as Centrifugo's API gives it; `hang`: none at all, `reset`: the connection is cut. */
export type ApiReply = { readonly status?: number; readonly body: unknown } | 'hang' | 'reset';

/** An HTTP server in the place of Centrifugo's API, which can be made to fail as a real one can't. */
export interface FakeCentrifugoApi {
  readonly url: string;
  readonly key: string;
  readonly calls: ApiCall[];
  /** Decides each call; by default it takes everything, and remembers idempotency keys. */
  answer: (call: ApiCall) => ApiReply;
  /** What was published, in order. */
  readonly deliveries: { readonly channel: string; readonly dataJson: string }[];
  /** Ends the connections that are kept. */
  dropConnections(): void;
  /** How many connections were made. */
  connections(): number;
  close(): Promise<void>;
}

export async function fakeCentrifugoApi(): Promise<FakeCentrifugoApi> {
  const key = 'fake-api-key';
  const calls: ApiCall[] = [];
  const deliveries: FakeCentrifugoApi['deliveries'][number][] = [];
  const taken = new Set<string>();
  let connections = 0;
  const server = createServer((request, response) => {
    void take(request, response);
  });
  server.on('connection', () => {
    connections += 1;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;

  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += chunk;
    const call = {
      method: request.url?.replace('/api/', '') ?? '',
      body,
      headers: request.headers,
    };
    calls.push(call);
    const reply = fake.answer(call);
    if (reply === 'hang') return;
    if (reply === 'reset') {
      request.socket.destroy();
      return;
    }
    response.writeHead(reply.status ?? 200, { 'content-type': 'application/json' });
    response.end(typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body));
  }

  const fake: FakeCentrifugoApi = {
    url: `http://127.0.0.1:${port}`,
    key,
    calls,
    deliveries,
    answer: ({ method, body, headers }) => {
      if (headers['x-api-key'] !== key) return { status: 401, body: '' };
      if (method !== 'broadcast') return { body: { result: {} } };
      const { channels, idempotency_key: id } = JSON.parse(body) as {
        channels: string[];
        idempotency_key: string;
      };
      const dataJson = /"data":(.*),"idempotency_key"/s.exec(body)?.[1] ?? '';
      for (const channel of channels) {
        if (taken.has(`${channel} ${id}`)) continue;
        taken.add(`${channel} ${id}`);
        deliveries.push({ channel, dataJson });
      }
      return { body: { result: { responses: channels.map(() => ({ result: {} })) } } };
    },
    dropConnections: () => server.closeAllConnections(),
    connections: () => connections,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return fake;
}
