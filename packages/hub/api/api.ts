import { batch } from './batch.ts';
import { errorObject, errorStatus } from './errors.ts';
import { Fields, Undecodable } from './fields.ts';
import type { ApiHost, Method } from './method.ts';
import { methods } from './methods.ts';

/** `transport`: errors are HTTP statuses; else they stand in a body of status 200. */
export type ErrorMode = 'body' | 'transport';

export interface ApiAnswer {
  readonly status: number;
  readonly type: 'application/json' | 'text/plain; charset=utf-8';
  readonly text: string;
}

const all: ReadonlyMap<string, Method> = new Map<string, Method>([
  ...Object.entries(methods),
  ['batch', batch],
]);

const UNDECODABLE: ApiAnswer = text(400, 'Bad Request\n');

/** The names that a request may have in its path. */
export const methodNames: readonly string[] = [...all.keys()];

/**
 * Answers one request of the server API (centrifugo.md §11).
 *
 * @param method one of `methodNames`; any other is 404
 * @param body JSON text; nothing at all counts as `{}`
 */
export function answerApi(
  host: ApiHost,
  method: string,
  body: string,
  errorMode: ErrorMode,
): ApiAnswer {
  const read = all.get(method);
  if (read === undefined) return text(404, `There is no method ${JSON.stringify(method)}.\n`);
  try {
    const fields = new Fields(body.trim() === '' ? '{}' : body);
    return json(200, `{"result":${read(fields, host)()}}`);
  } catch (fault) {
    if (fault instanceof Undecodable) return UNDECODABLE;
    const error = errorObject(fault, host);
    return errorMode === 'transport'
      ? json(errorStatus(fault), error)
      : json(200, `{"error":${error}}`);
  }
}

function json(status: number, body: string): ApiAnswer {
  return { status, type: 'application/json', text: body };
}

function text(status: number, body: string): ApiAnswer {
  return { status, type: 'text/plain; charset=utf-8', text: body };
}
