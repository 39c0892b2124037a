import type { IncomingMessage } from 'node:http';

/** Whether a page of this origin came from the host that the request is for. */
export function isOwnOrigin(origin: string, { headers }: IncomingMessage): boolean {
  try {
    return new URL(origin).host === headers.host?.toLowerCase();
  } catch {
    return false;
  }
}
