import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { KeyValues } from './config/keys.ts';
import { StartError, systemCode } from './start-error.ts';

export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/**
 * Certificate and key of `http_server.tls`, each a file, PEM text or that in base64.
 *
 * @throws StartError `tls_unreadable`
 */
export function readCertificate(keys: KeyValues): Certificate | undefined {
  if (!keys['http_server.tls.enabled']) return undefined;
  const cert = pem('http_server.tls.cert_pem', keys);
  const key = pem('http_server.tls.key_pem', keys);
  if (!isPair(cert, key)) {
    throw new StartError(
      'tls_unreadable',
      'http_server.tls.key_pem is not the private key of http_server.tls.cert_pem, or one of them is not in PEM form: give the chain and its key without a passphrase.',
    );
  }
  return { cert, key };
}

function pem(path: 'http_server.tls.cert_pem' | 'http_server.tls.key_pem', keys: KeyValues) {
  const given = keys[path];
  if (isPem(given)) return given;
  const decoded = Buffer.from(given, 'base64').toString('utf8');
  if (isPem(decoded)) return decoded;
  try {
    return readFileSync(given, 'utf8');
  } catch (error) {
    const reason = systemCode(error);
    // What cannot be read may be a key that was pasted badly: it is not repeated.
    throw new StartError(
      'tls_unreadable',
      `${path} is neither PEM text nor a file that can be read (${reason}).`,
    );
  }
}

function isPem(text: string): boolean {
  return text.includes('-----BEGIN ');
}

function isPair(cert: string, key: string): boolean {
  try {
    return new X509Certificate(cert).checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
}
