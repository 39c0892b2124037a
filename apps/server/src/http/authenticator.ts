import type { IncomingHttpHeaders } from 'node:http';
import { type Auth, type ErrorCode, TelexError } from '@telex/contract';
import type { Caller } from './handler.ts';

export type TokenUse = 'access' | 'notification';

export type TokenCheck =
  | { readonly ok: true; readonly caller: Caller }
  | {
      readonly ok: false;
      readonly code: Extract<ErrorCode, 'token_invalid' | 'token_expired' | 'session_ended'>;
    };

/** Port: says whose token it is. */
export interface Authenticator {
  check(token: string, use: TokenUse): TokenCheck;
}

const BEARER = /^Bearer +([^\s]+) *$/i;
const ADVICE = {
  token_invalid: 'The token is not valid here; log in again.',
  token_expired: 'The token has expired; refresh it or log in again.',
  session_ended: 'The session was ended; log in again.',
} as const;

/**
 * Whose request it is, by the route's kind: `access` takes a bearer access token; `push` takes
 * `X-Notification-Token` or a bearer access token. Throws the 401 of the first thing wrong.
 */
export function authenticate(
  authenticator: Authenticator,
  auth: Auth,
  headers: IncomingHttpHeaders,
): Caller | undefined {
  if (auth === 'none') return undefined;
  const notification = auth === 'push' ? headers['x-notification-token'] : undefined;
  if (typeof notification === 'string' && notification !== '') {
    return accept(authenticator.check(notification, 'notification'));
  }
  const authorization = headers.authorization;
  if (authorization === undefined || authorization === '') {
    throw new TelexError(
      'token_missing',
      auth === 'push'
        ? 'Send X-Notification-Token, or Authorization: Bearer with an access token.'
        : 'Send Authorization: Bearer with an access token.',
    );
  }
  const token = BEARER.exec(authorization)?.[1];
  if (token === undefined) {
    throw new TelexError('token_invalid', 'The Authorization header must be: Bearer <token>.');
  }
  return accept(authenticator.check(token, 'access'));
}

function accept(check: TokenCheck): Caller {
  if (check.ok) return check.caller;
  throw new TelexError(check.code, ADVICE[check.code]);
}
