import { createHmac } from 'node:crypto';
import { keys } from './config.ts';
import type { JsonObject } from './json.ts';

/** Unix seconds, so long from now. */
export function inSeconds(seconds: number): number {
  return Math.floor(Date.now() / 1000) + seconds;
}

const hashes = { HS256: 'sha256', HS384: 'sha384', HS512: 'sha512' } as const;
export type HmacName = keyof typeof hashes;

/** A JWT of exactly these claims, signed with a shared key. */
export function signToken(claims: JsonObject, key: string, alg: HmacName = 'HS256'): string {
  const signed = unsigned({ alg, typ: 'JWT' }, claims);
  return `${signed}.${createHmac(hashes[alg], key).update(signed).digest('base64url')}`;
}

/** A JWT whose signature `sign` makes of its first two parts. */
export function signTokenWith(
  head: JsonObject,
  claims: JsonObject,
  sign: (signed: string) => Buffer,
): string {
  const signed = unsigned(head, claims);
  return `${signed}.${sign(signed).toString('base64url')}`;
}

/** A connection token, for an hour unless `claims` say otherwise; a claim that is undefined is left out. */
export function connectionToken(user: string, claims: JsonObject = {}): string {
  return signToken({ sub: user, exp: inSeconds(3600), ...claims }, keys.connection);
}

/** A subscription token, for an hour unless `claims` say otherwise; a claim that is undefined is left out. */
export function subscriptionToken(user: string, channel: string, claims: JsonObject = {}): string {
  return signToken({ sub: user, channel, exp: inSeconds(3600), ...claims }, keys.subscription);
}

/** The same token with another signature. */
export function spoilSignature(token: string): string {
  const from = token.lastIndexOf('.') + 1;
  const first = token[from] === 'A' ? 'B' : 'A';
  return `${token.slice(0, from)}${first}${token.slice(from + 1)}`;
}

/** A token that says it needs no signature. */
export function unsignedToken(claims: JsonObject): string {
  return `${unsigned({ alg: 'none', typ: 'JWT' }, { exp: inSeconds(3600), ...claims })}.`;
}

function unsigned(head: JsonObject, claims: JsonObject): string {
  const encode = (part: JsonObject) => Buffer.from(JSON.stringify(part)).toString('base64url');
  return `${encode(head)}.${encode(claims)}`;
}
