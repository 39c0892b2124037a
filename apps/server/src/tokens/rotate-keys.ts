import type { KeySet, SigningKeys } from './signing-keys.ts';

export interface RotateOptions {
  readonly nowMs: number;
  /** Life of the tokens that the server makes. */
  readonly tokenLifeS: number;
  /** Life of a refresh token that is not used. */
  readonly sessionLifeS: number;
  /** What the old keys have signed counts no more at once: for keys that somebody else has seen. */
  readonly dropOld: boolean;
}

export type Rotation =
  | { readonly ok: true; readonly set: KeySet }
  | { readonly ok: false /** When the next one may be. */; readonly notBeforeMs: number };

/** The server signs with the old keys until it is told of the new ones; it has so long for that. */
export const TELLING_MS = 3_600_000;

/**
 * New keys sign, old ones count until what they have signed has run out by itself. One rotation at a
 * time: Centrifugo knows one secret before the present one, and no token may lose its key.
 */
export function rotateKeys(
  { current, previous }: KeySet,
  fresh: SigningKeys,
  { nowMs, tokenLifeS, sessionLifeS, dropOld }: RotateOptions,
): Rotation {
  if (dropOld) return { ok: true, set: { current: fresh, previous: [] } };
  const notBeforeMs = Math.max(0, ...previous.map((old) => old.tokensUntilMs));
  if (notBeforeMs > nowMs) return { ok: false, notBeforeMs };
  const old = {
    keys: current,
    tokensUntilMs: nowMs + tokenLifeS * 1000 + TELLING_MS,
    refreshUntilMs: nowMs + sessionLifeS * 1000 + TELLING_MS,
  };
  const needed = previous.filter(({ refreshUntilMs }) => refreshUntilMs > nowMs);
  return { ok: true, set: { current: fresh, previous: [old, ...needed] } };
}
