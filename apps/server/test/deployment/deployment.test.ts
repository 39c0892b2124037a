// What deploy/ describes, run as processes of this machine: the flags of compose.yaml, nginx.conf in a real nginx, two real
// servers, Redis, and Centrifugo's engine with the configuration that telex-server writes.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  createApiCaller,
  engineCommand,
  freePort,
  issueCertificate,
  launchServer,
  launchStart,
  needProgram,
  startPushServer,
  startRedis,
} from '@telex/testkit';
import { afterEach, describe, expect, test } from 'vitest';
import { composeFlags } from './compose.ts';
import { startNginx } from './nginx.ts';

const SERVER = fileURLToPath(new URL('../../src/main.mjs', import.meta.url));
const UNITS = fileURLToPath(new URL('../../../../deploy/systemd', import.meta.url));
const undo: (() => unknown)[] = [];

afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'telex-deploy-'));
  undo.push(() => rm(made, { recursive: true, force: true }));
  return made;
}

const hostOf = (url: string) => new URL(url).host;

async function startAll() {
  const root = await folder();
  const dataDir = join(root, 'data');
  const redis = await startRedis();
  undo.push(() => redis.close());
  const [doorPort, pushPort] = [await freePort(), await freePort()];
  const url = `https://localhost:${doorPort}`;
  const shared = { 'centrifugo-api': `http://127.0.0.1:${pushPort}`, 'public-url': url };
  const words = composeFlags('configure', { ...shared, redis: redis.address });
  execFileSync(process.execPath, [SERVER, ...words, '--data', dataDir]);
  const push = await startPushServer({
    command: await engineCommand(),
    config: JSON.parse(readFileSync(join(dataDir, 'centrifugo.json'), 'utf8')),
  });
  undo.push(() => push.stop());
  const own = { ...shared, host: undefined, port: undefined, registration: undefined };
  const flags = composeFlags('node', { ...own, 'trusted-proxies': '127.0.0.1' });
  const startNode = async (demo: boolean) => {
    const server = await launchServer({ dataDir, flags, demo });
    undo.push(() => server.stop());
    return server;
  };
  const nodes = [await startNode(true), await startNode(false)] as const;
  const { cert, key, ca } = issueCertificate(['localhost', '127.0.0.1'], Date.now());
  const files = { cert: join(root, 'cert.pem'), key: join(root, 'key.pem'), ca: join(root, 'ca') };
  writeFileSync(files.cert, cert);
  writeFileSync(files.key, key, { mode: 0o600 });
  writeFileSync(files.ca, ca);
  const nginx = await startNginx({
    folder: join(root, 'nginx'),
    port: doorPort,
    nodes: [hostOf(nodes[0].ready.url), hostOf(nodes[1].ready.url)],
    centrifugo: hostOf(push.url),
    certFile: files.cert,
    keyFile: files.key,
  });
  undo.push(() => nginx.stop());
  const { demo } = nodes[0].ready;
  if (demo === undefined) throw new Error('the first node made no demo');
  return { root, url, caFile: files.ca, nodes, demo };
}

describe('the deployment of deploy/', () => {
  test('a message becomes a notification, also after the death of the node that sends', async () => {
    const { root, url, caFile, nodes, demo } = await startAll();
    const [author, reader] = demo.accounts;
    const api = createApiCaller(url, caFile);
    undo.push(() => api.close());
    const { email, password } = author;
    const { access_token: token } = await api.call('login', { body: { email, password } });
    const stateDir = join(root, 'start');
    mkdirSync(stateDir, { mode: 0o700 });
    const start = await launchStart({ server: url, caFile, credentials: reader, stateDir });
    undo.push(() => start.stop());
    await start.live();
    const post = async (content: string) => {
      const params = { channel_id: demo.channel.id };
      const { id } = await api.call('postMessage', { params, token, body: { content } });
      return id;
    };
    await start.shown([await post('before')], 10_000);
    await nodes[0].kill();
    await start.shown([await post('after')], 10_000);
  }, 60_000);

  test('systemd finds nothing wrong with its units', async () => {
    const analyze = needProgram('systemd-analyze');
    const root = await folder();
    const units = readdirSync(UNITS).filter((name) => name.endsWith('.service'));
    expect(units.length).toBeGreaterThan(1);
    for (const unit of units) {
      // The programs are not where an operator puts them.
      const text = readFileSync(join(UNITS, unit), 'utf8');
      writeFileSync(join(root, unit), text.replace(/^ExecStart=\S+/m, 'ExecStart=/bin/true'));
    }
    const files = units.map((unit) => join(root, unit));
    expect(execFileSync(analyze, ['verify', ...files], { encoding: 'utf8' })).toBe('');
  });

  test('the settings beside the units are settings', async () => {
    const root = await folder();
    const settings = JSON.parse(readFileSync(join(UNITS, 'telex-server.json'), 'utf8'));
    const file = join(root, 'telex-server.json');
    writeFileSync(file, JSON.stringify({ ...settings, data: join(root, 'data') }));
    const words = [SERVER, 'centrifugo-config', '--config', file, '--out', '-'];
    expect(JSON.parse(execFileSync(process.execPath, words, { encoding: 'utf8' }))).toMatchObject({
      client: { allowed_origins: [settings['public-url']] },
    });
  });
});
