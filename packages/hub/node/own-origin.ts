import type { UpgradeRequest } from './read-handshake.ts';

/** Whether a page of this origin came from the host that the request is for. */
export function isOwnOrigin(origin: string, { headers }: UpgradeRequest): boolean {
  try {
    return new URL(origin).host === headers.host?.toLowerCase();
  } catch {
    return false;
  }
}
