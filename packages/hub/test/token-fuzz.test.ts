import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { expect, test } from 'vitest';
import { createJwtVerifier } from '../node/index.ts';
import type { Judged, SubGrant } from '../src/index.ts';
import { connectionSecret, signToken, subscriptionSecret } from './live-hub.ts';
import { seeded } from './seeded.ts';

const CASES = 20_000;
const NOW_S = 1_900_000_000;

const scraps: readonly unknown[] = [
  ...[
    null,
    true,
    0,
    -1,
    1.5,
    1e308,
    2 ** 53,
    NOW_S,
    NOW_S + 60,
    NOW_S - 60,
    '',
    'ann',
    'a',
    'push',
  ],
  ...[
    '\u0000',
    '\ud800',
    'ä',
    'x'.repeat(5_000),
    'e30=',
    'e30',
    'bnVsbA==',
    [],
    ['a', 'b'],
    [1],
    {},
  ],
  ...[{ a: {} }, { a: { info: { n: 1 }, data: [1] } }, { a: { b64info: 'e30=' } }, { a: 7 }],
  ...[
    { presence: { value: true } },
    { presence: true },
    { value: 1 },
    [[[]]],
    { ['__proto__']: {} },
  ],
];
const names = [
  ...[
    'sub',
    'exp',
    'nbf',
    'iat',
    'aud',
    'iss',
    'jti',
    'channel',
    'channels',
    'subs',
    'info',
    'data',
  ],
  ...[
    'b64info',
    'b64data',
    'expire_at',
    'override',
    'meta',
    'sid',
    'client',
    '__proto__',
    'toString',
  ],
];
const heads: readonly object[] = [
  ...[
    'HS256',
    'HS384',
    'HS512',
    'RS256',
    'ES256',
    'EdDSA',
    'none',
    '',
    'hs256',
    'PS256',
    'valueOf',
  ],
].map((alg) => ({ alg, kid: 'one' }));

test(`[HB26] [HB90] [HB92] ${CASES} random tokens throw nothing, and none is taken that was changed`, () => {
  const { seed, random, pick } = seeded('hub tokens');
  const keys = keysOfAllKinds();
  const verifier = createJwtVerifier({
    connection: { hmacSecret: connectionSecret, ...keys.options, audience: 'push' },
    subscription: { hmacSecret: subscriptionSecret, hmacPreviousSecret: 'old', ...keys.options },
    unixMs: () => NOW_S * 1000,
  });
  const claims = () => {
    const usual = { sub: 'ann', aud: 'push', ...(random() < 0.5 ? { channel: 'a' } : {}) };
    const odd = Array.from({ length: Math.floor(random() * 4) }, () => [pick(names), pick(scraps)]);
    return { ...(random() < 0.9 ? usual : {}), ...Object.fromEntries(odd) };
  };
  const token = () => {
    const head = random() < 0.6 ? { alg: 'HS256' } : pick(heads);
    if (random() < 0.05) return keys.signEd25519(claims());
    return signToken(claims(), pick([connectionSecret, subscriptionSecret, 'old', 'other']), head);
  };
  const outcomes = new Set<string>();
  const check = (verdict: Judged<SubGrant & { readonly subs?: ReadonlyMap<string, SubGrant> }>) => {
    if (verdict instanceof Promise) throw new Error('nothing here has to be waited for');
    outcomes.add(verdict.ok ? 'ok' : verdict.fault);
    if (!verdict.ok) return false;
    for (const { info, data } of [verdict.grant, ...(verdict.grant.subs?.values() ?? [])]) {
      for (const text of [info, data]) {
        if (text === undefined) continue;
        expect(() => JSON.parse(text)).not.toThrow();
        expect(text).not.toContain('\n');
      }
    }
    return true;
  };
  for (let done = 0; done < CASES; done += 1) {
    const text = token();
    check(verifier.connection(text));
    check(verifier.subscription(text));
    const changed = change(text, random);
    // The last character of a signature has bits that mean nothing.
    if (changed.slice(0, -1) === text.slice(0, -1)) continue;
    expect(check(verifier.connection(changed)), `seed ${seed}: ${changed}`).toBe(false);
    expect(check(verifier.subscription(changed)), `seed ${seed}: ${changed}`).toBe(false);
  }
  expect([...outcomes].sort()).toEqual(['ended', 'expired', 'invalid', 'ok']);
});

/** The text with a character more, fewer or other, parts swapped, or cut. */
function change(text: string, random: () => number): string {
  const at = Math.floor(random() * (text.length - 1));
  const other = 'AQgw059-_.{" \n\u0000ä'[Math.floor(random() * 16)] ?? '';
  const parts = text.split('.');
  switch (Math.floor(random() * 7)) {
    case 0:
      return text.slice(0, at) + other + text.slice(at + 1);
    case 1:
      return text.slice(0, at) + other + text.slice(at);
    case 2:
      return text.slice(0, at) + text.slice(at + 1);
    case 3:
      return text.slice(0, at);
    case 4:
      return [parts[0], parts[2], parts[1]].join('.');
    case 5:
      return [parts[0], parts[1], ''].join('.');
    default:
      return `${parts[0]}.${parts[1]}A.${parts[2]}`;
  }
}

function keysOfAllKinds() {
  const pem = { type: 'spki', format: 'pem' } as const;
  const text = (key: KeyObject) => key.export(pem).toString();
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const ed = generateKeyPairSync('ed25519');

  return {
    options: {
      rsaPublicKey: text(rsa.publicKey),
      ecdsaPublicKey: text(ec.publicKey),
      ed25519PublicKey: text(ed.publicKey),
    },
    signEd25519: (claims: object) => {
      const [head, body] = signToken(claims, '', { alg: 'EdDSA' }).split('.');
      const signature = sign(null, Buffer.from(`${head}.${body}`), ed.privateKey);
      return `${head}.${body}.${signature.toString('base64url')}`;
    },
  };
}
