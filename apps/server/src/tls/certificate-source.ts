import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { StartError, systemCode } from '../start-error.ts';
import { type Certificate, localCertificate } from './local-certificate.ts';

export interface CertificateSettings {
  readonly http: boolean;
  readonly 'tls-cert': string | undefined;
  readonly 'tls-key': string | undefined;
  readonly 'tls-names': readonly string[];
}

/**
 * The certificate to serve with: the operator's, else the local one; undefined with `--http`.
 * @throws StartError `tls_unreadable`
 */
export function readCertificate(
  settings: CertificateSettings,
  dataDir: string,
  nowMs: number,
): Certificate | undefined {
  if (settings.http) return undefined;
  const { 'tls-cert': certFile, 'tls-key': keyFile } = settings;
  if (certFile === undefined || keyFile === undefined) {
    return localCertificate(dataDir, settings['tls-names'], nowMs);
  }
  const [cert, key] = [readPem(certFile), readPem(keyFile)];
  checkPair({ cert, key }, { certFile, keyFile }, nowMs);
  return { cert, key, caFile: undefined };
}

function readPem(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const reason = systemCode(error) ?? 'unknown';
    throw new StartError('tls_unreadable', `${file} cannot be read (${reason}).`, { cause: error });
  }
}

function checkPair(
  pem: { readonly cert: string; readonly key: string },
  files: { readonly certFile: string; readonly keyFile: string },
  nowMs: number,
): void {
  const refuse = (message: string, cause?: unknown) =>
    new StartError('tls_unreadable', message, { cause });
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(pem.cert);
  } catch (error) {
    throw refuse(`${files.certFile} holds no certificate in PEM form.`, error);
  }
  let matches: boolean;
  try {
    matches = certificate.checkPrivateKey(createPrivateKey(pem.key));
  } catch (error) {
    throw refuse(`${files.keyFile} holds no private key in PEM form without a passphrase.`, error);
  }
  if (!matches) throw refuse(`${files.keyFile} is not the key of ${files.certFile}.`);
  if (certificate.validToDate.getTime() <= nowMs) {
    throw refuse(`${files.certFile} ended on ${certificate.validToDate.toISOString()}.`);
  }
}
