import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConnectionOptions, connect, createServer } from 'node:tls';
import { authorityExtensions, serverExtensions, signCertificate } from '@telex/certificate';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { localCertificate } from './local-certificate.ts';

const NOW = Date.now();
const DAY_MS = 86_400_000;
let dataDir = '';

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'telex-tls-'));
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

async function handshake(
  server: { cert: string; key: string },
  client: ConnectionOptions,
): Promise<string> {
  const listener = createServer({ ...server, minVersion: 'TLSv1.2' }).listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const address = listener.address();
  if (address === null || typeof address === 'string') throw new Error('not listening on TCP');
  const socket = connect({ port: address.port, host: '127.0.0.1', ...client });
  try {
    await once(socket, 'secureConnect');
    return socket.getProtocol() ?? '';
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) return String(error);
    return error.code === 'UNSPECIFIED' ? error.message : String(error.code);
  } finally {
    socket.destroy();
    listener.close();
  }
}

describe('the local certificate', () => {
  it('is trusted through its CA, by name and by both addresses, over a real handshake', async () => {
    const made = localCertificate(dataDir, ['telex.example'], NOW);
    const ca = await readFile(made.caFile ?? '', 'utf8');
    for (const servername of ['localhost', 'telex.example']) {
      expect(await handshake(made, { ca, servername })).toBe('TLSv1.3');
    }
    expect(await handshake(made, { ca })).toBe('TLSv1.3');
    expect(await handshake(made, { ca, maxVersion: 'TLSv1.2' })).toBe('TLSv1.2');
    const cert = new X509Certificate(made.cert);
    expect(cert.checkIP('::1')).toBe('::1');
  });

  it('is refused without the CA and under another name', async () => {
    const made = localCertificate(dataDir, [], NOW);
    const ca = await readFile(made.caFile ?? '', 'utf8');
    expect(await handshake(made, {})).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
    expect(await handshake(made, { ca, servername: 'other.example' })).toBe(
      'ERR_TLS_CERT_ALTNAME_INVALID',
    );
  });

  it('comes from a CA that can vouch for nothing but its names', async () => {
    const authority = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const server = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const signed = {
      issuerName: 'ca',
      issuerPublicKey: authority.publicKey,
      issuerPrivateKey: authority.privateKey,
      notBeforeMs: NOW - DAY_MS,
      notAfterMs: NOW + DAY_MS,
    };
    const ca = signCertificate({
      ...signed,
      commonName: 'ca',
      subjectKey: authority.publicKey,
      extensions: authorityExtensions(['localhost', '127.0.0.1']),
    });
    const answerFor = (name: string) => {
      const cert = signCertificate({
        ...signed,
        commonName: 'server',
        subjectKey: server.publicKey,
        extensions: serverExtensions([name]),
      });
      const key = server.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
      return handshake({ cert, key }, { ca, servername: name });
    };
    expect(await answerFor('localhost')).toBe('TLSv1.3');
    expect(await answerFor('bank.example')).toBe('permitted subtree violation');
  });

  it('is kept from start to start, in files of the owner alone', async () => {
    const first = localCertificate(dataDir, [], NOW);
    expect(localCertificate(dataDir, [], NOW + DAY_MS)).toEqual(first);
    for (const file of ['ca.pem', 'server.pem', 'server-key.pem']) {
      expect((await stat(join(dataDir, 'tls', file))).mode & 0o777).toBe(0o600);
    }
    expect((await stat(join(dataDir, 'tls'))).mode & 0o777).toBe(0o700);
  });

  it.each([
    ['it ends within 30 days', [], NOW + 370 * DAY_MS],
    ['a host name is new', ['telex.example'], NOW],
    ['an address is new', ['192.0.2.1'], NOW],
    ['the clock is before it', [], NOW - 10 * DAY_MS],
  ])('is made anew when %s', (_why, names, at) => {
    const first = localCertificate(dataDir, [], NOW);
    expect(localCertificate(dataDir, names, at).cert).not.toBe(first.cert);
  });

  it.each(['ca.pem', 'server.pem', 'server-key.pem'])(
    'is made anew when %s is damaged',
    async (file) => {
      const first = localCertificate(dataDir, [], NOW);
      await writeFile(join(dataDir, 'tls', file), 'not PEM');
      const second = localCertificate(dataDir, [], NOW);
      expect(second.cert).not.toBe(first.cert);
      expect(await handshake(second, { ca: await readFile(second.caFile ?? '', 'utf8') })).toBe(
        'TLSv1.3',
      );
    },
  );
});
