import type { IncomingHttpHeaders } from 'node:http';

/** What the dialog's page is served by. */
export type LoginRoute = 'open' | 'sign-in' | 'wait' | 'leave';

/** The part of a request that is looked at before its body is read. */
export interface RequestHead {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly headers: IncomingHttpHeaders;
  /** Every value of each header. */
  readonly headersDistinct: NodeJS.Dict<string[]>;
}

/** Longest body, in bytes. */
export const LONGEST_BODY = 4_096;

const routes: Readonly<Record<string, LoginRoute>> = {
  'POST /open': 'open',
  'POST /sign-in': 'sign-in',
  'POST /wait': 'wait',
  'POST /leave': 'leave',
};

/**
 * Which route a request may use, or the status it is refused with, without a body (L3). What another page, another host name
 * (DNS rebinding) or a plain form could send ends here.
 */
export function guardRequest(head: RequestHead, port: number): LoginRoute | 403 | 404 | 413 | 415 {
  const host = `127.0.0.1:${port}`;
  if (!isExactly(head, 'host', host)) return 403;
  const key = `${head.method} ${head.url}`;
  const route = Object.hasOwn(routes, key) ? routes[key] : undefined;
  if (route === undefined) return 404;
  // The opening file has no origin of its own; what its secret is worth is checked with its body.
  if (!isExactly(head, 'origin', route === 'open' ? 'null' : `http://${host}`)) return 403;
  const wanted = route === 'open' ? 'application/x-www-form-urlencoded' : 'application/json';
  if (!isExactly(head, 'content-type', wanted)) return 415;
  if (Number(head.headers['content-length'] ?? 0) > LONGEST_BODY) return 413;
  return route;
}

function isExactly({ headersDistinct }: RequestHead, name: string, wanted: string): boolean {
  const values = headersDistinct[name];
  return values?.length === 1 && values[0] === wanted;
}
