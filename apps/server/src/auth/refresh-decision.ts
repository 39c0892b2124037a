/** For so long a repeat of a used refresh token gives the same successor: a reply can get lost. */
export const REPEAT_MS = 60_000;

export interface RefreshState {
  readonly refresh_hash: string;
  readonly previous_hash: string | null;
  readonly rotated_at: number | null;
  readonly revoked_at: number | null;
  readonly expires_at: number;
}

/**
 * What a refresh token of a session's is worth:
 * `rotate` the valid one · `repeat` the one before, within 60 s and while its successor is unused ·
 * `replay` any older one, which ends the session · `ended` the session is over.
 */
export type RefreshDecision = 'rotate' | 'repeat' | 'replay' | 'ended';

/** Using the successor makes it the one before, so the token before that is a replay at once. */
export function decideRefresh(session: RefreshState, hash: string, nowMs: number): RefreshDecision {
  if (session.revoked_at !== null || session.expires_at <= nowMs) return 'ended';
  if (hash === session.refresh_hash) return 'rotate';
  const isRecent = session.rotated_at !== null && nowMs - session.rotated_at <= REPEAT_MS;
  return hash === session.previous_hash && isRecent ? 'repeat' : 'replay';
}
