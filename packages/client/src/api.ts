import {
  BASE_PATH,
  type BodyInput,
  type ErrorCode,
  faultSentence,
  fillPath,
  parse,
  parseJson,
  type Reply,
  type Route,
  type RouteName,
  readErrorBody,
  replyData,
  routes,
} from '@telex/contract';
import { type Fault, type FaultCode, makeFault } from './faults.ts';
import type { Clock, Http, HttpFailure, HttpReply } from './ports.ts';

/** Largest reply taken. */
const MAX_REPLY_BYTES = 8 * 1024 * 1024;
const TIMEOUT_MS = 10_000;
/** Longest `Retry-After` believed. */
const MAX_WAIT_MS = 3_600_000;

/** How a request proves who sends it. */
export type Credential =
  | { readonly kind: 'none' }
  | { readonly kind: 'bearer'; readonly token: string }
  | { readonly kind: 'notification'; readonly token: string };

export interface ApiRequest<Name extends RouteName> {
  readonly credential: Credential;
  readonly parameters?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: BodyInput<Name>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}

export type ApiOutcome<T> =
  | { readonly ok: true; readonly value: T }
  | {
      readonly ok: false;
      readonly fault: Fault;
      /** HTTP status; 0 where no reply came. */
      readonly status: number;
      readonly code: ErrorCode | undefined;
    };

export interface ApiClient {
  /** Calls one route; never rejects. */
  request<Name extends RouteName>(
    name: Name,
    request: ApiRequest<Name>,
  ): Promise<ApiOutcome<Reply<Name>>>;
}

const failureFaults = {
  'no-network': 'no_network',
  refused: 'unreachable',
  'untrusted-certificate': 'untrusted_certificate',
  timeout: 'timeout',
  cancelled: 'cancelled',
  'too-large': 'bad_reply',
  broken: 'unreachable',
} as const satisfies Record<HttpFailure, FaultCode>;

/** @param origin of the API, without a path. */
export function createApiClient(
  http: Http,
  clock: Clock,
  origin: string,
  program: string,
): ApiClient {
  return {
    async request(name, request) {
      const route: Route = routes[name];
      const reply = await http.send({
        method: route.method,
        url: `${origin}${BASE_PATH}${fillPath(route.path, request.parameters ?? {})}${queryOf(request.query)}`,
        headers: {
          accept: 'application/json',
          'user-agent': program,
          ...credentialHeader(request.credential),
          ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
          ...request.headers,
        },
        ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
        ...(request.signal === undefined ? {} : { signal: request.signal }),
        timeoutMs: request.timeoutMs ?? TIMEOUT_MS,
        maxReplyBytes: MAX_REPLY_BYTES,
      });
      return readReply(route, reply, clock) as ApiOutcome<Reply<typeof name>>;
    },
  };
}

function credentialHeader(credential: Credential): Record<string, string> {
  if (credential.kind === 'bearer') return { authorization: `Bearer ${credential.token}` };
  if (credential.kind === 'notification') return { 'x-notification-token': credential.token };
  return {};
}

function queryOf(query: Readonly<Record<string, string>> | undefined): string {
  const pairs = Object.entries(query ?? {});
  if (pairs.length === 0) return '';
  return `?${pairs.map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`).join('&')}`;
}

function readReply(route: Route, reply: HttpReply, clock: Clock): ApiOutcome<unknown> {
  if (!reply.ok) {
    return refusal(makeFault(failureFaults[reply.reason], { detail: reply.detail }), 0);
  }
  const json = parseJson(reply.body);
  if (reply.status < 200 || reply.status >= 300) {
    const { code } = readErrorBody(json.ok ? json.value : undefined);
    return refusal(faultOfStatus(reply, code, clock), reply.status, code);
  }
  if (route.reply === undefined) return { ok: true, value: undefined };
  const where = `${route.method} ${route.path}`;
  if (!json.ok)
    return refusal(
      makeFault('not_telex', { detail: `${where}: the reply is not JSON` }),
      reply.status,
    );
  const parsed = parse(route.reply, replyData(json.value));
  if (parsed.ok) return { ok: true, value: parsed.value };
  const detail = `${where}: ${faultSentence(parsed.faults[0])}`;
  return refusal(makeFault('bad_reply', { detail }), reply.status);
}

function refusal(fault: Fault, status: number, code?: ErrorCode): ApiOutcome<never> {
  return { ok: false, fault, status, code };
}

function faultOfStatus(
  reply: Extract<HttpReply, { ok: true }>,
  code: ErrorCode | undefined,
  clock: Clock,
): Fault {
  const detail = code === undefined ? `HTTP ${reply.status}` : `HTTP ${reply.status} ${code}`;
  const waitMs = readRetryAfter(reply.header('retry-after'), clock);
  const more = waitMs === undefined ? { detail } : { detail, waitMs };
  return makeFault(codeOfStatus(reply.status), more);
}

function codeOfStatus(status: number): FaultCode {
  if (status === 401) return 'expired';
  if (status === 403) return 'forbidden';
  if (status === 404 || status === 405) return 'not_offered';
  if (status === 429) return 'too_many_tries';
  if (status === 502 || status === 503 || status === 504) return 'unavailable';
  if (status >= 500) return 'server_error';
  return status < 400 ? 'not_telex' : 'rejected';
}

/** `Retry-After`: whole seconds or an HTTP date. */
function readRetryAfter(value: string | undefined, clock: Clock): number | undefined {
  if (value === undefined) return undefined;
  const waitMs = /^\d{1,9}$/.test(value)
    ? Number(value) * 1000
    : parseHttpDate(value) - clock.unixMs();
  if (!Number.isFinite(waitMs) || waitMs <= 0) return undefined;
  return Math.min(waitMs, MAX_WAIT_MS);
}

function parseHttpDate(value: string): number {
  // biome-ignore lint/style/noRestrictedGlobals: only parses the server's date, reads no clock.
  return Date.parse(value);
}
