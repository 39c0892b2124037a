import { chmodSync, lstatSync, mkdirSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { StartError, systemCode } from '../errors.ts';
import { isAnswering } from './client.ts';
import type { Endpoint } from './endpoint.ts';
import { createLineReader } from './line-reader.ts';
import {
  type ControlRequest,
  errorLine,
  LONGEST_REQUEST,
  readRequest,
  replyLine,
} from './protocol.ts';

const MOST_CONNECTIONS = 16;
const IDLE_LIMIT_MS = 30_000;
/** Starting up takes much less; a lock that is older was left by a start that died. */
const LOCK_LIMIT_MS = 5_000;
const ATTEMPTS = 100;

/** Answers a request with what the reply holds; throws `StartError` for an error reply. */
export type ControlHandler = (request: ControlRequest) => Promise<unknown>;

export interface ControlServer {
  /** Idempotent; takes the socket file away. */
  close(): void;
}

/**
 * Listens on the endpoint, or finds that another instance does (C3). A socket whose owner has died is replaced (C4).
 */
export async function openControl(
  endpoint: Endpoint,
  handle: ControlHandler,
): Promise<ControlServer | 'taken'> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const server = await listen(endpoint, handle);
    if (server !== 'in-use') return server;
    if (await isAnswering(endpoint)) return 'taken';
    await removeStale(endpoint);
  }
  throw new StartError(
    'unusable_folder',
    `The control socket ${endpoint.address} can neither be used nor replaced. Remove it and start again.`,
  );
}

async function listen(
  endpoint: Endpoint,
  handle: ControlHandler,
): Promise<ControlServer | 'in-use'> {
  const server = createServer((socket) => serve(socket, handle));
  server.maxConnections = MOST_CONNECTIONS;
  const { promise, resolve, reject } = Promise.withResolvers<'listening' | 'in-use'>();
  server.once('listening', () => resolve('listening'));
  server.once('error', (error) =>
    systemCode(error) === 'EADDRINUSE' ? resolve('in-use') : reject(cannotListen(endpoint, error)),
  );
  // The socket file gets its mode by the mask; the folder keeps others out already.
  const mask = endpoint.folder === undefined ? undefined : process.umask(0o177);
  try {
    server.listen(endpoint.address);
  } finally {
    if (mask !== undefined) process.umask(mask);
  }
  if ((await promise) === 'in-use') return 'in-use';
  server.on('error', () => {});
  if (endpoint.folder !== undefined) chmodSync(endpoint.address, 0o600);
  return { close: closerOf(server) };
}

function closerOf(server: Server): () => void {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  return () => {
    server.close();
    // What has been answered still leaves; what has not is broken off.
    for (const socket of sockets) socket.destroySoon();
  };
}

function serve(socket: Socket, handle: ControlHandler): void {
  const reader = createLineReader(LONGEST_REQUEST);
  let queue = Promise.resolve();
  socket.setTimeout(IDLE_LIMIT_MS, () => socket.destroy());
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => {
    const { lines, tooLong } = reader.push(chunk);
    for (const line of lines) {
      queue = queue.then(async () => {
        const answer = await answerTo(line, handle);
        if (!socket.destroyed) socket.write(answer);
      });
    }
    if (tooLong) {
      socket.pause();
      const error = new StartError('request_too_long', 'The request is longer than 16 KiB.');
      queue = queue.then(() => void socket.end(errorLine(error)));
    }
  });
}

async function answerTo(line: string, handle: ControlHandler): Promise<string> {
  try {
    return replyLine(await handle(readRequest(line)));
  } catch (error) {
    if (error instanceof StartError) return errorLine(error);
    return errorLine(new StartError('internal', 'Telex Start made a mistake; please report it.'));
  }
}

/**
 * Removes a socket file that nobody answers on. Of several starts at once only the holder of the lock folder does it, after
 * looking again: a living socket is never removed.
 */
async function removeStale(endpoint: Endpoint): Promise<void> {
  const lock = `${endpoint.address}.lock`;
  if (!takeLock(lock)) {
    await delay(20);
    return;
  }
  try {
    const stats = lstatSync(endpoint.address, { throwIfNoEntry: false });
    if (stats?.isSocket() && !(await isAnswering(endpoint))) rmSync(endpoint.address);
  } finally {
    rmdirSync(lock);
  }
}

function takeLock(lock: string): boolean {
  try {
    mkdirSync(lock, { mode: 0o700 });
    return true;
  } catch {
    dropOldLock(lock);
    return false;
  }
}

function dropOldLock(lock: string): void {
  try {
    if (Date.now() - statSync(lock).mtimeMs > LOCK_LIMIT_MS) rmdirSync(lock);
  } catch {
    // Somebody else was faster.
  }
}

function cannotListen(endpoint: Endpoint, error: unknown): StartError {
  return new StartError(
    'unusable_folder',
    `The control socket ${endpoint.address} cannot be opened (${systemCode(error) ?? 'unknown fault'}).`,
    error,
  );
}
