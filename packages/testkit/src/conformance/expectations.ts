import assert from 'node:assert/strict';
import type { JsonObject } from './json.ts';
import type { Closed, ProtocolClient } from './protocol-client.ts';

const messages: Readonly<Record<number, string>> = {
  100: 'internal server error',
  101: 'unauthorized',
  102: 'unknown channel',
  103: 'permission denied',
  104: 'method not found',
  105: 'already subscribed',
  106: 'limit exceeded',
  107: 'bad request',
  108: 'not available',
  109: 'token expired',
  110: 'expired',
  111: 'too many requests',
  112: 'unrecoverable position',
};
const temporary = new Set([100, 111]);

/** What a client is told when a command fails. */
export function failure(id: unknown, code: number): JsonObject {
  const error = { code, message: messages[code] };
  return { id, error: temporary.has(code) ? { ...error, temporary: true } : error };
}

/** Reasons of the closes that a push server decides on itself. */
const reasons: Readonly<Record<number, string>> = {
  3000: 'connection closed',
  3001: 'shutdown',
  3004: 'internal server error',
  3005: 'connection expired',
  3006: 'subscription expired',
  3008: 'slow',
  3010: 'insufficient state',
  3012: 'no pong',
  3500: 'invalid token',
  3501: 'bad request',
  3502: 'stale',
  3503: 'force disconnect',
  3504: 'connection limit',
  3505: 'channel limit',
  3507: 'permission denied',
  3508: 'not available',
};

/** Waits for the close and holds it to code and reason. */
export async function closesWith(
  client: ProtocolClient,
  code: number,
  withinMs?: number,
): Promise<Closed> {
  const closed = await client.closed(withinMs);
  const came = client.received.map(({ text }) => text).join('\n');
  assert.equal(closed.code, code, `closed ${closed.code} ${closed.reason} after\n${came}`);
  if (reasons[code] !== undefined) assert.equal(closed.reason, reasons[code]);
  return closed;
}

/** Nothing came that was not taken, and the client is still served: answers keep their order. */
export async function staysSilent(client: ProtocolClient): Promise<void> {
  const id = 2_000_000_000;
  client.send({ id, unsubscribe: { channel: 'nobody/subscribed' } });
  assert.deepEqual(await client.next('reply of a client that is served'), { id, unsubscribe: {} });
}

/** Content of the push of one publication; `offset` undefined: the channel has no history. */
export function publication(data: unknown, offset?: number): JsonObject {
  return { pub: offset === undefined ? { data } : { data, offset } };
}
