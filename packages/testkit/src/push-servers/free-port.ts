import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

const TRIES = 10;
const BETWEEN_MS = 100;
const TAKEN = /address already in use|EADDRINUSE/i;

/** A port of 127.0.0.1 that nobody listens on at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/**
 * Between choosing a port and listening on it somebody else can take it: starts again as long as that is what the failure
 * says, on another port unless one is given.
 */
export async function startOnPort<Started>(
  start: (port: number) => Promise<Started>,
  port?: number,
): Promise<Started> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await start(port ?? (await freePort()));
    } catch (error) {
      if (tries === TRIES || !TAKEN.test(String(error))) throw error;
      await delay(BETWEEN_MS);
    }
  }
}
