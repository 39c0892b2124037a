import type { GenericSchema } from 'valibot';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/**
 * Who may call a route. `none`: anyone. `access`: bearer access token. `push`: a push-token route,
 * by `X-Notification-Token` or by a bearer access token (telex-api.md §6).
 */
export type Auth = 'none' | 'access' | 'push';

/** One route: the single source for handlers, validation, client types and OpenAPI. */
export interface Route {
  readonly method: Method;
  /** Relative to `BASE_PATH`; `{name}` is a parameter, always an id or a slug. */
  readonly path: string;
  readonly auth: Auth;
  readonly tag: string;
  readonly summary: string;
  /** Where it is documented, or `own` for a route of ours. */
  readonly source: string;
  readonly query?: GenericSchema;
  readonly body?: GenericSchema;
  /** Schema of `data` in the reply; none: an envelope without data. */
  readonly reply?: GenericSchema;
  /** Status of a success. */
  readonly status: 200 | 201 | 204;
  /** Key under which the documentation shows the payload bare; sent beside `data`. */
  readonly bare?: readonly string[];
  /** Takes an `Idempotency-Key` header. */
  readonly idempotent?: true;
  readonly paged?: true;
}

/** Names of the parameters in a route path. */
export function pathParameters(path: string): string[] {
  return [...path.matchAll(/\{([A-Za-z_]+)\}/g)].map((match) => match[1] ?? '');
}

/** Fills a route path; values are percent-encoded. */
export function fillPath(path: string, parameters: Readonly<Record<string, string>>): string {
  return path.replace(/\{([A-Za-z_]+)\}/g, (_whole, key: string) => {
    const value = parameters[key];
    if (value === undefined) throw new RangeError(`the path ${path} needs ${key}`);
    return encodeURIComponent(value);
  });
}
