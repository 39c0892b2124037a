import * as v from 'valibot';
import { type ErrorCode, errorTable, isErrorCode, type TelexError } from './errors.ts';

/** Union of both documented pagination forms (telex-api.md §1.2, §6). */
export interface Pagination {
  readonly current_page: number;
  readonly page_size: number;
  readonly total_items: number;
  readonly total_pages: number;
  readonly page_count: number;
  readonly total_pages_count: number;
  /** Our own: hand it back as `cursor` for the next page; absent on the last. */
  readonly next_cursor?: string;
}

/** An error reply: both documented shapes (`errors`, `error`) and our stable `code`. */
export interface ErrorEnvelope {
  readonly status: 'error';
  readonly status_code: number;
  readonly message: string;
  readonly code: ErrorCode;
  readonly errors: readonly string[];
  readonly error: string;
  readonly request_id?: string;
}

/** Renders the error reply; `data` never carries internals. */
export function errorEnvelope(error: TelexError, requestId?: string): ErrorEnvelope {
  const errors = error.errors.length > 0 ? error.errors : [error.message];
  return {
    status: 'error',
    status_code: errorTable[error.code].status,
    message: error.message,
    code: error.code,
    errors,
    error: errors[0] ?? error.message,
    ...(requestId === undefined ? {} : { request_id: requestId }),
  };
}

const errorBody = v.looseObject({
  code: v.optional(v.unknown()),
  message: v.optional(v.unknown()),
});

/** What a client may learn of an error reply of any Telex API: our code where there is one. */
export function readErrorBody(body: unknown): {
  code: ErrorCode | undefined;
  message: string | undefined;
} {
  const parsed = v.safeParse(errorBody, body);
  if (!parsed.success) return { code: undefined, message: undefined };
  const { code, message } = parsed.output;
  return {
    code: isErrorCode(code) ? code : undefined,
    message: typeof message === 'string' ? message.slice(0, 500) : undefined,
  };
}

/**
 * Takes the payload out of a reply in any of the three documented shapes (full envelope,
 * data only, bare): `data` where it is there, else the body itself.
 */
export function replyData(body: unknown): unknown {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body;
  return 'data' in body ? body.data : body;
}
