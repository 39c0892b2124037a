import assert from 'node:assert/strict';
import type { ConfigOverrides } from '../config.ts';
import { at, type JsonObject, numberAt } from '../json.ts';
import { inSeconds } from '../tokens.ts';

/** Audience and issuer, as configured and as claimed. */
export const meantFor = { audience: 'telex-suite', issuer: 'suite' };
export const meantClaims = { aud: 'telex-suite', iss: 'suite' };

export interface GoodClaims {
  readonly id: string;
  /** After "a … token". */
  readonly title: string;
  readonly claims: () => JsonObject;
  readonly config?: ConfigOverrides;
  /** Seconds that the reply says; undefined: it never expires. */
  readonly ttl: number | undefined;
}

/** What a token of either kind may say, and how long what it allows lasts then. */
export function goodClaims(meant: ConfigOverrides): readonly GoodClaims[] {
  return [
    {
      id: 'no-exp',
      title: 'without exp never expires',
      claims: () => ({ exp: undefined }),
      ttl: undefined,
    },
    { id: 'exp', title: 'lasts until exp', claims: () => ({ exp: inSeconds(500) }), ttl: 500 },
    {
      id: 'expire-at',
      title: 'lasts until expire_at where it says one',
      claims: () => ({ expire_at: inSeconds(900) }),
      ttl: 900,
    },
    {
      id: 'expire-at-zero',
      title: 'with expire_at 0 never expires, though exp bounds its use',
      claims: () => ({ expire_at: 0 }),
      ttl: undefined,
    },
    {
      id: 'nbf-past',
      title: 'whose nbf is past is good',
      claims: () => ({ nbf: inSeconds(-60), exp: inSeconds(500) }),
      ttl: 500,
    },
    {
      id: 'unchecked-claims',
      title: 'may hold jti, iat in the future and claims nobody knows',
      claims: () => ({ jti: 'x', iat: inSeconds(900), what: {}, exp: inSeconds(500) }),
      ttl: 500,
    },
    {
      id: 'meant',
      title: 'with the aud and iss that are configured is good',
      config: meant,
      claims: () => ({ ...meantClaims, exp: inSeconds(500) }),
      ttl: 500,
    },
    {
      id: 'meant-among-others',
      title: 'may name several audiences',
      config: meant,
      claims: () => ({ ...meantClaims, aud: ['another', 'telex-suite'], exp: inSeconds(500) }),
      ttl: 500,
    },
  ];
}

/** The result says that it lasts so many seconds, or as long as nobody ends it. */
export function assertLasts(result: unknown, ttl: number | undefined): void {
  assert.equal(at(result, 'expires'), ttl === undefined ? undefined : true);
  const said = numberAt(result, 'ttl');
  assert.ok(Number.isInteger(said), `ttl ${said}`);
  assert.ok(said <= (ttl ?? 0) && said >= (ttl ?? 0) - 3, `ttl ${said}`);
}
