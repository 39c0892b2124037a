import type { Judged, TokenFault, TokenVerifier, Verdict } from '../src/index.ts';
import { whenThere } from '../src/judging.ts';
import { type Claims, readClaims, readJwt } from './jwt-text.ts';
import { connectionGrant, subscriptionGrant } from './token-claims.ts';
import { type CheckSignature, signatureCheck, type TokenKeys } from './token-keys.ts';

/** Keys and conditions of one kind of token, as in Centrifugo's `client.token`. */
export interface TokenRules extends TokenKeys {
  /** When given, one of a token's audiences must be it or match it. */
  readonly audience?: string | RegExp;
  /** When given, a token must be from it. */
  readonly issuer?: string | RegExp;
  /** The claim that names the user, in place of `sub`. */
  readonly userClaim?: string;
}

export interface JwtVerifierOptions {
  readonly connection: TokenRules;
  /** By default those of connection tokens; the two kinds can't be swapped all the same. */
  readonly subscription?: TokenRules;
  /** A further condition on a well-signed token in time: what it is for, whether its session is revoked. */
  readonly accepts?: (claims: Claims, kind: TokenKind) => boolean;
  /** Takes any signature (Centrifugo's `insecure_skip_token_signature_verify`); for development. */
  readonly insecureSkipSignature?: boolean;
  /** Unix milliseconds; by default the system's. */
  readonly unixMs?: () => number;
}

export type TokenKind = 'connection' | 'subscription';

const INVALID = { ok: false, fault: 'invalid' } as const;
const UNAVAILABLE = { ok: false, fault: 'unavailable' } as const;

/**
 * Judges tokens as Centrifugo does (centrifugo.md §5): signature, audience and issuer, `exp` without
 * leeway, then the rest. At once, but for a key that has to be fetched first: a connect costs two of
 * these, 4 µs each with HMAC here, 50 to 60 with WebCrypto's promises.
 * @throws TokenKeyError
 */
export function createJwtVerifier(options: JwtVerifierOptions): TokenVerifier {
  const { connection, subscription } = options;
  const unixMs = options.unixMs ?? Date.now;
  const checkConnection = checkOf(connection, options.insecureSkipSignature, unixMs);
  const checkSubscription =
    subscription === undefined
      ? checkConnection
      : checkOf(subscription, options.insecureSkipSignature, unixMs);
  return {
    connection: (token) =>
      judge(token, checkConnection, (claims, payload) => {
        const { userClaim } = connection;
        const fault = faultOf(claims, 'connection', connection, options, unixMs);
        return fault ?? granted(connectionGrant(claims, payload, userClaim), claims, unixMs);
      }),
    subscription: (token) =>
      judge(token, checkSubscription, (claims, payload) => {
        const rules = subscription ?? connection;
        const fault = faultOf(claims, 'subscription', rules, options, unixMs);
        const grant = subscriptionGrant(claims, payload, rules.userClaim);
        return fault ?? granted(grant, claims, unixMs);
      }),
  };
}

function checkOf(rules: TokenRules, skip: boolean | undefined, unixMs: () => number) {
  const check = signatureCheck(rules, unixMs);
  return skip === true ? () => 'good' as const : check;
}

function judge<Grant>(
  token: string,
  check: CheckSignature,
  read: (claims: Claims, payload: string) => Verdict<Grant>,
): Judged<Grant> {
  const jwt = readJwt(token);
  if (jwt === undefined) return INVALID;
  return whenThere(check(jwt), (signature): Verdict<Grant> => {
    if (signature !== 'good') return signature === 'bad' ? INVALID : UNAVAILABLE;
    const payload = jwt.payload();
    const claims = readClaims(payload);
    return claims === undefined ? INVALID : read(claims, payload);
  });
}

/** Why well-signed claims are refused; expiry is judged before whatever else a token says of its bearer (§5). */
function faultOf(
  claims: Claims,
  kind: TokenKind,
  { audience, issuer }: TokenRules,
  { accepts }: JwtVerifierOptions,
  unixMs: () => number,
): Refusal | undefined {
  const { exp, nbf, expire_at: endsAt } = claims;
  const nowS = unixMs() / 1000;
  if (![exp, nbf, endsAt].every(isTimeOrAbsent) || !isTextOrAbsent(claims.sub)) return INVALID;
  if (!isAmong(audience, claims.aud) || !isAmong(issuer, claims.iss)) return INVALID;
  // A subscription token is no connection token, not even a late one.
  if (kind === 'connection' && (claims.channel ?? '') !== '') return INVALID;
  const isLate = typeof exp === 'number' && exp <= nowS;
  if (isLate || (typeof nbf === 'number' && nbf > nowS)) return refused('expired');
  return accepts?.(claims, kind) === false ? INVALID : undefined;
}

/** Whether one of the claimed texts is the wanted one, or matches it; always where none is wanted. */
function isAmong(wanted: string | RegExp | undefined, claimed: unknown): boolean {
  if (wanted === undefined) return true;
  const texts: readonly unknown[] = Array.isArray(claimed) ? claimed : [claimed ?? ''];
  return texts.some(
    (text) =>
      typeof text === 'string' &&
      (typeof wanted === 'string' ? text === wanted : text.search(wanted) >= 0),
  );
}

function isTimeOrAbsent(value: unknown): boolean {
  return (value ?? undefined) === undefined || Number.isFinite(value);
}

function isTextOrAbsent(value: unknown): boolean {
  return (value ?? undefined) === undefined || typeof value === 'string';
}

/** What is over already is refused, and says whose it was: that comes first. */
function granted<Grant>(
  grant: Grant | undefined,
  { expire_at: endsAt }: Claims,
  unixMs: () => number,
): Verdict<Grant> {
  if (grant === undefined) return INVALID;
  const hasEnded = typeof endsAt === 'number' && endsAt > 0 && endsAt <= unixMs() / 1000;
  return hasEnded ? { ok: false, fault: 'ended', grant } : { ok: true, grant };
}

type Refusal = { readonly ok: false; readonly fault: TokenFault };

function refused(fault: TokenFault): Refusal {
  return { ok: false, fault };
}
