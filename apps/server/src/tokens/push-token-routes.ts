import { type Body, pushChannel, readPushChannel, TelexError } from '@telex/contract';
import type { Caller, Handlers } from '../http/handler.ts';
import type { Jwts, TokenUse } from './jwt.ts';

/** Port: what the push tokens of a person depend on. */
export interface PushScope {
  /** Organisations where the user is an active member now. */
  organisationsOf(
    userId: string,
  ): Promise<readonly { readonly id: string; readonly name: string }[]>;
  isActiveMember(organisationId: string, userId: string): Promise<boolean>;
  /** When a session ends, in milliseconds since 1970; undefined: it has ended. */
  sessionExpiryOf(sessionId: string): Promise<number | undefined>;
}

export interface PushTokenOptions {
  readonly scope: PushScope;
  readonly jwts: Jwts;
  readonly nowMs: () => number;
  readonly tokenLifeS: number;
}

/** Tokens for the push server, under both documented pairs of paths (telex-api.md §2, §6). */
export function pushTokenRoutes(options: PushTokenOptions): Handlers {
  const { scope, jwts } = options;

  /** No minted token outlives its session. */
  async function expiryFor(caller: Caller): Promise<{ expiresAtS: number; expiresInS: number }> {
    const endsAtMs = await scope.sessionExpiryOf(caller.sessionId);
    const nowS = Math.floor(options.nowMs() / 1000);
    const expiresAtS = Math.min(nowS + options.tokenLifeS, Math.floor((endsAtMs ?? 0) / 1000));
    if (expiresAtS <= nowS) throw new TelexError('session_ended');
    return { expiresAtS, expiresInS: expiresAtS - nowS };
  }

  function mint(
    use: TokenUse,
    caller: Caller,
    expiresAtS: number,
    more: { readonly channel?: string; readonly channels?: readonly string[] },
  ): string {
    return jwts.mint(use, { userId: caller.id, sessionId: caller.sessionId, ...more }, expiresAtS);
  }

  async function connection(caller: Caller) {
    const { expiresAtS, expiresInS } = await expiryFor(caller);
    const organisations = await scope.organisationsOf(caller.id);
    const channels = organisations.map(({ id }) => pushChannel(id, caller.id));
    const token = mint('connection', caller, expiresAtS, { channels });
    return { data: { token, expires_in: expiresInS } };
  }

  async function subscription(caller: Caller, body: Body<'subscriptionToken'>) {
    const channel = body.channel ?? body.channel_id;
    if (channel === undefined) {
      throw new TelexError('validation_failed', 'Validation error', {
        errors: ['channel is required'],
      });
    }
    await requireOwnChannel(scope, caller, channel);
    const { expiresAtS, expiresInS } = await expiryFor(caller);
    const token = mint('subscription', caller, expiresAtS, { channel });
    return { data: { token, expires_in: expiresInS } };
  }

  return {
    connectionToken: ({ user }) => connection(user),
    connectionTokenTwin: ({ user }) => connection(user),
    subscriptionToken: ({ user, body }) => subscription(user, body),
    subscriptionTokenTwin: ({ user, body }) => subscription(user, body),
    async subscriptions({ user }) {
      const { expiresAtS, expiresInS } = await expiryFor(user);
      const organisations = await scope.organisationsOf(user.id);
      const subscriptions = organisations.map(({ id, name }) => {
        const channel = pushChannel(id, user.id);
        return {
          organisation_id: id,
          organisation_name: name,
          channel,
          token: mint('subscription', user, expiresAtS, { channel }),
          expires_in: expiresInS,
        };
      });
      return { data: { subscriptions } };
    },
  };
}

/** One organisation's channel, one user: the caller, who must be an active member. */
async function requireOwnChannel(scope: PushScope, caller: Caller, channel: string): Promise<void> {
  const parts = readPushChannel(channel);
  const isOwn = parts !== undefined && parts.userId === caller.id;
  if (isOwn && (await scope.isActiveMember(parts.organisationId, caller.id))) return;
  throw new TelexError(
    'channel_forbidden',
    'The push channel must be <organisation id>/<your user id> of an organisation you are in.',
  );
}
