import { readFileSync } from 'node:fs';
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { text } from 'node:stream/consumers';
import {
  BASE_PATH,
  type BodyInput,
  fillPath,
  parse,
  parseJson,
  type Reply,
  type Route,
  type RouteName,
  type RouteParameters,
  replyData,
  routes,
} from '@telex/contract';

/** An API reply as it came: for tests that look at statuses and bodies. */
export interface RawReply {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: unknown;
}

export interface CallOptions<Name extends RouteName> {
  readonly params?: RouteParameters<Name>;
  readonly body?: BodyInput<Name>;
  /** Bearer access token. */
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Appended as it is: `?limit=2`. */
  readonly query?: string;
}

/** Calls a Telex API over kept-alive connections, as a test or a benchmark needs it. */
export interface ApiCaller {
  /** Any status is an outcome; a lost connection rejects. */
  raw<Name extends RouteName>(name: Name, options?: CallOptions<Name>): Promise<RawReply>;
  /** The validated `data` of a success; anything else rejects with status and code. */
  call<Name extends RouteName>(name: Name, options?: CallOptions<Name>): Promise<Reply<Name>>;
  close(): void;
}

/** @param caFile PEM file of the server's CA; null for plain HTTP or a public certificate. */
export function createApiCaller(url: string, caFile: string | null): ApiCaller {
  const base = new URL(url);
  const secure = base.protocol === 'https:';
  const agent = secure
    ? new HttpsAgent({ keepAlive: true, ...(caFile === null ? {} : { ca: readFileSync(caFile) }) })
    : new HttpAgent({ keepAlive: true });
  const send = secure ? httpsRequest : httpRequest;

  const raw: ApiCaller['raw'] = async (name, options = {}) => {
    const route: Route = routes[name];
    const path = fillPath(route.path, {
      ...(options.params as Record<string, string> | undefined),
    });
    const payload = options.body === undefined ? undefined : JSON.stringify(options.body);
    const target = new URL(`${BASE_PATH}${path}${options.query ?? ''}`, base);
    const headers: Record<string, string | number> = { ...options.headers };
    if (options.token !== undefined) headers.authorization = `Bearer ${options.token}`;
    if (payload !== undefined) {
      headers['content-type'] = 'application/json';
      headers['content-length'] = Buffer.byteLength(payload);
    }
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      send(target, { method: route.method, headers, agent }, resolve)
        .on('error', reject)
        .end(payload);
    });
    const parsed = parseJson(await text(response));
    return {
      status: response.statusCode ?? 0,
      headers: response.headers,
      body: parsed.ok ? parsed.value : undefined,
    };
  };

  const call: ApiCaller['call'] = async (name, options) => {
    const { status, body } = await raw(name, options);
    const schema = (routes[name] as Route).reply;
    if (status >= 300) throw new Error(`${name} answered ${status}: ${JSON.stringify(body)}`);
    if (schema === undefined) return undefined as never;
    const parsed = parse(schema, replyData(body));
    if (!parsed.ok)
      throw new Error(`${name} answered a wrong shape: ${JSON.stringify(parsed.faults)}`);
    return parsed.value as never;
  };

  return { raw, call, close: () => agent.destroy() };
}
