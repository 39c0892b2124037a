import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { clockContract, marksStoreContract } from '@telex/testkit/contracts';
import { afterEach, describe, expect, test } from 'vitest';
import type { HttpRequest } from '../src/index.ts';
import { systemClock } from './clock.ts';
import { createFileMarks, createMemoryMarks } from './file-marks.ts';
import { createNodeHttp } from './http.ts';

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

clockContract('the clock of Node', () => ({ clock: systemClock, pass: (ms) => delay(ms) }));

marksStoreContract('marks in memory', async () => {
  const store = createMemoryMarks();
  return { store, reopen: () => store };
});
marksStoreContract('marks in a file', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'telex-marks-'));
  open.push(() => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, 'state', 'telex');
  return { store: createFileMarks(path), reopen: () => createFileMarks(path) };
});

describe('marks in a file', () => {
  const make = () => {
    const directory = mkdtempSync(join(tmpdir(), 'telex-marks-'));
    open.push(() => rmSync(directory, { recursive: true, force: true }));
    return directory;
  };

  test('are for the user alone, and leave no temporary file behind', async () => {
    const directory = join(make(), 'state');
    await createFileMarks(directory).save('k', { o: 1 });
    const files = readdirSync(directory);
    expect(files).toHaveLength(1);
    expect(statSync(join(directory, files[0] ?? '')).mode & 0o777).toBe(0o600);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
  });

  test.each(['', '{', '[]', 'null', '{"marks":[1]}', '{"marks":{"o":-1,"p":"x","q":1e99}}'])(
    'a damaged file (%s) is no marks and no failure',
    async (content) => {
      const directory = make();
      const store = createFileMarks(directory);
      await store.save('k', { o: 1 });
      const [file] = readdirSync(directory);
      writeFileSync(join(directory, file ?? ''), content);
      expect(await store.load('k')).toEqual({});
    },
  );

  test('a place that cannot be written rejects, and loads as empty', async () => {
    const file = join(make(), 'a file, not a folder');
    writeFileSync(file, '');
    const store = createFileMarks(join(file, 'state'));
    await expect(store.save('k', { o: 1 })).rejects.toThrow();
    expect(await store.load('k')).toEqual({});
  });
});

describe('HTTP of Node', () => {
  async function start(handler: (incoming: IncomingMessage, outgoing: ServerResponse) => void) {
    const server: Server = createServer(handler);
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const http = createNodeHttp(undefined);
    open.push(
      () => server.close(),
      () => server.closeAllConnections(),
      () => http.closeIdle(),
    );
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const request = (over: Partial<HttpRequest> = {}): HttpRequest => ({
      method: 'GET',
      url: `${url}/x`,
      headers: {},
      timeoutMs: 5_000,
      maxReplyBytes: 1_000,
      ...over,
    });
    return { server, http, url, request };
  }

  test('a connection opened ahead carries the first request, and the later ones', async () => {
    const { server, http, url, request } = await start((_incoming, outgoing) => outgoing.end('{}'));
    let accepted = 0;
    server.on('connection', () => {
      accepted += 1;
    });
    http.preconnect(url);
    http.preconnect(url);
    await new Promise((resolve) => {
      server.once('connection', resolve);
    });
    for (let count = 0; count < 3; count += 1) {
      expect(await http.send(request())).toMatchObject({ ok: true, status: 200, body: '{}' });
    }
    expect([accepted, http.connections]).toEqual([1, 1]);
  });

  test('a connection that the server has closed meanwhile is replaced without a word', async () => {
    const { server, http, request } = await start((_incoming, outgoing) => outgoing.end('{}'));
    await http.send(request());
    server.closeAllConnections();
    expect(await http.send(request({ method: 'POST', body: '{}' }))).toMatchObject({ ok: true });
  });

  test('an answer that is too long, too late or broken off is an outcome', async () => {
    const { http, request } = await start((incoming, outgoing) => {
      if (incoming.url === '/long') outgoing.end('x'.repeat(2_000));
      if (incoming.url === '/broken') {
        outgoing.writeHead(200, { 'content-length': '10' });
        outgoing.write('x', () => incoming.socket.destroy());
      }
    });
    const send = (path: string, over: Partial<HttpRequest> = {}) => {
      const { url } = request();
      return http.send(request({ url: url.replace('/x', path), ...over }));
    };
    expect(await send('/long')).toMatchObject({ ok: false, reason: 'too-large' });
    expect(await send('/broken')).toMatchObject({ ok: false, reason: 'broken' });
    expect(await send('/never', { timeoutMs: 30 })).toMatchObject({ ok: false, reason: 'timeout' });
    const abort = new AbortController();
    const pending = send('/never', { signal: abort.signal });
    abort.abort();
    expect(await pending).toMatchObject({ ok: false, reason: 'cancelled' });
    expect(await send('/never', { signal: abort.signal })).toMatchObject({ reason: 'cancelled' });
  });

  test('a redirect is not followed', async () => {
    const { http, request } = await start((_incoming, outgoing) => {
      outgoing.writeHead(302, { location: 'http://127.0.0.1:1/' }).end();
    });
    expect(await http.send(request())).toMatchObject({ ok: true, status: 302 });
  });

  test('nobody there is refused; no such host is no network', async () => {
    const { server, http, request } = await start(() => {});
    await new Promise((resolve) => {
      server.close(resolve);
    });
    expect(await http.send(request())).toMatchObject({ reason: 'refused', detail: 'ECONNREFUSED' });
    const nowhere = request({ url: 'https://telex.invalid/' });
    expect(await http.send(nowhere)).toMatchObject({ reason: 'no-network' });
  });
});
