import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterEach, expect, test } from 'vitest';
import { beforeHttp } from './before-http.ts';

const TAKEN = 'mine';
const psk = Buffer.alloc(16, 7);
const shared = { ciphers: 'PSK+HIGH', maxVersion: 'TLSv1.2' } as const;
const opened: (() => void)[] = [];

afterEach(() => {
  for (const close of opened.splice(0)) close();
});

const answer: RequestListener = (request, response) => {
  let body = '';
  request.setEncoding('utf8').on('data', (chunk: string) => {
    body += chunk;
  });
  request.on('end', () => response.end(`<${request.url} ${body}>`));
};

/** A server whose connections are taken when they begin with a certain word. */
async function open(isTls: boolean) {
  const server: Server = isTls
    ? createTlsServer({ ...shared, pskCallback: () => psk }, answer)
    : createServer(answer);
  const giveBack = beforeHttp(server, (socket, chunk) => {
    if (!chunk.toString().startsWith(TAKEN)) return false;
    socket.end('taken');
    return true;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  opened.push(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return { server, giveBack, dial: () => dial(port, isTls) };
}

async function dial(port: number, isTls: boolean): Promise<Socket> {
  const socket = isTls
    ? connectTls({
        ...shared,
        port,
        host: '127.0.0.1',
        pskCallback: () => ({ psk, identity: 'test' }),
        checkServerIdentity: () => undefined,
      })
    : connect(port, '127.0.0.1');
  opened.push(() => socket.destroy());
  await once(socket, isTls ? 'secureConnect' : 'connect');
  return socket;
}

/** What a socket reads until this stands in it. */
async function until(socket: Socket, text: string): Promise<string> {
  let read = '';
  while (!read.includes(text)) read += String((await once(socket, 'data'))[0]);
  return read;
}

for (const isTls of [false, true]) {
  const name = isTls ? 'over TLS' : 'without TLS';

  test(`[HB76] ${name} a connection that is wanted is taken`, async () => {
    const { dial } = await open(isTls);
    const socket = await dial();
    socket.write(TAKEN);
    expect(await until(socket, 'taken')).toBe('taken');
  });

  test(`[HB76] ${name} requests are answered as ever: several on one connection, in pieces, with a body`, async () => {
    const { dial } = await open(isTls);
    const socket = await dial();
    socket.write('GET /1 HTTP/1.1\r\nHost: a\r\n\r\n');
    expect(await until(socket, '</1 >')).toContain('200 OK');
    socket.write('POST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nabc');
    socket.write('def');
    expect(await until(socket, '</2 abcdef>')).toContain('200 OK');
    const other = (await dial()).setNoDelay();
    other.write('GET /3 HT');
    // Another answer in between, so that the rest comes by itself.
    socket.write('GET /4 HTTP/1.1\r\nHost: a\r\n\r\n');
    await until(socket, '</4 >');
    other.write('TP/1.1\r\nHost: a\r\n\r\n');
    expect(await until(other, '</3 >')).toContain('200 OK');
  });
}

test('[HB76] nonsense is answered by the HTTP server', async () => {
  const { dial } = await open(false);
  const socket = await dial();
  socket.write('nonsense\r\n\r\n');
  expect(await until(socket, '\r\n\r\n')).toContain('400 Bad Request');
});

test('[HB76] a connection that says nothing is ended when a head should long have come, and as soon as the client ends', async () => {
  const { server, dial } = await open(false);
  server.headersTimeout = 100;
  const silent = await dial();
  await once(silent.resume(), 'close');
  server.headersTimeout = 60_000;
  const ending = await dial();
  ending.end();
  await once(ending.resume(), 'close');
});

test('[HB76] given back, the server serves old and new connections itself', async () => {
  const { server, giveBack, dial } = await open(false);
  const old = await dial();
  await expect.poll(() => countOf(server)).toBe(1);
  giveBack();
  giveBack();
  for (const socket of [old, await dial()]) {
    socket.write(`${TAKEN}\r\n\r\n`);
    expect(await until(socket, '\r\n\r\n')).toContain('400 Bad Request');
  }
});

async function countOf(server: Server): Promise<number> {
  return await new Promise((resolve) => server.getConnections((_, count) => resolve(count)));
}
