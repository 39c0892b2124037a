import { hash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ApiAnswer, type ApiHost, answerApi, type ErrorMode } from '../api/index.ts';

export interface ApiHandlerOptions {
  readonly host: ApiHost;
  /** What a request must show; undefined: whoever reaches the API may use it. */
  readonly key: string | undefined;
  /** Without the slash before the method; default `/api`. */
  readonly path?: string;
  /** Default `body`; the header `X-Centrifugo-Error-Mode: transport` chooses for one request. */
  readonly errorMode?: ErrorMode;
  /** A longer body is answered 413; default 4 MiB. */
  readonly bodyBytes?: number;
  /** Told how long each method took, for figures. */
  readonly answered?: (method: string, seconds: number) => void;
}

/** Whether the request was for the API; then it is or will be answered. */
export type ApiHandler = (request: IncomingMessage, response: ServerResponse) => boolean;

const DEFAULT_BODY_BYTES = 4 * 1_048_576;

/** Serves the hub's API on HTTP: `POST <path>/<method>` with the key. */
export function createApiHandler(options: ApiHandlerOptions): ApiHandler {
  const { host, errorMode = 'body', bodyBytes = DEFAULT_BODY_BYTES } = options;
  const prefix = `${options.path ?? '/api'}/`;
  const isAllowed = keyCheck(options.key);
  return (request, response) => {
    const url = request.url ?? '';
    if (!url.startsWith(prefix)) return false;
    const [path = '', query = ''] = split(url, '?');
    if (request.method !== 'POST') refuse(response, 405, 'POST is the only method.\n');
    else if (!isAllowed(request, query)) refuse(response, 401, '');
    else {
      const mode =
        request.headers['x-centrifugo-error-mode'] === 'transport' ? 'transport' : errorMode;
      readBody(request, bodyBytes, (body) => {
        if (body === undefined) {
          response.setHeader('connection', 'close');
          refuse(response, 413, `A body has at most ${bodyBytes} bytes.\n`);
        } else {
          const startedAt = performance.now();
          const method = path.slice(prefix.length);
          const answer = answerApi(host, method, body, mode);
          send(response, answer);
          options.answered?.(method, (performance.now() - startedAt) / 1_000);
        }
      });
    }
    return true;
  };
}

/** Compares digests, which takes the same time whatever is wrong with a key. */
function keyCheck(key: string | undefined): (request: IncomingMessage, query: string) => boolean {
  if (key === undefined) return () => true;
  const wanted = hash('sha256', key, 'buffer');
  return (request, query) => {
    const shown = shownKey(request, query);
    return shown !== undefined && timingSafeEqual(hash('sha256', shown, 'buffer'), wanted);
  };
}

function shownKey({ headers }: IncomingMessage, query: string): string | undefined {
  const header = headers['x-api-key'];
  if (typeof header === 'string') return header;
  const [scheme = '', key = ''] = split(headers.authorization ?? '', ' ');
  if (scheme.toLowerCase() === 'apikey') return key.trim();
  return query === '' ? undefined : (new URLSearchParams(query).get('api_key') ?? undefined);
}

/** Calls back once, with undefined for a body that is too long; not at all when the client goes away. */
function readBody(
  request: IncomingMessage,
  mostBytes: number,
  whenRead: (body: string | undefined) => void,
): void {
  if (Number(request.headers['content-length']) > mostBytes) {
    whenRead(undefined);
    return;
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  request.on('error', () => {});
  request.on('data', (chunk: Buffer) => {
    const isOver = bytes > mostBytes;
    bytes += chunk.length;
    if (bytes <= mostBytes) chunks.push(chunk);
    else if (!isOver) whenRead(undefined);
  });
  request.on('end', () => {
    if (bytes <= mostBytes) whenRead(Buffer.concat(chunks).toString('utf8'));
  });
}

function refuse(response: ServerResponse, status: number, text: string): void {
  send(response, { status, type: 'text/plain; charset=utf-8', text });
}

function send(response: ServerResponse, { status, type, text }: ApiAnswer): void {
  const headers = { 'content-type': type, 'content-length': Buffer.byteLength(text) };
  response.writeHead(status, headers).end(text);
}

function split(text: string, at: string): [string, string] {
  const index = text.indexOf(at);
  return index < 0 ? [text, ''] : [text.slice(0, index), text.slice(index + 1)];
}
