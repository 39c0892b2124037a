import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Duplex } from 'node:stream';
import type { SecureContext } from 'node:tls';
import type { Http, HttpFailure, HttpReply, HttpRequest } from '../src/index.ts';
import { createConnections } from './connections.ts';

/** Requests in parallel on connections of their own: token requests of servers without a batch route. */
const MAX_SOCKETS = 8;
const IDLE_MS = 60_000;

const networkCodes = new Set(['ENOTFOUND', 'EAI_AGAIN', 'ENETUNREACH', 'ENETDOWN', 'EHOSTUNREACH']);
const certificateCode = /^(CERT_|ERR_TLS_CERT|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED)/;

export interface NodeHttp extends Http {
  /** Connections opened so far. */
  readonly connections: number;
}

/**
 * HTTP over `node:https`: lighter in memory than the global `fetch`, and its agent lets a connection be
 * opened before there is a request for it.
 */
export function createNodeHttp(secureContext: SecureContext | undefined): NodeHttp {
  const connections = createConnections(secureContext);
  const options = { keepAlive: true, maxSockets: MAX_SOCKETS, timeout: IDLE_MS } as const;
  const agents = { 'http:': new HttpAgent(options), 'https:': new HttpsAgent(options) };
  for (const [protocol, agent] of Object.entries(agents)) {
    agent.createConnection = ({ host, port }: { host?: string; port?: number }): Duplex => {
      const authority = String(host).includes(':') ? `[${host}]` : host;
      return connections.connect(new URL(`${protocol}//${authority}:${port}`));
    };
  }

  return {
    get connections() {
      return connections.count;
    },
    send: async (request) => {
      const first = await sendOnce(request, agents);
      return first === 'stale' ? asReply(await sendOnce(request, agents)) : first;
    },
    preconnect(address) {
      const url = new URL(address);
      const agent = url.protocol === 'http:' ? agents['http:'] : agents['https:'];
      if (Object.keys(agent.freeSockets).length === 0) connections.prepare(url);
    },
    closeIdle() {
      connections.close();
      for (const agent of Object.values(agents)) agent.destroy();
    },
  };
}

/** `stale`: a kept-alive connection had been closed by the server before the request reached it. */
function sendOnce(
  request: HttpRequest,
  agents: { readonly 'http:': HttpAgent; readonly 'https:': HttpsAgent },
): Promise<HttpReply | 'stale'> {
  const { method, headers, body, timeoutMs, signal } = request;
  if (signal?.aborted) return Promise.resolve(failed('cancelled', 'aborted'));
  return new Promise((resolve) => {
    const url = new URL(request.url);
    const isPlain = url.protocol === 'http:';
    const send = isPlain ? httpRequest : httpsRequest;
    const agent = isPlain ? agents['http:'] : agents['https:'];
    const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
    const outgoing = send(url, { method, headers: { ...headers, ...length }, agent });
    const settle = (reply: HttpReply | 'stale') => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', cancel);
      resolve(reply);
      if (reply === 'stale' || !reply.ok) outgoing.destroy();
    };
    const cancel = () => settle(failed('cancelled', 'aborted'));
    const timer = setTimeout(() => settle(failed('timeout', `${timeoutMs} ms`)), timeoutMs);
    signal?.addEventListener('abort', cancel, { once: true });
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      const isStale = outgoing.reusedSocket && error.code === 'ECONNRESET';
      settle(isStale ? 'stale' : failed(reasonOf(error.code), error.code ?? error.name));
    });
    outgoing.on('response', (incoming) => readBody(incoming, request.maxReplyBytes, settle));
    outgoing.end(body);
  });
}

function readBody(
  incoming: IncomingMessage,
  maxBytes: number,
  settle: (reply: HttpReply) => void,
): void {
  const chunks: Buffer[] = [];
  let size = 0;
  incoming.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > maxBytes) settle(failed('too-large', `over ${maxBytes} bytes`));
    else chunks.push(chunk);
  });
  incoming.on('error', (error: NodeJS.ErrnoException) =>
    settle(failed('broken', error.code ?? error.name)),
  );
  incoming.on('end', () =>
    settle({
      ok: true,
      status: incoming.statusCode ?? 0,
      header: (name) => {
        const value = incoming.headers[name];
        return Array.isArray(value) ? value[0] : value;
      },
      body: Buffer.concat(chunks).toString('utf8'),
    }),
  );
}

function failed(reason: HttpFailure, detail: string): HttpReply {
  return { ok: false, reason, detail };
}

function asReply(reply: HttpReply | 'stale'): HttpReply {
  return reply === 'stale' ? failed('broken', 'ECONNRESET') : reply;
}

function reasonOf(code: string | undefined): HttpFailure {
  if (code === undefined) return 'broken';
  if (networkCodes.has(code)) return 'no-network';
  if (code === 'ECONNREFUSED') return 'refused';
  if (code === 'ETIMEDOUT') return 'timeout';
  return certificateCode.test(code) ? 'untrusted-certificate' : 'broken';
}
