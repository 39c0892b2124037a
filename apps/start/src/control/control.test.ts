import { fork } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { connect } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { StartError } from '../errors.ts';
import { askInstance } from './client.ts';
import { type Endpoint, findEndpoint, secureFolder } from './endpoint.ts';
import { LONGEST_REQUEST } from './protocol.ts';
import { type ControlHandler, type ControlServer, openControl } from './server.ts';

let temporary: string;
let endpoint: Endpoint;
const open: ControlServer[] = [];
const place = {
  platform: process.platform,
  user: String(userInfo().uid),
  userId: userInfo().uid,
  runtimeDir: undefined,
  tempDir: '',
};

beforeEach(() => {
  temporary = mkdtempSync(join(tmpdir(), 'telex-control-'));
  endpoint = findEndpoint(place, join(temporary, 'c'));
  secureFolder(endpoint, place);
});
afterEach(() => {
  for (const server of open.splice(0)) server.close();
  rmSync(temporary, { recursive: true, force: true });
});

const echo: ControlHandler = async ({ command }) => ({ command });

async function serve(handle: ControlHandler = echo): Promise<ControlServer> {
  const server = await openControl(endpoint, handle);
  if (server === 'taken') throw new Error('another instance listens');
  open.push(server);
  return server;
}

/** Sends bytes and collects everything until the other side closes or `lines` have come. */
async function talk(bytes: string | Buffer, lines: number): Promise<string[]> {
  const socket = connect(endpoint.address);
  socket.on('error', () => {});
  socket.write(bytes);
  let got = '';
  let ended = 0;
  for await (const chunk of socket) {
    got += String(chunk);
    ended += String(chunk).split('\n').length - 1;
    if (ended >= lines) break;
  }
  socket.destroy();
  return got.split('\n').slice(0, -1);
}

describe('requests', () => {
  test('[C2] a request is answered with its result', async () => {
    await serve();
    expect(await askInstance(endpoint, { command: 'status' }, 2_000)).toEqual({
      command: 'status',
    });
  });

  test('[C2] several requests in one write are answered in order', async () => {
    await serve();
    expect(await talk('{"command":"status"}\n{"command":"logout"}\n', 2)).toEqual([
      '{"ok":true,"result":{"command":"status"}}',
      '{"ok":true,"result":{"command":"logout"}}',
    ]);
  });

  test('[C2] a typed error of the instance arrives as the same error', async () => {
    await serve(async () => {
      throw new StartError('signed_out', 'Nobody is signed in.');
    });
    await expect(askInstance(endpoint, { command: 'test' }, 2_000)).rejects.toMatchObject({
      code: 'signed_out',
      message: 'Nobody is signed in.',
    });
  });

  test('[C2] a mistake of the instance tells nothing of its inside', async () => {
    await serve(async () => {
      throw new Error('secret inside');
    });
    await expect(askInstance(endpoint, { command: 'test' }, 2_000)).rejects.toMatchObject({
      code: 'internal',
      message: 'Telex Start made a mistake; please report it.',
    });
  });

  test.each([
    ['', 'malformed_request'],
    ['not json', 'malformed_request'],
    ['[]', 'malformed_request'],
    ['{"command":7}', 'malformed_request'],
    ['{"command":"format"}', 'unknown_request'],
    ['{"command":"__proto__"}', 'unknown_request'],
    ['{"command":"login","email":"a@b","password":7}', 'bad_request'],
    ['{"command":"login","email":"a@b"}', 'bad_request'],
    ['{"command":"status","extra":1}', 'bad_request'],
  ])('[C2] the line %j gets the error %s', async (line, code) => {
    await serve();
    const [answer] = await talk(`${line}\n`, 1);
    expect(JSON.parse(answer ?? '')).toMatchObject({ ok: false, error: { code } });
  });

  test('[C6] no error repeats a password, wherever it stands in a line', async () => {
    await serve();
    for (const line of [
      '{"command":"login","email":"a@b","password":"hunter2","x":"hunter2"}',
      '{"command":"login","email":["hunter2"],"password":"x"}',
      '{"command":"hunter2"}',
      'hunter2',
    ]) {
      expect((await talk(`${line}\n`, 1)).join()).not.toContain('hunter2');
    }
  });

  test('[C2] a line without an end is broken off with an error', async () => {
    await serve();
    const [answer] = await talk('x'.repeat(LONGEST_REQUEST + 1), 1);
    expect(JSON.parse(answer ?? '')).toMatchObject({ error: { code: 'request_too_long' } });
  });

  test('[C2] 3,000 random lines get one answer each and the server lives on', async () => {
    const seed = Number(process.env.TELEX_SEED ?? Math.floor(Math.random() * 2 ** 31));
    console.log(`control lines: seed ${seed} (TELEX_SEED repeats it)`);
    await serve();
    const line = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.json(),
      fc.json().map((json) => `{"command":"login","email":${json},"password":${json}}`),
      fc.json().map((json) => `{"command":${json}}`),
    );
    const lines = fc
      .sample(line, { seed, numRuns: 3_000 })
      .map((text) => text.replaceAll('\n', ' '));
    const answers = await talk(lines.map((text) => `${text}\n`).join(''), lines.length);
    expect(answers).toHaveLength(lines.length);
    for (const answer of answers) expect(JSON.parse(answer)).toHaveProperty('ok');
    expect(await askInstance(endpoint, { command: 'status' }, 2_000)).toEqual({
      command: 'status',
    });
  });
});

describe('one instance', () => {
  test('[C3] a second start finds the first', async () => {
    await serve();
    expect(await openControl(endpoint, echo)).toBe('taken');
  });

  test('[C3] of twelve starts at once on a stale socket exactly one runs', async () => {
    await leaveStaleSocket();
    const starts = await Promise.all(Array.from({ length: 12 }, () => openControl(endpoint, echo)));
    const running = starts.filter((start) => start !== 'taken');
    open.push(...running);
    expect(running).toHaveLength(1);
    expect(await askInstance(endpoint, { command: 'status' }, 2_000)).toEqual({
      command: 'status',
    });
  });

  test('[C4] a socket whose owner was killed is replaced', async () => {
    await leaveStaleSocket();
    await serve();
    expect(await askInstance(endpoint, { command: 'status' }, 2_000)).toEqual({
      command: 'status',
    });
  });

  test('[C4] what is no socket is left alone', async () => {
    writeFileSync(endpoint.address, 'precious');
    await expect(openControl(endpoint, echo)).rejects.toMatchObject({ code: 'unusable_folder' });
    expect(existsSync(endpoint.address)).toBe(true);
  });

  test('closing takes the socket away, and then nobody is running', async () => {
    const server = await serve();
    server.close();
    server.close();
    await expect(askInstance(endpoint, { command: 'status' }, 2_000)).rejects.toMatchObject({
      code: 'not_running',
      exitCode: 3,
    });
  });
});

describe('the folder', () => {
  test('[C1] folder and socket are open to the user alone', async () => {
    await serve();
    expect(statSync(endpoint.folder ?? '').mode & 0o777).toBe(0o700);
    expect(statSync(endpoint.address).mode & 0o777).toBe(0o600);
  });

  test('[C1] a folder that others can enter, a link, a stranger’s folder and a file are refused', () => {
    const refusal = (chosen: string, who = place) =>
      expect(() => secureFolder(findEndpoint(who, join(temporary, chosen)), who));
    mkdirSync(join(temporary, 'open'));
    chmodSync(join(temporary, 'open'), 0o755);
    refusal('open').toThrow('other users can enter it');
    symlinkSync(join(temporary, 'c'), join(temporary, 'link'));
    refusal('link').toThrow('it is no folder');
    refusal('c', { ...place, userId: place.userId + 1 }).toThrow('it belongs to another user');
    writeFileSync(join(temporary, 'file'), '');
    refusal('file').toThrow('cannot be made (EEXIST)');
  });

  test('[C1] the usual place is the runtime folder, else one in the temporary folder', () => {
    const at = (runtimeDir: string | undefined) =>
      findEndpoint({ ...place, user: '1000', runtimeDir, tempDir: '/tmp' }, undefined).folder;
    expect(at('/run/user/1000')).toBe('/run/user/1000/telex');
    expect(at(undefined)).toBe('/tmp/telex-1000');
  });

  test('a path too long for a socket is refused with a way out', () => {
    expect(() => findEndpoint(place, `/${'x'.repeat(120)}`)).toThrow('Choose a shorter one');
  });
});

/** A socket file without an owner, as SIGKILL leaves it. */
async function leaveStaleSocket(): Promise<void> {
  const script = join(temporary, 'listen.mjs');
  writeFileSync(
    script,
    `import { createServer } from 'node:net';
     createServer().listen(process.argv[2], () => process.send('listening'));`,
  );
  const child = fork(script, [endpoint.address]);
  await once(child, 'message');
  child.kill('SIGKILL');
  await once(child, 'exit');
}
