/** What a JWT says of itself. Decoded only, never verified: that is the server's work. */
export interface TokenClaims {
  readonly sub: unknown;
  readonly channel: unknown;
  /** Seconds between `iat` and `exp`, where both are there. */
  readonly lifetimeS: number | undefined;
}

/** The claims of a JWT, or undefined for anything that is not one. */
export function readClaims(token: string): TokenClaims | undefined {
  const payload = token.split('.')[1];
  if (payload === undefined) return undefined;
  try {
    const binary = atob(payload.replaceAll('-', '+').replaceAll('_', '/'));
    const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
    const claims: unknown = JSON.parse(new TextDecoder().decode(bytes));
    if (typeof claims !== 'object' || claims === null) return undefined;
    const { sub, channel, iat, exp } = claims as Record<string, unknown>;
    const lifetimeS =
      typeof iat === 'number' && typeof exp === 'number' && exp > iat ? exp - iat : undefined;
    return { sub, channel, lifetimeS };
  } catch {
    return undefined;
  }
}

/**
 * Whether a subscription token may be sent: one that names another user or channel would end the whole
 * connection (close 3500, centrifugo.md §5). What cannot be decoded costs only its own subscription.
 */
export function fitsChannel(token: string, channel: string, userId: string): boolean {
  const claims = readClaims(token);
  if (claims === undefined) return true;
  return claims.sub === userId && (claims.channel === undefined || claims.channel === channel);
}
