/** What a token says; nothing in it has been looked at but its signature. */
export type Claims = Readonly<Record<string, unknown>>;

/** The parts of a JWT in compact form (RFC 7515 §7.1); nothing in them is believed yet. */
export interface JwtText {
  readonly head: Claims;
  /** Header and payload, as they were signed. */
  readonly signed: string;
  /** JSON text, or anything else that was signed. */
  readonly payload: () => string;
  /** In base64url. */
  readonly signature: string;
}

/** Nearly every HMAC token begins with one of these; parsing them anew would be a seventh of a token's cost. */
const USUAL_HEADS: ReadonlyMap<string, Claims> = new Map(
  [{ alg: 'HS256', typ: 'JWT' }, { typ: 'JWT', alg: 'HS256' }, { alg: 'HS256' }].map((head) => [
    Buffer.from(JSON.stringify(head)).toString('base64url'),
    head,
  ]),
);

/** Takes a token apart; undefined for a text that is none. */
export function readJwt(token: string): JwtText | undefined {
  const headEnd = token.indexOf('.');
  const bodyEnd = token.indexOf('.', headEnd + 1);
  if (headEnd < 0 || bodyEnd < 0) return undefined;
  const headText = token.slice(0, headEnd);
  const head = USUAL_HEADS.get(headText) ?? readClaims(decode(headText));
  // What `crit` names must be understood (RFC 7515 §4.1.11), and nothing it could name is.
  if (head === undefined || head.crit !== undefined) return undefined;
  return {
    head,
    signed: token.slice(0, bodyEnd),
    payload: () => decode(token.slice(headEnd + 1, bodyEnd)),
    signature: token.slice(bodyEnd + 1),
  };
}

/** The object of a JSON text; undefined for any other text. */
export function readClaims(text: string): Claims | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export function isObject(value: unknown): value is Claims {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function decode(part: string): string {
  return Buffer.from(part, 'base64url').toString('utf8');
}
