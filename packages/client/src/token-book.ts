import type { Reply } from '@telex/contract';
import type { Directory, UserTokens } from './directory.ts';
import type { Clock } from './ports.ts';
import { readClaims } from './token-claims.ts';

/** Life assumed where neither the reply nor the token says one. */
const ASSUMED_LIFE_MS = 600_000;

/** All tokens of one signed-in user, in memory only. Lifetimes count on the monotonic clock. */
export class TokenBook {
  readonly #clock: Clock;
  #user: UserTokens;
  #refresh: string | undefined;
  #bornAt: number;
  #lifeMs: number;
  #connect = '';
  readonly #channels = new Map<string, string>();

  constructor(clock: Clock, login: Reply<'login'>) {
    this.#clock = clock;
    this.#user = { access: login.access_token, notification: login.notification_token };
    this.#refresh = login.refresh_token;
    this.#bornAt = clock.now();
    this.#lifeMs = lifeOf(login);
  }

  get user(): UserTokens {
    return this.#user;
  }

  /** Undefined where the server cannot refresh. */
  get refresh(): string | undefined {
    return this.#refresh;
  }

  get connect(): string {
    return this.#connect;
  }

  channel(channel: string): string | undefined {
    return this.#channels.get(channel);
  }

  /** Monotonic milliseconds at which to renew: anywhere in 60 to 80 % of the life. */
  renewAt(jitter: number): number {
    return this.#bornAt + this.#lifeMs * (0.6 + 0.2 * jitter);
  }

  /** Little of the life is left, or none. */
  get isOld(): boolean {
    return this.#clock.now() - this.#bornAt > this.#lifeMs * 0.85;
  }

  /** Takes the reply of a refresh; `at`: when it was asked for, since then its tokens age. */
  renew(reply: Reply<'refresh'>, at: number): void {
    this.#user = {
      access: reply.access_token,
      notification: reply.notification_token ?? this.#user.notification,
    };
    this.#refresh = reply.refresh_token ?? this.#refresh;
    this.#bornAt = at;
    this.#lifeMs = lifeOf(reply);
  }

  takeDirectory({ connectToken, entries }: Directory): void {
    this.#connect = connectToken;
    this.#channels.clear();
    for (const entry of entries) {
      if ('token' in entry) this.#channels.set(entry.channel, entry.token);
    }
  }
}

function lifeOf(reply: Reply<'refresh'>): number {
  const lifeS = reply.expires_in ?? readClaims(reply.access_token)?.lifetimeS;
  return lifeS === undefined || lifeS <= 0 ? ASSUMED_LIFE_MS : lifeS * 1000;
}
