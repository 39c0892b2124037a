import { connect, type Socket } from 'node:net';
import { StartError, systemCode } from '../errors.ts';
import type { Endpoint } from './endpoint.ts';
import { createLineReader } from './line-reader.ts';
import { type ControlRequest, LONGEST_REPLY, readReply } from './protocol.ts';

const CONNECT_LIMIT_MS = 2_000;

/** Whether an instance listens there. Anything but a plain "nobody" counts as yes, so that nothing living is removed. */
export async function isAnswering(endpoint: Endpoint): Promise<boolean> {
  try {
    (await open(endpoint)).destroy();
    return true;
  } catch (error) {
    const code = systemCode(error);
    return code !== 'ECONNREFUSED' && code !== 'ENOENT' && code !== 'ENOTSOCK';
  }
}

/**
 * Sends one request to the running instance and gives its result. Throws `StartError`: `not_running`, `no_answer`, or what
 * the instance answered.
 */
export async function askInstance(
  endpoint: Endpoint,
  request: ControlRequest,
  limitMs: number,
): Promise<unknown> {
  const socket = await open(endpoint).catch((error: unknown) => {
    throw notRunning(error);
  });
  try {
    return readReply(await exchange(socket, `${JSON.stringify(request)}\n`, limitMs));
  } finally {
    socket.destroy();
  }
}

function open({ address }: Endpoint): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const socket = connect(address);
  socket.setTimeout(CONNECT_LIMIT_MS, () => socket.destroy(new Error('no answer')));
  socket.once('error', reject);
  socket.once('connect', () => {
    socket.setTimeout(0);
    resolve(socket);
  });
  return promise;
}

function exchange(socket: Socket, line: string, limitMs: number): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const reader = createLineReader(LONGEST_REPLY);
  const fail = () =>
    reject(new StartError('no_answer', 'The running Telex Start did not answer in time.'));
  const timer = setTimeout(fail, limitMs);
  socket.on('data', (chunk) => {
    const { lines, tooLong } = reader.push(chunk);
    if (lines[0] !== undefined) resolve(lines[0]);
    else if (tooLong) fail();
  });
  socket.once('error', fail);
  socket.once('close', fail);
  socket.write(line);
  return promise.finally(() => clearTimeout(timer));
}

function notRunning(error: unknown): StartError {
  const code = systemCode(error);
  return code === 'ECONNREFUSED' || code === 'ENOENT'
    ? new StartError(
        'not_running',
        'Telex Start is not running. Start it with: telex-start run',
        error,
      )
    : new StartError(
        'no_answer',
        `The running Telex Start cannot be reached (${code ?? 'no answer'}).`,
        error,
      );
}
