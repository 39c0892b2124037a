import { createHash, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isIP } from 'node:net';
import * as der from './der.ts';

const ECDSA_WITH_SHA256 = der.sequence(der.oid('1.2.840.10045.4.3.2'));

export interface CertificateRequest {
  readonly commonName: string;
  readonly issuerName: string;
  readonly subjectKey: KeyObject;
  readonly issuerPublicKey: KeyObject;
  readonly issuerPrivateKey: KeyObject;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly extensions: readonly Buffer[];
}

/** An X.509 v3 certificate (RFC 5280), signed with ECDSA over SHA-256, as PEM. */
export function signCertificate(request: CertificateRequest): string {
  const body = der.sequence(
    der.context(0, der.integer(Buffer.from([2]))),
    der.integer(serialNumber()),
    ECDSA_WITH_SHA256,
    name(request.issuerName),
    der.sequence(der.time(request.notBeforeMs), der.time(request.notAfterMs)),
    name(request.commonName),
    spki(request.subjectKey),
    der.context(
      3,
      der.sequence(
        ...request.extensions,
        extension('2.5.29.14', der.octets(keyId(request.subjectKey))),
        extension('2.5.29.35', der.sequence(der.contextBytes(0, keyId(request.issuerPublicKey)))),
      ),
    ),
  );
  const signature = sign('sha256', body, request.issuerPrivateKey);
  return pem(der.sequence(body, ECDSA_WITH_SHA256, der.bits(signature)));
}

/** A CA that may sign certificates of `names` and nothing else (RFC 5280 §4.2.1.10). */
export function authorityExtensions(names: readonly string[]): Buffer[] {
  const permitted = names.map((host) => der.sequence(generalName(host, 'network')));
  return [
    extension('2.5.29.19', der.sequence(der.bool(true), der.integer(Buffer.from([0]))), true),
    // keyCertSign and cRLSign.
    extension('2.5.29.15', der.bits(Buffer.from([0b0000_0110]), 1), true),
    extension('2.5.29.30', der.sequence(der.context(0, ...permitted)), true),
  ];
}

/** A TLS server that answers to `names`. */
export function serverExtensions(names: readonly string[]): Buffer[] {
  return [
    extension('2.5.29.19', der.sequence(), true),
    // digitalSignature.
    extension('2.5.29.15', der.bits(Buffer.from([0b1000_0000]), 7), true),
    extension('2.5.29.37', der.sequence(der.oid('1.3.6.1.5.5.7.3.1'))),
    extension('2.5.29.17', der.sequence(...names.map((host) => generalName(host, 'address')))),
  ];
}

function extension(id: string, value: Buffer, isCritical = false): Buffer {
  return der.sequence(der.oid(id), ...(isCritical ? [der.bool(true)] : []), der.octets(value));
}

function name(commonName: string): Buffer {
  const organisation = der.sequence(der.oid('2.5.4.10'), der.utf8('Telex'));
  const common = der.sequence(der.oid('2.5.4.3'), der.utf8(commonName));
  return der.sequence(der.set(organisation), der.set(common));
}

/** In a constraint an address is a network: its bytes and a mask of ones. */
function generalName(host: string, as: 'address' | 'network'): Buffer {
  const family = isIP(host);
  if (family === 0) return der.contextBytes(2, Buffer.from(host, 'ascii'));
  const address = family === 4 ? ipv4Bytes(host) : ipv6Bytes(host);
  const mask = Buffer.alloc(as === 'network' ? address.length : 0, 0xff);
  return der.contextBytes(7, Buffer.concat([address, mask]));
}

function ipv4Bytes(host: string): Buffer {
  return Buffer.from(host.split('.').map(Number));
}

function ipv6Bytes(host: string): Buffer {
  // The URL parser writes an address in its shortest form, with IPv4 tails as hexadecimal.
  const short = new URL(`http://[${host}]`).hostname.slice(1, -1);
  const [head = '', tail = ''] = short.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === '' ? [] : tail.split(':');
  const zeros = Array<string>(8 - before.length - after.length).fill('0');
  const groups = short.includes('::') ? [...before, ...zeros, ...after] : before;
  return Buffer.from(groups.map((group) => group.padStart(4, '0')).join(''), 'hex');
}

function serialNumber(): Buffer {
  const serial = randomBytes(16);
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40;
  return serial;
}

function spki(key: KeyObject): Buffer {
  return key.export({ type: 'spki', format: 'der' });
}

function keyId(key: KeyObject): Buffer {
  return createHash('sha256').update(spki(key)).digest().subarray(0, 20);
}

function pem(certificate: Buffer): string {
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
