import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { startDelayLine } from './delay-line.ts';

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

/** A server that says everything back. */
async function start(roundTripMs: number) {
  const server: Server = createServer((socket) => socket.on('error', () => {}).pipe(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const line = await startDelayLine({ port: address.port, roundTripMs });
  open.push(
    () => server.close(),
    () => line.close(),
  );
  const dial = (): Socket => {
    const socket = connect({ port: line.port, host: '127.0.0.1' }).on('error', () => {});
    open.push(() => socket.destroy());
    return socket;
  };
  return { line, dial };
}
const closed = (socket: Socket) =>
  new Promise<void>((resolve) => socket.once('close', () => resolve()));
const answer = async (socket: Socket): Promise<string> => String((await once(socket, 'data'))[0]);

test('the first byte takes two round trips, a later one takes one', async () => {
  const { dial } = await start(60);
  const socket = dial();
  const timed = async () => {
    const startedAt = performance.now();
    socket.write('x');
    await answer(socket);
    return performance.now() - startedAt;
  };
  const first = await timed();
  const second = await timed();
  expect(first).toBeGreaterThanOrEqual(118);
  expect(second).toBeGreaterThanOrEqual(58);
  expect(second).toBeLessThan(first);
});

test('bytes keep their order, also those sent while the connection is being made', async () => {
  const { dial } = await start(20);
  const socket = dial();
  const sent = Array.from({ length: 200 }, (_, index) => `${index},`);
  for (const part of sent) {
    socket.write(part);
    if (part === '100,') await answer(socket);
  }
  let received = '';
  socket.on('data', (chunk) => {
    received += chunk;
  });
  while (!received.endsWith('199,')) await once(socket, 'data');
  expect(sent.join('')).toContain(received);
});

test('cut resets, refuse refuses, and both are over after accept', async () => {
  const { line, dial } = await start(0);
  const first = dial();
  first.write('x');
  await answer(first);
  line.cut();
  await closed(first);
  line.refuse();
  await closed(dial());
  line.accept();
  const second = dial();
  second.write('y');
  expect(await answer(second)).toBe('y');
  expect(line.connections).toBe(2);
});

test('a frozen connection stands and passes nothing; a new one works', async () => {
  const { line, dial } = await start(0);
  const frozen = dial();
  frozen.write('x');
  await answer(frozen);
  line.freeze();
  let received = 0;
  frozen.on('data', () => {
    received += 1;
  });
  frozen.write('lost');
  const fresh = dial();
  fresh.write('y');
  expect(await answer(fresh)).toBe('y');
  expect(received).toBe(0);
  expect(frozen.destroyed).toBe(false);
});
