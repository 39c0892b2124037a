import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { StartError, systemCode } from './errors.ts';

/** The certificate of a private authority, in PEM. Throws `StartError` for a file that holds none. */
export function readCertificate(file: string): string {
  try {
    const text = readFileSync(file, 'utf8');
    // Parsed here once, so that a wrong file is told as one.
    new X509Certificate(text);
    return text;
  } catch (error) {
    throw new StartError(
      'bad_config',
      `The certificate file ${file} cannot be used (${systemCode(error) ?? 'it holds no certificate in PEM'}). Check --ca, TELEX_CA and the configuration file.`,
    );
  }
}
