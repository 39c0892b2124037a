import { answerApi, type ErrorMode } from '../api/index.ts';
import { HubError, type HubOptions } from '../src/index.ts';
import { type FakeHub, fakeHub } from './fake-hub.ts';

/** A hub on fake time with its API. */
export interface ApiRig extends FakeHub {
  /** What was told to the host as a failure. */
  readonly failures: unknown[];
  ask(
    method: string,
    body: object | string,
    mode?: ErrorMode,
  ): { status: number; type: string; text: string };
  /** The body of an answer with status 200. */
  call(method: string, body?: object | string): unknown;
  /** The code of the error it is answered with. */
  code(method: string, body?: object | string): number | undefined;
}

export function apiRig(options: Partial<HubOptions> = {}): ApiRig {
  const fake = fakeHub(options);
  const failures: unknown[] = [];
  const host = {
    hub: fake.hub,
    node: () => ({ uid: 'u1', name: 'n1', version: '0.1.0', uptimeS: 7 }),
    failed: (error: unknown) => {
      if (!(error instanceof HubError)) failures.push(error);
    },
  };
  const ask: ApiRig['ask'] = (method, body, mode = 'body') =>
    answerApi(host, method, typeof body === 'string' ? body : JSON.stringify(body), mode);
  const call: ApiRig['call'] = (method, body = {}) => {
    const { status, text } = ask(method, body);
    if (status !== 200) throw new Error(`${method} was answered ${status} ${text}`);
    return JSON.parse(text);
  };
  return {
    ...fake,
    failures,
    ask,
    call,
    code: (method, body) =>
      (call(method, body) as { readonly error?: { readonly code: number } }).error?.code,
  };
}
