import type { Route } from '@telex/contract';

/** Free text, which no client may switch on. */
const DEFAULT_MESSAGE = 'OK';

interface Success {
  readonly data?: unknown;
  readonly pagination?: unknown;
  readonly message?: string;
}

/**
 * The full envelope as text, with the documented bare keys beside `data`
 * (telex-api.md §6, "envelope"; `GET /profile` has the status under both spellings).
 */
export function renderSuccess(route: Route, status: number, success: Success): string {
  const envelope: Record<string, unknown> = {
    status: 'success',
    status_code: status,
    message: success.message ?? DEFAULT_MESSAGE,
  };
  if (route.path === '/profile') envelope.statusCode = status;
  if (success.data !== undefined) envelope.data = success.data;
  if (success.pagination !== undefined) envelope.pagination = success.pagination;
  if (route.bare !== undefined && isRecord(success.data)) {
    for (const key of route.bare) envelope[key] = success.data[key];
  }
  return JSON.stringify(envelope);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
