import { parseJson } from '@telex/contract';
import type { Jwts, TokenUse } from '../../tokens/jwt.ts';
import type { RevokedSessions } from '../../tokens/revoked-sessions.ts';
import { isObject } from './api-client.ts';

export interface CommandGateOptions {
  readonly jwts: Jwts;
  readonly revoked: Pick<RevokedSessions, 'has'>;
}

/** Whether a message of a client may pass, and to which sessions the tokens in it belong. */
export type Passage =
  | { readonly passes: true; readonly sessions: readonly string[] }
  | { readonly passes: false };

const DOOR: readonly TokenUse[] = ['notification', 'connection'];
const SUBSCRIPTION: readonly TokenUse[] = ['subscription'];
/** Commands that carry a token (centrifugo.md §2.1), and what it is for. */
const TOKEN_OF: Readonly<Record<string, readonly TokenUse[]>> = {
  connect: DOOR,
  refresh: DOOR,
  subscribe: SUBSCRIPTION,
  sub_refresh: SUBSCRIPTION,
};

/**
 * What Centrifugo cannot know: which sessions are over. It judges everything else, so a token that we
 * cannot read passes, and is refused there.
 */
export function createCommandGate({ jwts, revoked }: CommandGateOptions) {
  function sessionOf(token: string, uses: readonly TokenUse[]): string | undefined {
    for (const use of uses) {
      const verification = jwts.verify(use, token);
      if (verification.ok) return verification.token.sessionId;
    }
    return undefined;
  }

  return (message: string): Passage => {
    const sessions = new Set<string>();
    for (const { token, uses } of tokensOf(message)) {
      const session = sessionOf(token, uses);
      if (session === undefined) continue;
      if (revoked.has(session)) return { passes: false };
      sessions.add(session);
    }
    return { passes: true, sessions: [...sessions] };
  };
}

function tokensOf(
  message: string,
): readonly { readonly token: string; readonly uses: readonly TokenUse[] }[] {
  // Most messages are pongs.
  if (message === '{}') return [];
  return message.split('\n').flatMap((line) => {
    const command = parseJson(line);
    if (!command.ok || !isObject(command.value)) return [];
    return Object.entries(command.value).flatMap(([name, request]) => {
      const uses = Object.hasOwn(TOKEN_OF, name) ? TOKEN_OF[name] : undefined;
      const token = isObject(request) ? request.token : undefined;
      return uses !== undefined && typeof token === 'string' ? [{ token, uses }] : [];
    });
  });
}
