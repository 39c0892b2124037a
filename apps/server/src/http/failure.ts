import { type ErrorCode, errorEnvelope, TelexError } from '@telex/contract';

/** What Fastify throws before a handler runs, by its code. */
const FRAMEWORK_CODES: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'body_too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_media_type',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'bad_request',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'malformed_json',
  FST_ERR_BAD_URL: 'bad_request',
  FST_ERR_ASYNC_CONSTRAINT: 'bad_request',
  FST_ERR_MAX_PARAM_LENGTH: 'malformed_id',
  FST_ERR_REOPENED_SERVER: 'unavailable',
};

/** Any thrown value as the error to answer with; what is not ours becomes a plain 500. */
export function asTelexError(thrown: unknown): TelexError {
  if (thrown instanceof TelexError) return thrown;
  const code = codeOf(thrown);
  if (code !== undefined) {
    const known = FRAMEWORK_CODES[code];
    if (known !== undefined) return new TelexError(known, undefined, { cause: thrown });
  }
  return new TelexError('server_error', undefined, { cause: thrown });
}

function codeOf(thrown: unknown): string | undefined {
  if (typeof thrown !== 'object' || thrown === null || !('code' in thrown)) return undefined;
  return typeof thrown.code === 'string' ? thrown.code : undefined;
}

export interface FailureReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Status, extra headers and body of an error reply. 429 and 503 always say when to come back. */
export function renderFailure(error: TelexError, requestId: string | undefined): FailureReply {
  const headers: Record<string, string> = {};
  if (error.status === 401) headers['www-authenticate'] = 'Bearer';
  if (error.status === 429 || error.status === 503) {
    headers['retry-after'] = String(Math.max(1, Math.ceil(error.retryAfterS ?? 1)));
  }
  return { status: error.status, headers, body: JSON.stringify(errorEnvelope(error, requestId)) };
}
