import { connect } from 'node:net';
import { join } from 'node:path';

/** How long the running Telex Start takes to answer `status` on its control socket, in milliseconds. */
export async function statusDelayMs(controlFolder: string): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const from = performance.now();
  const socket = connect(join(controlFolder, 'start.sock'));
  socket.on('error', reject);
  socket.on('data', (chunk) => {
    if (chunk.includes(0x0a)) resolve();
  });
  socket.write('{"command":"status"}\n');
  await promise;
  socket.destroy();
  return performance.now() - from;
}
