/** A user's push channel in one organisation: `<org_id>/<user_id>` (telex-api.md §3). */
export function pushChannel(organisationId: string, userId: string): string {
  return `${organisationId}/${userId}`;
}

/** The parts of a push channel, or undefined where it is not one. */
export function readPushChannel(
  channel: string,
): { organisationId: string; userId: string } | undefined {
  const match = /^([A-Za-z0-9_-]{1,128})\/([A-Za-z0-9_-]{1,128})$/.exec(channel);
  if (match?.[1] === undefined || match[2] === undefined) return undefined;
  return { organisationId: match[1], userId: match[2] };
}

/** Where the push server's WebSocket is, on the API's own origin unless configured (§3). */
export const PUSH_PATH = '/centrifugo/connection/websocket';
/** The base path of every route in the route table (§1.1). */
export const BASE_PATH = '/api/v1';
