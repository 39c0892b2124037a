// Telex Start as a process, against a real server process or a scripted one.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type ApiCaller,
  chooseSeed,
  createApiCaller,
  launchServer,
  launchStart,
  type ServerProcess,
  type ServerReady,
  type StartProcess,
  seededRandom,
  startFakeTelex,
} from '@telex/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { MAIN, telexStart } from './command.ts';

/** Also where the one who runs the tests has a desktop. */
const inTerminal = ['--desktop', 'terminal'];

let folder: string;
const starts: StartProcess[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'telex-start-'));
});
afterEach(async () => {
  for (const start of starts.splice(0)) await start.kill();
  rmSync(folder, { recursive: true, force: true });
});

describe('with a real server', () => {
  let dataDir: string;
  let server: ServerProcess;
  let accounts: ServerReady['demo'];
  let api: ApiCaller;
  let author: string;
  beforeAll(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'telex-start-server-'));
    server = await launchServer({ dataDir, demo: true });
    accounts = server.ready.demo;
    api = createApiCaller(server.ready.url, server.ready.ca_file);
    author = await tokenOf(demo().accounts[1]);
  });
  afterAll(async () => {
    api.close();
    await server.stop();
    rmSync(dataDir, { recursive: true });
  });

  const demo = () => {
    if (accounts === undefined) throw new Error('the server has no demo accounts');
    return accounts;
  };
  const tokenOf = async (account: { readonly email: string; readonly password: string }) => {
    const { email, password } = account;
    return (await api.call('login', { body: { email, password } })).access_token;
  };
  const launch = async (password = demo().accounts[0].password) => {
    const start = await launchStart({
      server: server.ready.url,
      caFile: server.ready.ca_file,
      credentials: { email: demo().accounts[0].email, password },
      stateDir: join(folder, 's'),
    });
    starts.push(start);
    return start;
  };
  const control = () => ['--control', join(folder, 's')];
  const post = (content: string, threadId?: string) =>
    api.call('postMessage', {
      params: { channel_id: demo().channel.id },
      token: author,
      body: { content, ...(threadId === undefined ? {} : { thread_id: threadId }) },
    });
  const told = (start: StartProcess, id: string) =>
    start.reports.filter((line) => line.kind === 'notification' && line.message_id === id).length;

  test('a posted message is printed with organisation, channel, author and text', async () => {
    const start = await launch();
    await start.live();
    const message = await post('lunch is \u001b[31mready');
    await start.shown([message.id], 10_000);
    const { organisation, channel } = demo();
    const printed = `● ${organisation.name} › ${channel.name}\n         Grace Demo: lunch is [31mready`;
    await waitFor(() => start.output().includes(printed));
  });

  test('one’s own message is not shown', async () => {
    const start = await launch();
    await start.live();
    const params = { channel_id: demo().channel.id };
    const token = await tokenOf(demo().accounts[0]);
    const own = await api.call('postMessage', { params, token, body: { content: 'mine' } });
    const other = await post('theirs');
    await start.shown([other.id], 10_000);
    expect(told(start, own.id)).toBe(0);
  });

  test('a wrong password is told as one, and a command signs in after it', async () => {
    const start = await launch('not the password');
    await waitFor(() => start.output().includes('Sign in with: telex-start login'));
    expect(start.output()).toContain('The e-mail address or the password is wrong.');
    const [account] = demo().accounts;
    const wrong = await telexStart(['login', ...control(), '--email', account.email], 'nope\n');
    expect(wrong).toMatchObject({ code: 4 });
    expect(wrong.stderr).toContain('The e-mail address or the password is wrong.');
    const login = await telexStart(
      ['login', ...control()],
      `${account.email}\n${account.password}\n`,
    );
    expect(login).toMatchObject({ code: 0 });
    expect(login.stdout).toContain('Live: notifications from Telex demo arrive.');
  });

  test('status, test, logout and a second start work on the running one', async () => {
    const start = await launch();
    await start.live();
    const status = await telexStart(['status', '--json', ...control()]);
    expect(JSON.parse(status.stdout)).toMatchObject({
      ok: true,
      result: { state: 'live', pid: start.pid, user: { email: demo().accounts[0].email } },
    });
    const tried = await telexStart(['test', '--json', ...control()]);
    const { result } = JSON.parse(tried.stdout);
    expect(result).toMatchObject({ arrived: true });
    expect(result.hops.map(({ hop }: { hop: string }) => hop)).toEqual([
      'accepted',
      'stored',
      'published',
      'received',
      'shown',
    ]);
    const words = ['run', ...inTerminal, '--server', server.ready.url, ...control()];
    const second = await telexStart(words);
    expect(second).toMatchObject({ code: 0 });
    expect(second.stdout).toContain('Telex Start is already running');
    expect(await telexStart(['logout', ...control()])).toMatchObject({
      code: 0,
      stdout: 'You are signed out.\n',
    });
    for (const command of ['status', 'reconnect']) {
      expect(await telexStart([command, ...control()])).toMatchObject({
        code: 4,
        stdout: expect.stringContaining('Sign in with: telex-start login'),
      });
    }
    expect(await telexStart(['test', ...control()])).toMatchObject({ code: 4 });
  });

  test('[C7] a pause is asked for, asked about and ended by command', async () => {
    const start = await launch();
    await start.live();
    const pause = (...words: string[]) => telexStart(['pause', ...words, ...control()]);
    const none = { code: 0, stdout: expect.stringContaining('Notifications are not paused.') };
    expect(await pause()).toMatchObject(none);
    expect((await pause('30m')).stdout).toMatch(
      /^Notifications are paused until (tomorrow )?\d\d:\d\d\.\n$/,
    );
    expect((await pause()).stdout).toMatch(
      /^Notifications are paused until (tomorrow )?\d\d:\d\d\. End that/,
    );
    expect(await pause('for ever')).toMatchObject({ code: 2, stdout: '' });
    const json = JSON.parse((await pause('off', '--json')).stdout);
    expect(json).toMatchObject({ ok: true, result: { quiet: [] } });
    expect(await pause()).toMatchObject(none);
  });

  test('a message read elsewhere and messages of a time away end in one honest summary', async () => {
    const first = await launch();
    await first.live();
    const seen = await post('before');
    await first.shown([seen.id], 10_000);
    await first.stop();
    const away = [await post('one'), await post('two'), await post('three')];
    const reader = await tokenOf(demo().accounts[0]);
    const read = away[0];
    await api.call('markRead', {
      params: { thread_id: read?.thread_id ?? '' },
      token: reader,
      body: {},
    });
    const second = await launch();
    await waitFor(() => second.output().includes('while you were away'));
    expect(second.output()).toContain('2 unread in 1 channel');
    expect(told(second, seen.id)).toBe(0);
  });

  test('[N15] after SIGKILL and a new login nothing is shown a second time', async () => {
    const first = await launch();
    await first.live();
    const opening = await post('opening');
    await first.shown([opening.id], 10_000);
    const ids = [opening.id];
    for (let number = 0; number < 20; number += 1) {
      ids.push((await post(`reply ${number}`, opening.thread_id)).id);
    }
    await first.kill();
    while (ids.length < 25) ids.push((await post('after', opening.thread_id)).id);
    const second = await launch();
    await second.live();
    const last = await post('the end');
    await second.shown([last.id], 10_000);
    for (const id of ids) expect(told(first, id) + told(second, id)).toBeLessThanOrEqual(1);
    await waitFor(() => /unread in 1 channel .*while you were away/.test(second.output()));
  });

  test('[J1][N15] killed at random moments under load, each message is shown at most once and told at least once', async () => {
    const seed = chooseSeed();
    console.log(`kills of Telex Start: seed ${seed} (TELEX_SEED repeats it)`);
    const random = seededRandom(seed);
    const ids: string[] = [];
    // The very first start begins at what is newest; from its end on nothing may be missed.
    const runs = [await launch()];
    await runs[0]?.live();
    await runs[0]?.stop();
    for (let round = 0; round < 5; round += 1) {
      const start = await launch();
      runs.push(start);
      await start.live();
      const kill = delay(random() * 300).then(() => start.kill());
      const thread = await post('opening');
      ids.push(thread.id);
      for (let number = 0; number < 15; number += 1) {
        const isReply = random() < 0.7;
        ids.push((await post(`${number}`, isReply ? thread.thread_id : undefined)).id);
        await delay(random() * 25);
      }
      await kill;
    }
    const end = await launch();
    runs.push(end);
    await end.live();
    await end.shown([(await post('the end')).id], 10_000);
    const lines = runs.flatMap(({ reports }) => reports);
    for (const id of ids) {
      const mine = lines.filter((line) => line.message_id === id);
      expect(mine.filter(({ kind }) => kind === 'notification').length, id).toBeLessThanOrEqual(1);
      expect(mine.length, id).toBeGreaterThanOrEqual(1);
    }
  });

  test('a server that is killed and comes back loses nothing and doubles nothing', async () => {
    const start = await launch();
    await start.live();
    const opening = await post('before the kill');
    await start.shown([opening.id], 10_000);
    await server.kill();
    await waitFor(() => start.output().includes('Offline: '));
    const { port } = new URL(server.ready.url);
    // Without `demo`, which would give the accounts new passwords and end their sessions.
    server = await launchServer({ dataDir, port: Number(port) });
    api.close();
    api = createApiCaller(server.ready.url, server.ready.ca_file);
    author = await tokenOf(demo().accounts[1]);
    const posted = [await post('one'), await post('two'), await post('three')];
    const back = (): boolean => start.reports.filter(({ kind }) => kind === 'caught-up').length > 1;
    await waitFor(back);
    const last = await post('the end', opening.thread_id);
    await start.shown([last.id], 10_000);
    for (const { id } of posted) {
      const decisions = start.reports.filter(
        (line) => line.kind === 'decision' && line.message_id === id,
      );
      expect(decisions.length, `decisions on ${id}`).toBeGreaterThanOrEqual(1);
      expect(told(start, id)).toBeLessThanOrEqual(1);
    }
    expect(told(start, opening.id)).toBe(1);
  });

  test('changed elsewhere, the password ends the session here, with the reason', async () => {
    const start = await launch();
    await start.live();
    const [account] = demo().accounts;
    const change = async (old_password: string, new_password: string) => {
      const token = await tokenOf({ ...account, password: old_password });
      await api.call('changePassword', { token, body: { old_password, new_password } });
    };
    await change(account.password, 'Another-Passw0rd');
    try {
      await waitFor(() => start.output().includes('Sign in with: telex-start login'));
      expect(start.output()).toMatch(/Your session (has expired|was ended)/);
    } finally {
      await change('Another-Passw0rd', account.password);
    }
  });

  test('[C6] no file and no output holds the password or a token', async () => {
    const start = await launch();
    await start.live();
    const message = await post('secret text');
    await start.shown([message.id], 10_000);
    const output = start.output();
    await start.stop();
    const state = join(folder, 's');
    const files = readdirSync(state).map((name) => readFileSync(join(state, name), 'utf8'));
    expect(files.length).toBeGreaterThanOrEqual(2);
    for (const content of [output, ...files, JSON.stringify(start.reports)]) {
      expect(content).not.toContain(demo().accounts[0].password);
      expect(content).not.toMatch(/eyJ[\w-]+\.[\w-]+\.[\w-]+/);
    }
    for (const content of files) expect(content).not.toContain('secret text');
  });
});

describe('with a server that does odd things', () => {
  test.each(['exit command', 'SIGTERM'])(
    '[C5] %s ends it within a second while the login hangs',
    async (way) => {
      const telex = await startFakeTelex();
      telex.answer('POST /auth/login', { hang: true });
      const stateDir = join(folder, 's');
      const start = await launchStart({
        server: telex.url,
        caFile: null,
        credentials: { email: 'ann@example.org', password: 'hunter2' },
        stateDir,
      });
      starts.push(start);
      await telex.until(() => telex.requests.some(({ route }) => route === 'POST /auth/login'));
      const from = performance.now();
      if (way === 'SIGTERM') {
        expect(await start.stop()).toBe(0);
        expect(performance.now() - from).toBeLessThan(1_000);
      } else {
        expect(await telexStart(['exit', '--control', stateDir])).toMatchObject({ code: 0 });
        const asked = performance.now();
        await waitFor(() => isGone(start.pid));
        expect(performance.now() - asked).toBeLessThan(1_000);
      }
      await telex.close();
    },
  );

  test('[C4] after SIGKILL a new start takes over the socket', async () => {
    const telex = await startFakeTelex();
    const options = {
      server: telex.url,
      caFile: null,
      credentials: { email: 'ann@example.org', password: 'hunter2' },
      stateDir: join(folder, 's'),
    };
    const first = await launchStart(options);
    starts.push(first);
    await first.live();
    await first.kill();
    const second = await launchStart(options);
    starts.push(second);
    await second.live();
    const status = await telexStart(['status', '--json', '--control', options.stateDir]);
    expect(JSON.parse(status.stdout).result.pid).toBe(second.pid);
    await telex.close();
  });

  test('an untrusted certificate is told as one', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'telex-start-server-'));
    const server = await launchServer({ dataDir, demo: true });
    const start = await launchStart({
      server: server.ready.url,
      caFile: null,
      credentials: { email: 'ann@example.org', password: 'hunter2' },
      stateDir: join(folder, 's'),
    });
    starts.push(start);
    await waitFor(() => start.output().includes('The certificate of the server is not trusted.'));
    await server.stop();
    rmSync(dataDir, { recursive: true });
  });
});

test('a reader of the output that has gone does not end it', async () => {
  const telex = await startFakeTelex();
  const stateDir = join(folder, 's');
  const folders = ['--control', stateDir, '--state', stateDir];
  const words = ['run', ...inTerminal, '--server', telex.url, ...folders];
  const child = spawn(process.execPath, [MAIN, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  child.stderr.destroy();
  const status = async () => (await telexStart(['status', '--control', stateDir])).code;
  await expect.poll(status, { timeout: 10_000 }).toBe(4);
  const account = 'ann@example.org\nhunter2\n';
  expect(await telexStart(['login', '--control', stateDir], account)).toMatchObject({ code: 0 });
  expect(await telexStart(['exit', '--control', stateDir])).toMatchObject({ code: 0 });
  if (child.exitCode === null) await once(child, 'exit');
  expect(child.exitCode).toBe(0);
  await telex.close();
});

describe('the command line', () => {
  test('commands without a running instance say so', async () => {
    for (const command of ['status', 'logout', 'test', 'exit', 'login']) {
      expect(await telexStart([command, '--control', join(folder, 'none')])).toEqual({
        code: 3,
        stdout: '',
        stderr: 'Telex Start is not running. Start it with: telex-start run\n',
      });
    }
    const json = await telexStart(['status', '--json', '--control', join(folder, 'none')]);
    expect(JSON.parse(json.stdout)).toMatchObject({ ok: false, error: { code: 'not_running' } });
  });

  test('[C1] a control folder of everybody is refused', async () => {
    const open = join(folder, 'open');
    mkdirSync(open, { mode: 0o755 });
    const ran = await telexStart([
      'run',
      ...inTerminal,
      '--server',
      'https://127.0.0.1:9',
      '--control',
      open,
    ]);
    expect(ran).toMatchObject({ code: 1 });
    expect(ran.stderr).toContain('is not safe: other users can enter it');
  });

  test.each([
    [['--nonsense'], 'telex-start run has no flag --nonsense.'],
    [['--server', 'nonsense'], 'The server address is no web address.'],
    [
      ['--server', 'https://a', '--ca', '/nowhere.pem'],
      'The certificate file /nowhere.pem cannot be used (ENOENT).',
    ],
    [
      ['--server', 'https://a', '--credentials-fd', '77'],
      '--credentials-fd 77 is no descriptor that can be read from.',
    ],
    [
      ['--server', 'https://a', '--report-fd', '77'],
      '--report-fd 77 is no descriptor that can be written to.',
    ],
  ])('run %j says what is wrong and ends with 2', async (words, sentence) => {
    const ran = await telexStart(['run', ...inTerminal, '--control', join(folder, 's'), ...words]);
    expect(ran.stderr).toContain(sentence);
    expect(ran.code).toBe(2);
  });

  test('a broken credentials pipe is told without its content', async () => {
    const child: ChildProcess = spawn(
      process.execPath,
      [
        MAIN,
        'run',
        ...inTerminal,
        '--server',
        'https://a',
        '--control',
        join(folder, 's'),
        '--credentials-fd',
        '3',
      ],
      { stdio: ['ignore', 'ignore', 'pipe', 'pipe'] },
    );
    (child.stdio[3] as NodeJS.WritableStream).end('{"email":"ann","pass":"hunter2"}\n');
    const stderr = text(child.stderr as NodeJS.ReadableStream);
    await once(child, 'exit');
    expect(child.exitCode).toBe(2);
    expect(await stderr).toContain('password is required');
    expect(await stderr).not.toContain('hunter2');
  });
});

function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
}

async function waitFor(isSo: () => boolean): Promise<void> {
  await expect.poll(isSo, { timeout: 15_000, interval: 10 }).toBe(true);
}
