import { type ErrorName, errors, HubError } from '../src/index.ts';
import type { ApiHost } from './method.ts';

/** HTTP statuses of the error mode `transport` (centrifugo.md §11); what is not named is 500. */
const statuses: Partial<Record<ErrorName, number>> = {
  unknownChannel: 404,
  methodNotFound: 404,
  badRequest: 400,
  notAvailable: 400,
  unrecoverablePosition: 416,
};

/** The error of the API that a fault is told as; what is no HubError is told as internal. */
function nameOf(fault: unknown): ErrorName {
  return fault instanceof HubError ? fault.code : 'internal';
}

/** `{"code":107,"message":"bad request"}` */
export function errorObject(fault: unknown, host: Pick<ApiHost, 'failed'>): string {
  if (!(fault instanceof HubError)) host.failed(fault);
  const { code, message } = errors[nameOf(fault)];
  return JSON.stringify({ code, message });
}

export function errorStatus(fault: unknown): number {
  return statuses[nameOf(fault)] ?? 500;
}
