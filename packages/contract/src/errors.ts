/** One row of the error table: HTTP status, whether trying again can help, and what it means. */
export interface ErrorRow {
  readonly status: number;
  readonly retry: boolean;
  readonly meaning: string;
}

/**
 * Every error the Telex API answers with, by its stable code (`code` in the error envelope).
 * A shipped code is never reused. The statuses follow telex-api.md §1.4.
 */
export const errorTable = {
  malformed_json: { status: 400, retry: false, meaning: 'The body is not valid JSON.' },
  malformed_id: { status: 400, retry: false, meaning: 'An id in the path is not an id.' },
  bad_request: { status: 400, retry: false, meaning: 'The request cannot be read.' },
  token_missing: { status: 401, retry: false, meaning: 'No token came with the request.' },
  token_invalid: {
    status: 401,
    retry: false,
    meaning: 'The token is not one of ours or not for this route.',
  },
  token_expired: { status: 401, retry: false, meaning: 'The token has expired; refresh it.' },
  session_ended: { status: 401, retry: false, meaning: 'The session was ended; log in again.' },
  wrong_credentials: { status: 401, retry: false, meaning: 'E-mail or password is wrong.' },
  wrong_password: { status: 401, retry: false, meaning: 'The old password is wrong.' },
  refresh_invalid: {
    status: 401,
    retry: false,
    meaning: 'The refresh token is unknown, used or expired.',
  },
  forbidden: { status: 403, retry: false, meaning: 'Signed in, but not allowed.' },
  registration_off: { status: 403, retry: false, meaning: 'This server takes no registrations.' },
  channel_forbidden: {
    status: 403,
    retry: false,
    meaning: 'The push channel is not one of yours.',
  },
  not_found: {
    status: 404,
    retry: false,
    meaning: 'There is no such thing, or you cannot see it.',
  },
  no_route: { status: 404, retry: false, meaning: 'The API has no such path.' },
  method_not_allowed: {
    status: 405,
    retry: false,
    meaning: 'The path exists, but not with this method.',
  },
  idempotency_conflict: {
    status: 409,
    retry: false,
    meaning: 'The Idempotency-Key was used for a different request.',
  },
  body_too_large: { status: 413, retry: false, meaning: 'The body is over the limit.' },
  unsupported_media_type: { status: 415, retry: false, meaning: 'Send application/json.' },
  validation_failed: {
    status: 422,
    retry: false,
    meaning: 'A field is missing or has a wrong value.',
  },
  email_taken: { status: 422, retry: false, meaning: 'The e-mail address has an account.' },
  username_taken: { status: 422, retry: false, meaning: 'The username is in use.' },
  weak_password: { status: 422, retry: false, meaning: 'The password is too weak.' },
  header_too_large: { status: 431, retry: false, meaning: 'The headers are over the limit.' },
  too_many_requests: {
    status: 429,
    retry: true,
    meaning: 'Too many requests; wait for Retry-After.',
  },
  busy: {
    status: 429,
    retry: true,
    meaning: 'The server is at its limit of work of this kind; wait for Retry-After.',
  },
  server_error: {
    status: 500,
    retry: true,
    meaning: 'The server failed; its log has the request id.',
  },
  unavailable: {
    status: 503,
    retry: true,
    meaning: 'The server is starting, stopping or lacks a part it needs.',
  },
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof errorTable;

export interface TelexErrorOptions {
  /** Sentences for the user, one a fault (`errors` in the envelope). */
  readonly errors?: readonly string[];
  /** Whole seconds until trying again makes sense (`Retry-After`). */
  readonly retryAfterS?: number;
  readonly cause?: unknown;
}

/** An error of the API boundary. Callers switch on `code`, never on the text. */
export class TelexError extends Error {
  override readonly name = 'TelexError';
  readonly code: ErrorCode;
  readonly errors: readonly string[];
  readonly retryAfterS: number | undefined;

  /** @param message what happened and what to do, for people; never a token or a password. */
  constructor(
    code: ErrorCode,
    message: string = errorTable[code].meaning,
    options: TelexErrorOptions = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.errors = options.errors ?? [];
    this.retryAfterS = options.retryAfterS;
  }

  get status(): number {
    return errorTable[this.code].status;
  }
}

export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(errorTable, value);
}
