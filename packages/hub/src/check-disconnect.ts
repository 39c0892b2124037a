import type { Disconnect } from './codes.ts';
import { HubError } from './hub-error.ts';

const REASON_BYTES = 123;

/**
 * A close that every client understands: the code a whole number from 3000 to 4999, the reason plain text.
 *
 * @throws HubError `badRequest` when a client would ignore or misread it
 */
export function checkDisconnect({ code, reason }: Disconnect): Disconnect {
  if (!Number.isInteger(code) || code < 3000 || code > 4999) {
    throw new HubError('badRequest', 'a close code is a whole number from 3000 to 4999');
  }
  if (reason === '' || isJson(reason) || new TextEncoder().encode(reason).length > REASON_BYTES) {
    throw new HubError(
      'badRequest',
      'a close reason is plain text of 1 to 123 bytes that is not JSON',
    );
  }
  return { code, reason };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
