import { createPrivateKey, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { issueCertificate } from '@telex/certificate';
import { readIfThere, writePrivateFile } from '../private-file.ts';

const RENEW_BEFORE_MS = 30 * 86_400_000;
const ALWAYS = ['localhost', '127.0.0.1', '::1'];

export interface Certificate {
  readonly cert: string;
  readonly key: string;
  /** File of the CA that clients must trust; none where a public one signed. */
  readonly caFile: string | undefined;
}

/**
 * The certificate of the data directory for localhost and `hostNames`: the one that is there, or a
 * new one (with a new CA) where there is none, where it ends within 30 days, or where it does not
 * answer to all the names.
 */
export function localCertificate(
  dataDir: string,
  hostNames: readonly string[],
  nowMs: number,
): Certificate {
  const folder = join(dataDir, 'tls');
  const [caFile, certFile, keyFile] = ['ca.pem', 'server.pem', 'server-key.pem'].map((file) =>
    join(folder, file),
  ) as [string, string, string];
  const names = [...new Set([...ALWAYS, ...hostNames.map((name) => name.toLowerCase())])];
  const ca = readIfThere(caFile);
  const cert = readIfThere(certFile);
  const key = readIfThere(keyFile);
  if (ca !== undefined && cert !== undefined && key !== undefined) {
    if (isUsable({ ca, cert, key }, names, nowMs)) return { cert, key, caFile };
  }
  const issued = issueCertificate(names, nowMs);
  writePrivateFile(keyFile, issued.key);
  writePrivateFile(certFile, issued.cert);
  writePrivateFile(caFile, issued.ca);
  return { cert: issued.cert, key: issued.key, caFile };
}

interface Files {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** Also false after a crash between two of the files, or for a file that is damaged. */
function isUsable(files: Files, names: readonly string[], nowMs: number): boolean {
  try {
    const cert = new X509Certificate(files.cert);
    const ca = new X509Certificate(files.ca);
    return (
      cert.checkIssued(ca) &&
      cert.verify(ca.publicKey) &&
      cert.checkPrivateKey(createPrivateKey(files.key)) &&
      cert.validToDate.getTime() - nowMs > RENEW_BEFORE_MS &&
      cert.validFromDate.getTime() <= nowMs &&
      names.every((name) => answersTo(cert, name))
    );
  } catch {
    return false;
  }
}

function answersTo(cert: X509Certificate, name: string): boolean {
  return isIP(name) === 0 ? cert.checkHost(name) !== undefined : cert.checkIP(name) !== undefined;
}
