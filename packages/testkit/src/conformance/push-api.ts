import { at, isJsonObject, type JsonObject } from './json.ts';

export interface ApiReply {
  readonly status: number;
  readonly text: string;
  /** What the body holds; undefined when that is no JSON object. */
  readonly body: JsonObject | undefined;
}

/** The HTTP API of a push server. */
export interface PushApi {
  /** POST with the API key; whatever is answered. `params` may be text, to send what is no JSON. */
  call(method: string, params: JsonObject | string, more?: RequestInit): Promise<ApiReply>;
  /** The result; throws when there is none. */
  result(method: string, params: JsonObject): Promise<JsonObject>;
  /** The error's code; throws when there is none. */
  errorCode(method: string, params: JsonObject): Promise<number>;
  publish(channel: string, data: unknown, more?: JsonObject): Promise<JsonObject>;
}

const DEADLINE_MS = 5_000;

export function createPushApi(apiUrl: string, apiKey: string): PushApi {
  const call: PushApi['call'] = async (method, params, more = {}) => {
    const response = await fetch(`${apiUrl}/${method}`, {
      method: 'POST',
      body: typeof params === 'string' ? params : JSON.stringify(params),
      signal: AbortSignal.timeout(DEADLINE_MS),
      ...more,
      headers: { 'x-api-key': apiKey, 'content-type': 'application/json', ...more.headers },
    });
    const text = await response.text();
    return { status: response.status, text, body: readBody(text) };
  };
  const result: PushApi['result'] = async (method, params) => {
    const reply = await call(method, params);
    const found = at(reply.body, 'result');
    if (reply.status === 200 && isJsonObject(found)) return found;
    throw new Error(`${method} gave no result: ${reply.status} ${reply.text}`);
  };
  return {
    call,
    result,
    errorCode: async (method, params) => {
      const reply = await call(method, params);
      const code = at(reply.body, 'error.code');
      if (reply.status === 200 && typeof code === 'number') return code;
      throw new Error(`${method} gave no error: ${reply.status} ${reply.text}`);
    },
    publish: (channel, data, more = {}) => result('publish', { channel, data, ...more }),
  };
}

function readBody(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
