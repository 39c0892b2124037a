import { Agent, type IncomingMessage, request as plainRequest } from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';
import { parseJson } from '@telex/contract';
import type { Clock } from '../../clock.ts';
import { systemCode } from '../../start-error.ts';

/**
 * What a call came to.
 * - `result`: Centrifugo did it.
 * - `error`: Centrifugo answers with an error of its own (centrifugo.md §3, §11).
 * - `refused`: the API key is not the one that Centrifugo has.
 * - `foreign`: something answers that is not Centrifugo's API, or a proxy before it that is at fault.
 * - `unreachable`: nothing answers, or not in time.
 */
export type ApiAnswer =
  | { readonly kind: 'result'; readonly result: unknown }
  | { readonly kind: 'error'; readonly code: number; readonly message: string }
  | { readonly kind: 'refused' }
  | { readonly kind: 'foreign'; readonly detail: string }
  | { readonly kind: 'unreachable'; readonly detail: string };

/** Centrifugo's HTTP API. Calls never throw, and nothing they say holds the key. */
export interface CentrifugoApi {
  /** @param bodyJson JSON text, sent on as it is */
  call(method: string, bodyJson: string): Promise<ApiAnswer>;
  /** Ends the connections, with the calls under way. */
  close(): void;
}

export interface CentrifugoApiOptions {
  /** `http(s)://host[:port]`, with the path of the API where that is not `/api`. */
  readonly url: string;
  readonly key: string;
  readonly clock: Clock;
  /** Told of each call. */
  readonly answered?: (method: string, answer: ApiAnswer, ms: number) => void;
  readonly timeoutMs?: number;
}

const DEFAULT_PATH = '/api';
const TIMEOUT_MS = 5000;
const MAX_CONNECTIONS = 16;
const MAX_REPLY_BYTES = 8 * 1024 * 1024;
const BAD_REQUEST = 107;
const CLOSED: ApiAnswer = { kind: 'unreachable', detail: 'this server is stopping' };

interface Reply {
  readonly status: number;
  readonly text: string;
}

export function createCentrifugoApi(options: CentrifugoApiOptions): CentrifugoApi {
  const { key, clock, answered, timeoutMs = TIMEOUT_MS } = options;
  const url = new URL(options.url);
  const base = url.pathname === '/' ? DEFAULT_PATH : url.pathname.replace(/\/+$/, '');
  const isTls = url.protocol === 'https:';
  const agentOptions = { keepAlive: true, maxSockets: MAX_CONNECTIONS };
  const agent = isTls ? new TlsAgent(agentOptions) : new Agent(agentOptions);
  let isClosed = false;

  function post(method: string, bodyJson: string): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const body = Buffer.from(bodyJson);
      const request = (isTls ? tlsRequest : plainRequest)(
        new URL(`${base}/${method}`, url),
        {
          method: 'POST',
          agent,
          headers: {
            'content-type': 'application/json',
            'content-length': body.length,
            'x-api-key': key,
          },
        },
        (response) => {
          read(response).then(settle(resolve), settle(reject));
        },
      );
      const cancel = clock.after(timeoutMs, () => request.destroy(new LateError(timeoutMs)));
      const settle =
        <T>(then: (value: T) => void) =>
        (value: T) => {
          cancel();
          then(value);
        };
      request.on(
        'error',
        settle((error) => reject(isStale(error, request) ? new StaleConnectionError() : error)),
      );
      request.end(body);
    });
  }

  async function attempt(method: string, bodyJson: string): Promise<ApiAnswer> {
    try {
      // A kept connection may have been closed from the other end just when it was used again. That
      // says nothing, so it is tried once more on each; every call may safely come twice.
      for (let tries = 0; tries < MAX_CONNECTIONS && !isClosed; tries += 1) {
        try {
          return answerOf(await post(method, bodyJson));
        } catch (error) {
          if (!(error instanceof StaleConnectionError)) throw error;
        }
      }
      if (isClosed) return CLOSED;
      return answerOf(await post(method, bodyJson));
    } catch (error) {
      return { kind: 'unreachable', detail: reasonOf(error) };
    }
  }

  return {
    async call(method, bodyJson) {
      const startMs = clock.monotonic();
      const answer = await attempt(method, bodyJson);
      answered?.(method, answer, clock.monotonic() - startMs);
      return answer;
    },
    close: () => {
      isClosed = true;
      agent.destroy();
    },
  };
}

class StaleConnectionError extends Error {
  override readonly name = 'StaleConnectionError';
}

class LateError extends Error {
  override readonly name = 'LateError';
  constructor(timeoutMs: number) {
    super(`no answer within ${timeoutMs} ms`);
  }
}

function isStale(error: unknown, request: { readonly reusedSocket: boolean }): boolean {
  const code = systemCode(error);
  return request.reusedSocket && (code === 'ECONNRESET' || code === 'EPIPE');
}

function reasonOf(error: unknown): string {
  // Only what is known to hold nothing of the request.
  if (error instanceof LateError) return error.message;
  return systemCode(error) ?? 'the connection failed';
}

async function read(response: IncomingMessage): Promise<Reply> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response) {
    const part: Buffer = chunk;
    bytes += part.length;
    if (bytes > MAX_REPLY_BYTES) throw new Error('the answer is too long');
    chunks.push(part);
  }
  return { status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') };
}

/** Both error modes of Centrifugo: in the body of a 200, or as HTTP status with the bare error. */
function answerOf({ status, text }: Reply): ApiAnswer {
  if (status === 401) return { kind: 'refused' };
  const parsed = parseJson(text);
  const body = parsed.ok && isObject(parsed.value) ? parsed.value : undefined;
  if (status === 200 && body !== undefined) {
    if (isObject(body.error)) return errorOf(body.error) ?? foreign(status);
    return 'result' in body ? { kind: 'result', result: body.result } : foreign(status);
  }
  const error = body === undefined ? undefined : errorOf(body);
  if (error !== undefined) return error;
  // What cannot be decoded is answered with this bare text. Any other 400 is somebody else's, such as
  // a TLS port that was spoken to in plain HTTP, and says nothing about what was sent.
  if (status === 400 && text.trim() === 'Bad Request') {
    return { kind: 'error', code: BAD_REQUEST, message: 'bad request' };
  }
  return foreign(status);
}

function foreign(status: number): ApiAnswer {
  return { kind: 'foreign', detail: `HTTP ${status}, not an answer of Centrifugo's API` };
}

/** Code and message of an error object; undefined where it is none. */
export function errorOf(
  error: Readonly<Record<string, unknown>>,
): { readonly kind: 'error'; readonly code: number; readonly message: string } | undefined {
  const { code, message } = error;
  if (typeof code !== 'number') return undefined;
  return { kind: 'error', code, message: typeof message === 'string' ? message.slice(0, 200) : '' };
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
