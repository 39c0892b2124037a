import { type ChildProcess, spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { createApiCaller, launchServer, type ServerProcess } from '@telex/testkit';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

const MAIN = fileURLToPath(new URL('main.mjs', import.meta.url));
let dataDir = '';
const servers: ServerProcess[] = [];
const children: ChildProcess[] = [];

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'telex-main-'));
});
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await rm(dataDir, { recursive: true, force: true });
});

async function launch(options: Partial<Parameters<typeof launchServer>[0]> = {}) {
  const server = await launchServer({ dataDir, ...options });
  servers.push(server);
  return server;
}

/** Runs to the end; what came out on each of stdout, stderr and descriptor 3. */
async function runToEnd(flags: readonly string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [MAIN, ...flags], {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  children.push(child);
  const [out, err, told, [code]] = await Promise.all([
    text(child.stdio[1] as Readable),
    text(child.stdio[2] as Readable),
    text(child.stdio[3] as Readable),
    once(child, 'exit'),
  ]);
  return { out, err, told, code };
}

describe('telex-server', () => {
  it('shows every setting with --help, and its version', async () => {
    const help = await runToEnd(['--help']);
    expect([help.code, help.err]).toEqual([0, '']);
    expect(help.out).toContain('--trusted-proxies');
    expect((await runToEnd(['--version'])).out).toMatch(/^telex-server \d+\.\d+\.\d+\n$/);
  });

  it('writes a configuration of Centrifugo, and says what is missing where it was not asked to', async () => {
    const settings = ['--data', dataDir, '--port', '0', '--push', 'centrifugo'];
    const before = await runToEnd([...settings, '--log-level', 'silent']);
    expect([before.code, before.err]).toEqual([1, expect.stringContaining('centrifugo-config')]);
    const written = await runToEnd(['centrifugo-config', '--data', dataDir]);
    expect([written.code, written.err]).toEqual([0, '']);
    expect((await stat(join(dataDir, 'centrifugo.json'))).mode & 0o777).toBe(0o600);
    const shown = await runToEnd(['centrifugo-config', '--data', dataDir, '--out', '-']);
    expect(JSON.parse(shown.out)).toEqual(
      JSON.parse(await readFile(join(dataDir, 'centrifugo.json'), 'utf8')),
    );
    const wrong = await runToEnd(['centrifugo-config', '--redis', 'x', '--port', 'y']);
    expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining('--redis must be')]);
    const unknown = await runToEnd(['centrifugo-config', '--nonsense']);
    expect([unknown.code, unknown.err]).toEqual([2, expect.stringContaining('--nonsense')]);
    const help = await runToEnd(['centrifugo-config', '--help']);
    expect([help.code, help.out]).toEqual([0, expect.stringContaining('--redis-password-file')]);
  });

  it('lists all faults of its settings and ends with 2', async () => {
    const flags = ['--port', 'x', '--nonsense', '--ready-fd', '3'];
    const { code, err, told } = await runToEnd(flags, { TELEX_LOG_LEVEL: 'loud' });
    expect(code).toBe(2);
    expect(err.trim().split('\n')).toEqual([
      '--nonsense is not a setting; --help lists them all.',
      '--port must be a whole number from 0 to 65535.',
      'TELEX_LOG_LEVEL must be one of debug, info, warn, error, silent.',
    ]);
    expect(JSON.parse(told)).toMatchObject({ ready: false, code: 'settings' });
  });

  it('says which port is taken and what to do', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const flags = ['--data', dataDir, '--port', String(port), '--ready-fd', '3'];
    const { code, told, err } = await runToEnd(flags);
    other.close();
    expect(code).toBe(1);
    const line = JSON.parse(told);
    expect(line).toMatchObject({ ready: false, code: 'port_taken' });
    expect(line.message).toContain(`Port ${port} on 127.0.0.1 is taken`);
    expect(err).not.toMatch(/\n\s+at /);
  });

  it('refuses a data directory that another server uses, until that one is gone', async () => {
    const first = await launch();
    const flags = ['--data', dataDir, '--port', '0', '--ready-fd', '3'];
    const second = await runToEnd(flags);
    expect(JSON.parse(second.told)).toMatchObject({ ready: false, code: 'data_in_use' });
    await first.kill();
    expect((await launch()).ready.ready).toBe(true);
  });

  it.each([
    ['keys.json', '{"access":"short"}', 'damaged_keys'],
    [
      'telex.db',
      'this is no database, but it is long enough to be looked at as one',
      'data_unusable',
    ],
  ])(
    'ends with a reason when %s is damaged, and leaves it as it is',
    async (file, content, code) => {
      await writeFile(join(dataDir, file), content);
      const flags = ['--data', dataDir, '--port', '0', '--http', '--ready-fd', '3'];
      const { told, code: exit } = await runToEnd(flags);
      expect([exit, JSON.parse(told).code]).toEqual([1, code]);
      expect(await readFile(join(dataDir, file), 'utf8')).toBe(content);
    },
  );

  it('names the file when a certificate of the operator cannot be used', async () => {
    const cert = join(dataDir, 'mine.pem');
    await writeFile(cert, 'no PEM');
    const tls = ['--tls-cert', cert, '--tls-key', cert];
    const { told } = await runToEnd(['--data', dataDir, '--port', '0', ...tls, '--ready-fd', '3']);
    const line = JSON.parse(told);
    expect(line).toMatchObject({ code: 'tls_unreadable' });
    expect(line.message).toContain('mine.pem holds no certificate');
  });

  it('serves over TLS with its own CA, keeps its secrets in files of the owner, and ends with 0', async () => {
    const server = await launch({ demo: true });
    const { ready } = server;
    const api = createApiCaller(ready.url, ready.ca_file);
    const [account] = ready.demo?.accounts ?? [];
    const body = { email: account?.email ?? '', password: account?.password ?? '' };
    const login = await api.call('login', { body });
    expect(login.user.id).toBe(account?.user_id);
    for (const file of await readdir(dataDir, { recursive: true })) {
      const { mode } = await stat(join(dataDir, file));
      if (/key/.test(file)) expect(mode & 0o077, file).toBe(0);
    }
    expect((await stat(dataDir)).mode & 0o077).toBe(0);
    const startMs = performance.now();
    expect(await server.stop()).toBe(0);
    expect(performance.now() - startMs).toBeLessThan(10_000);
    api.close();
  });

  it('takes new signing keys by SIGHUP, and nobody is signed out', async () => {
    const server = await launch({ demo: true, flags: ['--http'] });
    const [account] = server.ready.demo?.accounts ?? [];
    const api = createApiCaller(server.ready.url, null);
    const body = { email: account?.email ?? '', password: account?.password ?? '' };
    const { access_token: before } = await api.call('login', { body });
    const file = join(dataDir, 'keys.json');
    const old = JSON.parse(await readFile(file, 'utf8'));
    const rotation = await runToEnd(['rotate-keys', '--data', dataDir]);
    expect([rotation.code, rotation.err]).toEqual([0, '']);
    expect(rotation.out).toContain('SIGHUP within an hour');
    const { previous, ...current } = JSON.parse(await readFile(file, 'utf8'));
    expect(previous[0]).toMatchObject(old);
    for (const key of Object.values({ ...old, ...current }))
      expect(rotation.out).not.toContain(key);
    process.kill(server.pid, 'SIGHUP');
    const isSignedWith = (key: string, token: string) => {
      const [head, claims, signature] = token.split('.');
      const mac = createHmac('sha256', Buffer.from(key, 'base64url'));
      return mac.update(`${head}.${claims}`).digest('base64url') === signature;
    };
    const logIn = async () => (await api.call('login', { body })).access_token ?? '';
    await expect
      .poll(async () => isSignedWith(current.access, await logIn()), { timeout: 5000 })
      .toBe(true);
    expect((await api.raw('profile', { token: before })).status).toBe(200);
    const again = await runToEnd(['rotate-keys', '--data', dataDir]);
    expect([again.code, again.out]).toEqual([1, '']);
    expect(again.err).toContain('Try again after');
    api.close();
  });

  it('shows how to rotate keys, and takes no setting that is none', async () => {
    expect((await runToEnd(['rotate-keys', '--help'])).out).toContain('--drop-old');
    const { code, err } = await runToEnd(['rotate-keys', '--nonsense']);
    expect([code, err]).toEqual([2, '--nonsense is not a setting; --help lists them all.\n']);
  });

  it('gives the demo accounts new passwords at each start, and the old sessions end', async () => {
    const first = await launch({ demo: true, flags: ['--http'] });
    const [before] = first.ready.demo?.accounts ?? [];
    const api = createApiCaller(first.ready.url, null);
    const body = { email: before?.email ?? '', password: before?.password ?? '' };
    const { refresh_token, access_token } = await api.call('login', { body });
    await first.stop();
    const second = await launch({ demo: true, flags: ['--http'] });
    const again = createApiCaller(second.ready.url, null);
    expect(second.ready.demo?.organisation).toEqual(first.ready.demo?.organisation);
    expect(second.ready.demo?.channel).toEqual(first.ready.demo?.channel);
    expect((await again.raw('login', { body })).status).toBe(401);
    expect((await again.raw('profile', { token: access_token })).status).toBe(401);
    const refresh = { body: { refresh_token: refresh_token ?? '' } };
    expect((await again.raw('refresh', refresh)).status).toBe(401);
    api.close();
    again.close();
  });

  it('posts to the demo webhook as its address says', async () => {
    const { ready } = await launch({ demo: true, flags: ['--http'] });
    const post = { event_name: 'build', message: 'green', status: 'success', username: 'ci' };
    const reply = await fetch(ready.demo?.webhook_url ?? '', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(post),
    });
    expect(reply.status).toBe(200);
  });

  it('touches no account that is not its own with --demo', async () => {
    const plain = await launch({ flags: ['--http'] });
    const api = createApiCaller(plain.ready.url, null);
    const body = { email: 'ada@demo.telex.example', password: 'correct horse' };
    await api.call('register', { body });
    api.close();
    await plain.stop();
    const flags = ['--data', dataDir, '--port', '0', '--http', '--demo', '--ready-fd', '3'];
    const { told, code } = await runToEnd(flags);
    expect([code, JSON.parse(told).code]).toEqual([1, 'demo_refused']);
    const after = await launch({ flags: ['--http'] });
    const again = createApiCaller(after.ready.url, null);
    expect((await again.raw('login', { body })).status).toBe(200);
    again.close();
  });

  it('finishes what it has taken before it ends', async () => {
    const server = await launch({ demo: true, flags: ['--http', '--rate-user', 'off'] });
    const { demo, url } = server.ready;
    const api = createApiCaller(url, null);
    const [account] = demo?.accounts ?? [];
    const login = { email: account?.email ?? '', password: account?.password ?? '' };
    const { access_token: token } = await api.call('login', { body: login });
    const params = { channel_id: demo?.channel.id ?? '' };
    const posts = Array.from({ length: 200 }, (_, index) =>
      api.raw('postMessage', { params, token, body: { content: `message ${index}` } }).then(
        ({ status }) => status,
        () => 0,
      ),
    );
    await Promise.race(posts);
    expect(await server.stop()).toBe(0);
    const statuses = await Promise.all(posts);
    const accepted = statuses.filter((status) => status === 201).length;
    expect(accepted).toBeGreaterThan(0);
    expect(new Set(statuses.filter((status) => ![0, 201, 503].includes(status)))).toEqual(
      new Set(),
    );
    api.close();
    const again = await launch({ demo: true, flags: ['--http'] });
    const second = createApiCaller(again.ready.url, null);
    const [fresh] = again.ready.demo?.accounts ?? [];
    const relogin = { email: fresh?.email ?? '', password: fresh?.password ?? '' };
    const { access_token: next } = await second.call('login', { body: relogin });
    const list = await second.call('messages', { params, token: next, query: '?limit=200' });
    expect(list.messages?.length).toBeGreaterThanOrEqual(accepted);
    const inside = await fetch(`${again.ready.internal_url}/readyz`);
    expect(await inside.json()).toMatchObject({ ok: true });
    second.close();
  });

  it('closes and ends with 1 after an error that nobody caught, and says so in its log', async () => {
    const fault = 'process.on("SIGUSR2", () => { throw new Error("nobody caught this"); })';
    const server = await launch({
      flags: ['--http'],
      nodeFlags: ['--import', `data:text/javascript,${encodeURIComponent(fault)}`],
    });
    process.kill(server.pid, 'SIGUSR2');
    // Two signals at once may be delivered in either order; by then this one has been.
    await vi.waitFor(() => expect(server.log()).toContain('nobody caught this'), 10_000);
    expect(await server.stop()).toBe(1);
    expect(server.log()).toContain('"msg":"stopped"');
  });

  it('leaves no password and no token in a file, a line or an argument', async () => {
    const server = await launch({ demo: true, flags: ['--http', '--log-level', 'debug'] });
    const { demo, url } = server.ready;
    const api = createApiCaller(url, null);
    const secrets = new Set<string>();
    for (const { email, password } of demo?.accounts ?? []) {
      secrets.add(password);
      const login = await api.call('login', { body: { email, password } });
      const next = await api.call('refresh', {
        body: { refresh_token: login.refresh_token ?? '' },
      });
      const token = next.access_token;
      const { token: connection } = await api.call('connectionToken', { token });
      const { subscriptions } = await api.call('subscriptions', { token });
      await api.raw('login', { body: { email, password: `wrong-${password}` } });
      await api.raw('profile', { token: `${token}x` });
      for (const given of [login, next]) {
        secrets.add(given.access_token);
        secrets.add(given.notification_token ?? '');
        secrets.add(given.refresh_token ?? '');
      }
      secrets.add(connection);
      for (const one of subscriptions) secrets.add(one.token);
    }
    await fetch(`${demo?.webhook_url}`, { method: 'POST', body: '{' });
    const slug = demo?.webhook_url.split('/').at(-1) ?? '';
    const argv = await readFile(`/proc/${server.pid}/cmdline`, 'utf8');
    const places = new Map([['argv', argv]]);
    for (const file of await readdir(dataDir, { recursive: true, withFileTypes: true })) {
      if (!file.isFile()) continue;
      places.set(file.name, await readFile(join(file.parentPath, file.name), 'latin1'));
    }
    expect([...places.keys()]).toContain('telex.db-wal');
    await server.stop();
    const log = server.log();
    places.set('the log', log);
    expect(log).toContain('"msg":"request"');
    expect(log).not.toContain(slug);
    expect(secrets.size).toBeGreaterThanOrEqual(14);
    for (const [place, content] of places) {
      for (const secret of secrets) expect(content.includes(secret), place).toBe(false);
    }
    api.close();
  });
});
