// The end of a Telex Start process: within a second, by each way to ask for it, whatever it hangs on.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type FakeTelex,
  launchStart,
  type StartProcess,
  startDelayLine,
  startFakeTelex,
} from '@telex/testkit';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { MAIN, telexStart } from './command.ts';
import { expectQuickEnd, wayNames } from './exits.ts';

const PUSHES = 1_000;
const credentials = { email: 'ann@example.org', password: 'hunter2' };

let stateDir: string;
const closing: (() => unknown)[] = [];
function setUp(): void {
  stateDir = mkdtempSync(join(tmpdir(), 'telex-exit-'));
  closing.push(() => rmSync(stateDir, { recursive: true, force: true }));
}
async function tearDown(): Promise<void> {
  for (const close of closing.splice(0).reverse()) await close();
}
// The end of a first run of all would write Node's compile cache: that is not what is measured.
beforeAll(async () => {
  setUp();
  const telex = await openFake();
  const start = await startAt(telex.url);
  await start.live();
  await start.stop();
  await tearDown();
}, 30_000);
beforeEach(setUp);
afterEach(tearDown);

async function startAt(server: string): Promise<StartProcess> {
  const start = await launchStart({ server, caFile: null, credentials, stateDir });
  closing.push(() => start.kill());
  return start;
}

async function openFake(): Promise<FakeTelex> {
  const telex = await startFakeTelex();
  closing.push(() => telex.close());
  return telex;
}

let sent = 0;
function pushMany(telex: FakeTelex): void {
  for (let number = 0; number < PUSHES; number += 1) {
    sent += 1;
    telex.publish('org-1/user-1', {
      notification_id: `n-${sent}`,
      notification_type: 'unread_thread_change',
      section: 'channels_section',
      data: { name: 'general', text_preview: 'x'.repeat(280), thread_id: `t-${sent}` },
    });
  }
}

/** A server that takes connections and never says a word. */
async function openSilent(): Promise<{ readonly url: string; readonly reached: Promise<void> }> {
  const reached = Promise.withResolvers<void>();
  const sockets = new Set<{ destroy(): void }>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('data', () => reached.resolve());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return { url: `http://127.0.0.1:${port}`, reached: reached.promise };
}

describe.each(wayNames)('by %s', (way) => {
  test('[C5] with nobody signed in', async () => {
    const telex = await openFake();
    telex.answer('POST /auth/login', { status: 401, body: { code: 'wrong_credentials' } });
    const start = await startAt(telex.url);
    await start.until(() => start.output().includes('Sign in with: telex-start login'));
    await expectQuickEnd(start, stateDir, way);
  });

  test('[C5] while the server takes the connection and never answers', async () => {
    const { url, reached } = await openSilent();
    const start = await startAt(url);
    await reached;
    await expectQuickEnd(start, stateDir, way);
  });

  test('[C5] live, when the server no longer answers the logout', async () => {
    const telex = await openFake();
    telex.answer('POST /auth/logout', { hang: true });
    const start = await startAt(telex.url);
    await start.live();
    await expectQuickEnd(start, stateDir, way);
    expect(telex.requests.map(({ route }) => route)).toContain('POST /auth/logout');
  });

  test('[C5] live over a link that has silently died', async () => {
    const telex = await openFake();
    const line = await startDelayLine({ port: telex.port });
    closing.push(() => line.close());
    const start = await startAt(`http://127.0.0.1:${line.port}`);
    await start.live();
    line.freeze();
    line.stall();
    await expectQuickEnd(start, stateDir, way);
  });

  test('[C5] offline, while it waits for its next try', async () => {
    const telex = await openFake();
    const line = await startDelayLine({ port: telex.port });
    closing.push(() => line.close());
    const start = await startAt(`http://127.0.0.1:${line.port}`);
    await start.live();
    line.refuse();
    await start.until(() => start.reports.some(({ state }) => state === 'offline'));
    await expectQuickEnd(start, stateDir, way);
  });

  test('[C5] with 1,000 pushes under way', async () => {
    const telex = await openFake();
    const start = await startAt(telex.url);
    await start.live();
    pushMany(telex);
    await start.until(() => start.reports.some(({ kind }) => kind === 'decision'));
    // In the same turn as the end is asked for: none of these has been dealt with.
    pushMany(telex);
    await expectQuickEnd(start, stateDir, way);
  });
});

test('[C5] it ends although nobody reads what it prints any more', async () => {
  const telex = await openFake();
  const start = await startAt(telex.url);
  await start.live();
  start.stopReading();
  pushMany(telex);
  await expectQuickEnd(start, stateDir, 'SIGTERM');
});

test('[C3] of twenty starts at once one runs, and each of the others finds it and ends with 0', async () => {
  const telex = await openFake();
  const words = ['run', '--desktop', 'terminal', '--server', telex.url];
  words.push('--control', stateDir, '--state', stateDir);
  const starts = Array.from({ length: 20 }, () => startQuietly(words));
  closing.push(() => {
    for (const { child } of starts) child.kill('SIGKILL');
  });
  const left = new Set(starts);
  await new Promise<void>((resolve) => {
    for (const start of starts) {
      start.child.once('close', () => {
        left.delete(start);
        if (left.size === 1) resolve();
      });
    }
  });
  const [running] = left;
  const status = await telexStart(['status', '--json', '--control', stateDir]);
  expect(JSON.parse(status.stdout).result.pid).toBe(running?.child.pid);
  for (const { child, output } of starts.filter((start) => start !== running)) {
    expect(child.exitCode).toBe(0);
    expect(output()).toContain('Telex Start is already running');
  }
}, 60_000);

interface Quiet {
  readonly child: ChildProcess;
  readonly output: () => string;
}

function startQuietly(words: readonly string[]): Quiet {
  const child = spawn(process.execPath, [MAIN, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
  let kept = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      kept += chunk;
    });
  }
  return { child, output: () => kept };
}
