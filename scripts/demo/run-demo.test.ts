import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test, vi } from 'vitest';
import { DemoError } from './demo-error.ts';
import { type Demo, runDemo } from './run-demo.ts';

const programs = {
  server: new URL('test/fake-server.ts', import.meta.url),
  start: new URL('test/fake-start.ts', import.meta.url),
};
const folders: string[] = [];

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'telex-demo-test-'));
  folders.push(made);
  return made;
}

async function tryDemo(fault: string): Promise<{ demo: Demo; lines: string[] }> {
  vi.stubEnv('FAKE', fault);
  const dataDir = folder();
  const lines: string[] = [];
  const print = (line: string) => lines.push(line);
  const { signal } = new AbortController();
  const controlDir = join(dataDir, 'control');
  const setup = { programs, dataDir, controlDir, port: 0, push: 'hub', print, signal } as const;
  return { demo: await runDemo(setup), lines };
}

async function refusal(fault: string): Promise<DemoError> {
  const error: unknown = await tryDemo(fault).then(
    () => undefined,
    (reason) => reason,
  );
  if (error instanceof DemoError) return error;
  throw error ?? new Error('the demo should have failed');
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A process that ended but was not collected yet still has a number.
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

afterEach(() => {
  vi.unstubAllEnvs();
  for (const made of folders.splice(0)) rmSync(made, { recursive: true, force: true });
});

test('the demo starts both programs, posts, and measures until the notification was shown', async () => {
  const { demo, lines } = await tryDemo('');
  await demo.close();
  expect(demo.shown.messageId).toBe(demo.posted.messageId);
  expect(demo.shown.shownAtMs).toBeGreaterThan(demo.posted.sentAtMs - 1);
  expect(demo.posted.acceptedAtMs).toBeGreaterThanOrEqual(demo.posted.sentAtMs);
  expect(lines).toContain('  │ signing in as ada@demo.test');
  expect(lines.at(-1)).toBe('  │ Grace: Hello! This is your first Telex notification.');
});

test('a server that refuses to start is reported with its own reason', async () => {
  const error = await refusal('port-taken');
  expect(error).toMatchObject({
    hop: 'server',
    code: 'port_taken',
    message: 'Port 8443 is in use by another program.',
  });
});

test('a server that dies is reported with its exit code and the end of its log', async () => {
  const error = await refusal('server-dies');
  expect(error).toMatchObject({ hop: 'server', message: 'it ended by itself (7)' });
  expect(error.log).toContain('something broke');
});

test('a Telex Start that dies is reported with the end of its log', async () => {
  const error = await refusal('start-dies');
  expect(error).toMatchObject({ hop: 'start', message: 'it ended by itself (9)' });
  expect(error.log).toContain('no luck today');
});

test("a refused post is reported with the server's sentence", async () => {
  const error = await refusal('post-refused');
  expect(error.hop).toBe('post');
  expect(error.message).toBe('the server answered 403: You are not a member.');
});

test.runIf(process.platform === 'linux')(
  'when the demo itself is killed, its programs end too',
  async () => {
    const runner = fileURLToPath(new URL('test/run-fakes.ts', import.meta.url));
    const child = spawn(process.execPath, [runner, folder()], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let pid = 0;
    for await (const line of createInterface({ input: child.stdout })) {
      pid = Number(/my process is (\d+)/.exec(line)?.[1] ?? pid);
      if (line === 'up') break;
    }
    expect(isRunning(pid)).toBe(true);
    child.kill('SIGKILL');
    await once(child, 'exit');
    await vi.waitFor(() => expect(isRunning(pid)).toBe(false), { timeout: 5_000, interval: 20 });
  },
);
