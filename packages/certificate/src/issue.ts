import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { authorityExtensions, serverExtensions, signCertificate } from './certificate.ts';

const DAY_MS = 86_400_000;
const LIFE_MS = 397 * DAY_MS;
/** Clocks of other machines may be behind. */
const BACKDATED_MS = DAY_MS;

export interface Issued {
  /** What clients trust. */
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** Unix milliseconds. */
export interface Validity {
  readonly fromMs: number;
  readonly untilMs: number;
}

/**
 * A new local CA and, signed by it, a server certificate for `names`. The CA's key is dropped here:
 * nobody can sign anything else with it, and its name constraints would not let them.
 */
export function issueCertificate(
  names: readonly string[],
  nowMs: number,
  validity: Validity = { fromMs: nowMs - BACKDATED_MS, untilMs: nowMs + LIFE_MS },
): Issued {
  const authority = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const server = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const authorityName = `Telex local CA ${randomBytes(4).toString('hex')}`;
  const signedByAuthority = {
    issuerName: authorityName,
    issuerPublicKey: authority.publicKey,
    issuerPrivateKey: authority.privateKey,
    notBeforeMs: validity.fromMs,
    notAfterMs: validity.untilMs,
  };
  return {
    ca: signCertificate({
      ...signedByAuthority,
      commonName: authorityName,
      subjectKey: authority.publicKey,
      extensions: authorityExtensions(names),
    }),
    cert: signCertificate({
      ...signedByAuthority,
      commonName: 'Telex server',
      subjectKey: server.publicKey,
      extensions: serverExtensions(names),
    }),
    key: server.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}
