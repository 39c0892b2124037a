import { readPushChannel } from '@telex/contract';
import type { SubGrant, TokenVerifier, Verdict } from '@telex/hub';
import type { Jwts, TokenUse, VerifiedToken } from './jwt.ts';
import type { PushScope } from './push-token-routes.ts';
import type { RevokedSessions } from './revoked-sessions.ts';

export interface HubVerifierOptions {
  readonly jwts: Jwts;
  readonly revoked: RevokedSessions;
  readonly scope: Pick<PushScope, 'organisationsOf' | 'isActiveMember'>;
}

type Fault = { readonly ok: false; readonly fault: 'expired' | 'invalid' | 'denied' };

const INVALID = { ok: false, fault: 'invalid' } as const;
const DENIED = { ok: false, fault: 'denied' } as const;
/** A database in trouble must not sign anybody out: clients come back. */
const UNAVAILABLE = { ok: false, fault: 'unavailable' } as const;

/**
 * Who may connect to the embedded hub and subscribe there. At the door it takes connection and
 * notification tokens (telex-api.md §6); everywhere it checks what the token is for, that its
 * session goes on, and that the user is a member now, not only when the token was made.
 */
export function createHubVerifier(options: HubVerifierOptions): TokenVerifier {
  const { jwts, revoked, scope } = options;

  function verify(
    text: string,
    uses: readonly TokenUse[],
    bad: 'invalid' | 'denied',
  ): { readonly ok: true; readonly token: VerifiedToken } | Fault {
    let fault: Fault = { ok: false, fault: bad };
    for (const use of uses) {
      const verification = jwts.verify(use, text);
      if (verification.ok) {
        const hasEnded = revoked.has(verification.token.sessionId);
        return hasEnded ? { ok: false, fault: bad } : verification;
      }
      if (verification.code === 'token_expired') fault = { ok: false, fault: 'expired' };
    }
    return fault;
  }

  /** What was allowed before the database was asked may have ended meanwhile. */
  function whileItLasts<Grant>(sessionId: string, grant: Grant, bad: Fault): Verdict<Grant> {
    return revoked.has(sessionId) ? bad : { ok: true, grant };
  }

  return {
    connection(text) {
      const verified = verify(text, ['notification', 'connection'], 'invalid');
      if (!verified.ok) return verified;
      const { userId, sessionId, expiresAtS, channels } = verified.token;
      const grant = { user: userId, session: sessionId, expiresAt: expiresAtS };
      if (channels === undefined) return { ok: true, grant };
      return current(scope, userId, channels).then(
        (still) => whileItLasts(sessionId, { ...grant, subs: still }, INVALID),
        () => UNAVAILABLE,
      );
    },
    subscription(text) {
      const verified = verify(text, ['subscription'], 'denied');
      if (!verified.ok) return verified;
      const { userId, sessionId, expiresAtS, channel = '' } = verified.token;
      const parts = readPushChannel(channel);
      if (parts === undefined || parts.userId !== userId) return DENIED;
      const grant = { user: userId, channel, expiresAt: expiresAtS };
      return scope.isActiveMember(parts.organisationId, userId).then(
        (isMember) => (isMember ? whileItLasts(sessionId, grant, DENIED) : DENIED),
        () => UNAVAILABLE,
      );
    },
  };
}

/** The channels of a claim whose organisations the user is still in. */
async function current(
  scope: HubVerifierOptions['scope'],
  userId: string,
  channels: readonly string[],
): Promise<ReadonlyMap<string, SubGrant>> {
  const organisations = new Set((await scope.organisationsOf(userId)).map(({ id }) => id));
  const still = channels.filter((channel) => {
    const parts = readPushChannel(channel);
    return parts?.userId === userId && organisations.has(parts.organisationId);
  });
  return new Map(still.map((channel) => [channel, {}]));
}
