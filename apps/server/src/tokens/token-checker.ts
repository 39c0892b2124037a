import type { Authenticator, TokenCheck } from '../http/authenticator.ts';
import type { Jwts, VerifiedToken } from './jwt.ts';
import type { KeyRing } from './key-ring.ts';
import type { RevokedSessions } from './revoked-sessions.ts';

const MAX_REMEMBERED = 20_000;

export interface TokenCheckerOptions {
  readonly jwts: Jwts;
  readonly keys: Pick<KeyRing, 'taken'>;
  readonly revoked: RevokedSessions;
  readonly nowMs: () => number;
}

/**
 * Checks bearer and notification tokens. A signature is checked once and remembered until the
 * token ends or the keys are others (bounded; the oldest is forgotten first); expiry and revocation are checked each time.
 */
export function createTokenChecker(options: TokenCheckerOptions): Authenticator {
  const remembered = {
    access: new Map<string, VerifiedToken>(),
    notification: new Map<string, VerifiedToken>(),
  };

  let taken = options.keys.taken;

  function judge(token: VerifiedToken): TokenCheck {
    if (token.expiresAtS * 1000 <= options.nowMs()) return { ok: false, code: 'token_expired' };
    if (options.revoked.has(token.sessionId)) return { ok: false, code: 'session_ended' };
    return { ok: true, caller: { id: token.userId, sessionId: token.sessionId } };
  }

  return {
    check(text, use) {
      if (options.keys.taken !== taken) {
        taken = options.keys.taken;
        for (const tokens of Object.values(remembered)) tokens.clear();
      }
      const known = remembered[use].get(text);
      if (known !== undefined) return judge(known);
      const verification = options.jwts.verify(use, text);
      if (!verification.ok) return verification;
      remember(remembered[use], text, verification.token);
      return judge(verification.token);
    },
  };
}

function remember(tokens: Map<string, VerifiedToken>, text: string, token: VerifiedToken): void {
  const oldest = tokens.size >= MAX_REMEMBERED ? tokens.keys().next().value : undefined;
  if (oldest !== undefined) tokens.delete(oldest);
  tokens.set(text, token);
}
