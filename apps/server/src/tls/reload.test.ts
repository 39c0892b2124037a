import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { serverExtensions, signCertificate } from '@telex/certificate';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLog } from '../log/log.ts';
import { type OpenServer, openServer } from '../open-server.ts';
import { settingsOf } from '../testing/server-rig.ts';

const NOW = Date.now();
const DAY_MS = 86_400_000;
let folder = '';
let server: OpenServer | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'telex-reload-'));
});
afterEach(async () => {
  await server?.close();
  await rm(folder, { recursive: true, force: true });
});

/** Writes a certificate as an operator would have one, and gives its fingerprint. */
async function install(name: string, endsMs = NOW + DAY_MS): Promise<string> {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const cert = signCertificate({
    commonName: name,
    issuerName: name,
    subjectKey: pair.publicKey,
    issuerPublicKey: pair.publicKey,
    issuerPrivateKey: pair.privateKey,
    notBeforeMs: NOW - DAY_MS,
    notAfterMs: endsMs,
    extensions: serverExtensions(['localhost']),
  });
  await writeFile(join(folder, 'cert.pem'), cert);
  await writeFile(
    join(folder, 'key.pem'),
    pair.privateKey.export({ type: 'pkcs8', format: 'pem' }),
  );
  return new X509Certificate(cert).fingerprint256;
}

function open(): Promise<OpenServer> {
  const files = ['--tls-cert', join(folder, 'cert.pem'), '--tls-key', join(folder, 'key.pem')];
  return openServer({
    settings: settingsOf(['--data', join(folder, 'data'), '--port', '0', ...files]),
    env: {},
    log: silentLog,
    version: '0.0.0-test',
  });
}

async function served(url: string): Promise<string> {
  const { hostname: host, port } = new URL(url);
  const socket = connect({ host, port: Number(port), rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const { fingerprint256 } = socket.getPeerCertificate();
  socket.destroy();
  return fingerprint256;
}

describe("the operator's certificate", () => {
  it('is served, and a renewed one after a reload without a restart', async () => {
    const first = await install('first');
    server = await open();
    expect(server.caFile).toBeUndefined();
    expect(await served(server.url)).toBe(first);
    const second = await install('second');
    expect(await served(server.url)).toBe(first);
    server.reloadCertificate();
    expect(await served(server.url)).toBe(second);
  });

  it('stays when the new files are no good', async () => {
    const first = await install('first');
    server = await open();
    await writeFile(join(folder, 'cert.pem'), 'half written');
    server.reloadCertificate();
    expect(await served(server.url)).toBe(first);
  });

  it.each([
    ['has ended', () => install('old', NOW - 1000), 'cert.pem ended on '],
    [
      'has another key',
      async () => {
        await install('one');
        const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
        const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });
        await writeFile(join(folder, 'key.pem'), pem);
      },
      'key.pem is not the key of ',
    ],
    ['is missing', async () => undefined, 'cert.pem cannot be read (ENOENT)'],
  ])('is refused at start when it %s', async (_what, prepare, sentence) => {
    await prepare();
    await expect(open()).rejects.toMatchObject({
      code: 'tls_unreadable',
      message: expect.stringContaining(sentence),
    });
  });
});
