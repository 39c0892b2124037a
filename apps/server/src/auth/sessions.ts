import { type ReplyInput, TelexError } from '@telex/contract';
import type { Row } from '../db/schema.ts';
import type { Log } from '../log/log.ts';
import type { Jwts } from '../tokens/jwt.ts';
import type { RevokedSessions } from '../tokens/revoked-sessions.ts';
import { decideRefresh, type RefreshDecision } from './refresh-decision.ts';
import { type RefreshTokens, refreshHash } from './refresh-token.ts';
import type { SessionStore } from './session-store.ts';

/** Port: ends what a session has open elsewhere, such as sockets. */
export interface SessionEnder {
  sessionEnded(userId: string, sessionId: string): void;
}

/** What a login or a refresh answers with, besides the user. Lifetimes in seconds. */
export type SessionTokens = Omit<ReplyInput<'login'>, 'user'> & {
  readonly access_token: string;
  readonly notification_token: string;
  readonly refresh_token: string;
  readonly expires_in: number;
  readonly refresh_expires_in: number;
  readonly session_id: string;
};

export interface SessionsOptions {
  readonly store: SessionStore;
  readonly jwts: Jwts;
  readonly refreshTokens: RefreshTokens;
  readonly revoked: RevokedSessions;
  readonly ender: SessionEnder;
  readonly log: Log;
  readonly newId: () => string;
  readonly nowMs: () => number;
  readonly tokenLifeS: number;
  readonly sessionLifeS: number;
  /** Where the push server is, when it is not on our own address. */
  readonly pushUrl: string | undefined;
}

interface RefreshOutcome {
  readonly decision: RefreshDecision;
  readonly session: Row<'sessions'>;
}

const MAX_USER_AGENT = 200;

/** Sessions: one for each login, with its chain of refresh tokens. */
export class Sessions {
  readonly #options: SessionsOptions;

  constructor(options: SessionsOptions) {
    this.#options = options;
  }

  /** Takes over the sessions that ended while tokens of theirs may be alive. Called once at start. */
  async load(): Promise<void> {
    const { store, revoked, nowMs, tokenLifeS } = this.#options;
    for (const id of await store.revokedSince(nowMs() - tokenLifeS * 1000)) revoked.add(id);
  }

  async open(userId: string, userAgent: string): Promise<SessionTokens> {
    const { store, refreshTokens, newId, nowMs, sessionLifeS } = this.#options;
    const id = newId();
    const now = nowMs();
    const refreshToken = refreshTokens.first(id);
    const expiresAt = now + sessionLifeS * 1000;
    await store.insert({
      id,
      user_id: userId,
      user_agent: userAgent.slice(0, MAX_USER_AGENT),
      created_at: now,
      last_used_at: now,
      expires_at: expiresAt,
      refresh_hash: refreshHash(refreshToken),
    });
    return this.#tokens({ id, user_id: userId, expires_at: expiresAt }, refreshToken);
  }

  /** @throws TelexError `refresh_invalid` */
  async refresh(refreshToken: string): Promise<SessionTokens> {
    const { store, refreshTokens, log, nowMs, sessionLifeS } = this.#options;
    const sessionId = refreshTokens.sessionOf(refreshToken);
    if (sessionId === undefined) throw new TelexError('refresh_invalid');
    const now = nowMs();
    const successor = refreshTokens.successor(refreshToken);
    const hash = refreshHash(refreshToken);
    const outcome = await store.change<RefreshOutcome>(sessionId, (session) => {
      const decision = decideRefresh(session, hash, now);
      const result = { decision, session };
      if (decision === 'replay') return { result, set: { revoked_at: now } };
      if (decision !== 'rotate') return { result };
      const set = {
        refresh_hash: refreshHash(successor),
        previous_hash: hash,
        rotated_at: now,
        last_used_at: now,
        expires_at: now + sessionLifeS * 1000,
      };
      return { result: { decision, session: { ...session, ...set } }, set };
    });
    if (outcome === undefined || outcome.decision === 'ended') {
      throw new TelexError('refresh_invalid', 'The session is over; log in again.');
    }
    if (outcome.decision === 'replay') {
      this.#ended(outcome.session.user_id, sessionId);
      const fields = { event: 'refresh_replayed', session_id: sessionId };
      log.warn(fields, 'a used refresh token came again, so its session was ended');
      throw new TelexError('refresh_invalid', 'The session was ended for safety; log in again.');
    }
    // A repeat may come after the keys were rotated, and must give what the first one gave.
    const stored = refreshTokens.successorOf(refreshToken, outcome.session.refresh_hash);
    if (stored === undefined) throw new TelexError('refresh_invalid');
    return this.#tokens(outcome.session, stored);
  }

  list(userId: string): Promise<Row<'sessions'>[]> {
    return this.#options.store.listLive(userId, this.#options.nowMs());
  }

  /** Ends one session of the user's, all, or all but one; gives how many. */
  async end(
    userId: string,
    which: { readonly only?: string; readonly except?: string },
  ): Promise<number> {
    const ids = await this.#options.store.revoke(userId, which, this.#options.nowMs());
    for (const id of ids) this.#ended(userId, id);
    return ids.length;
  }

  /** Forgets sessions that ended by themselves long ago. */
  async prune(): Promise<void> {
    const { store, nowMs, sessionLifeS } = this.#options;
    await store.prune(nowMs() - sessionLifeS * 1000);
  }

  #ended(userId: string, sessionId: string): void {
    this.#options.revoked.add(sessionId);
    this.#options.ender.sessionEnded(userId, sessionId);
  }

  #tokens(
    session: Pick<Row<'sessions'>, 'id' | 'user_id' | 'expires_at'>,
    refreshToken: string,
  ): SessionTokens {
    const { jwts, nowMs, tokenLifeS, pushUrl } = this.#options;
    const nowS = Math.floor(nowMs() / 1000);
    const endsS = Math.floor(session.expires_at / 1000);
    const expiresAtS = Math.min(nowS + tokenLifeS, endsS);
    const claims = { userId: session.user_id, sessionId: session.id };
    return {
      access_token: jwts.mint('access', claims, expiresAtS),
      notification_token: jwts.mint('notification', claims, expiresAtS),
      refresh_token: refreshToken,
      expires_in: expiresAtS - nowS,
      refresh_expires_in: endsS - nowS,
      session_id: session.id,
      ...(pushUrl === undefined ? {} : { push_url: pushUrl }),
    };
  }
}
