import { randomBytes } from 'node:crypto';
import type { Kysely } from 'kysely';
import { accountRoutes } from './auth/account-routes.ts';
import { AccountStore } from './auth/account-store.ts';
import { Accounts } from './auth/accounts.ts';
import { BoundedQueue } from './auth/bounded-queue.ts';
import { LoginGuard } from './auth/login-guard.ts';
import { createPasswords, type PasswordHasher, type Passwords } from './auth/passwords.ts';
import { createRefreshTokens } from './auth/refresh-token.ts';
import { SessionStore } from './auth/session-store.ts';
import { Sessions } from './auth/sessions.ts';
import { catchUpHandlers } from './catch-up/handlers.ts';
import { channelRoutes } from './channels/channel-routes.ts';
import { Channels } from './channels/channels.ts';
import type { Clock } from './clock.ts';
import type { Settings } from './config/options.ts';
import type { Commits } from './db/commits.ts';
import type { Database } from './db/schema.ts';
import { Dispatcher, type DispatchObserver } from './events/dispatcher.ts';
import type { EventRow } from './events/event-store.ts';
import type { Authenticator } from './http/authenticator.ts';
import type { Handlers } from './http/handler.ts';
import { limitWebhooks, TokenBuckets } from './http/rate-limit.ts';
import { mergeHandlers } from './http/registrar.ts';
import type { Log } from './log/log.ts';
import { messageHandlers } from './messages/handlers.ts';
import { type PostMessages, postMessages } from './messages/post-messages.ts';
import { isActiveMember, organisationsOf } from './organisations/membership-store.ts';
import { organisationRoutes } from './organisations/organisation-routes.ts';
import { Organisations } from './organisations/organisations.ts';
import { choosePushLayer } from './push/choose-push-layer.ts';
import type { PushLayer } from './push/push-layer.ts';
import { readStateHandlers } from './read-state/handlers.ts';
import { type MarkRead, markRead } from './read-state/mark-read.ts';
import { testNotificationHandlers } from './test-notification/handlers.ts';
import { threadHandlers } from './threads/handlers.ts';
import { createJwts } from './tokens/jwt.ts';
import type { KeyRing } from './tokens/key-ring.ts';
import { type PushScope, pushTokenRoutes } from './tokens/push-token-routes.ts';
import { RevokedSessions } from './tokens/revoked-sessions.ts';
import { createTokenChecker } from './tokens/token-checker.ts';
import { uuidV7Source } from './uuid-v7.ts';
import { webhookHandlers } from './webhooks/handlers.ts';

const HASHES_AT_ONCE = 2;
const HASHES_WAITING = 64;

export interface FeatureOptions {
  readonly settings: Settings;
  readonly dataDir: string;
  readonly db: Kysely<Database>;
  readonly commits: Commits;
  readonly keys: KeyRing;
  readonly clock: Clock;
  readonly log: Log;
  readonly hasher: PasswordHasher;
  readonly observer: DispatchObserver;
  readonly publicUrl: () => string;
}

/** Everything the server can do, not yet reachable. */
export interface Features {
  readonly handlers: Handlers;
  readonly authenticator: Authenticator;
  readonly push: PushLayer;
  readonly dispatcher: Dispatcher;
  readonly messages: PostMessages;
  readonly readState: MarkRead;
  /** What seeding the demo needs. */
  readonly people: {
    readonly accounts: AccountStore;
    readonly passwords: Passwords;
    readonly sessions: Sessions;
    readonly organisations: Organisations;
    readonly newId: () => string;
  };
}

/** Wires the features to each other: the only place that knows them all. */
export async function createFeatures(options: FeatureOptions): Promise<Features> {
  const { settings, dataDir, db, commits, keys, clock, log } = options;
  const nowMs = () => clock.now();
  const newId = uuidV7Source({ now: nowMs });
  const tokenLifeS = settings['token-seconds'];
  const jwts = createJwts(keys, nowMs, {
    audience: settings['token-audience'],
    issuer: settings['token-issuer'],
  });
  const revoked = new RevokedSessions({ nowMs, tokenLifeMs: tokenLifeS * 1000 });
  const sessionStore = new SessionStore(db);
  const scope: PushScope = {
    organisationsOf: (userId) => organisationsOf(db, userId),
    isActiveMember: (organisationId, userId) => isActiveMember(db, organisationId, userId),
    sessionExpiryOf: (sessionId) => sessionStore.expiryOf(sessionId),
  };
  const push = await choosePushLayer({
    ...{ settings, dataDir, clock, log, jwts, revoked, scope },
    usersOfEndedSessions: () => sessionStore.usersRevokedSince(nowMs() - tokenLifeS * 1000),
  });
  const { ender } = push;
  const sessions = new Sessions({
    store: sessionStore,
    jwts,
    refreshTokens: createRefreshTokens(keys, nowMs),
    revoked,
    ender,
    log,
    newId,
    nowMs,
    tokenLifeS,
    sessionLifeS: settings['session-seconds'],
    pushUrl: settings['centrifugo-url'],
  });
  await sessions.load();
  const queue = new BoundedQueue({ atOnce: HASHES_AT_ONCE, maxWaiting: HASHES_WAITING });
  const passwords = createPasswords(queue, options.hasher);
  const accountStore = new AccountStore(db);
  const guard = new LoginGuard(() => clock.monotonic());
  const accounts = new Accounts({ store: accountStore, passwords, guard, newId, nowMs });
  const organisations = new Organisations({ db, newId, nowMs, ender });
  const channels = new Channels({ db, newId, nowMs });

  const dispatcher = new Dispatcher({
    db,
    commits,
    publisher: push.publisher,
    clock,
    random: Math.random,
    observer: options.observer,
  });
  const committed = (organisationId: string, events: readonly EventRow[]) =>
    dispatcher.committed(organisationId, events);
  const messages = postMessages({ commits, now: nowMs, newId, committed });
  const readState = markRead({ commits, now: nowMs, newId, committed });
  const webhookBuckets = new TokenBuckets(settings['rate-webhook'], () => clock.monotonic());
  const newSlug = () => randomBytes(24).toString('base64url');
  const { publicUrl } = options;
  const whenSent: Dispatcher['whenSent'] = (...args) => dispatcher.whenSent(...args);

  const handlers = mergeHandlers([
    accountRoutes({ accounts, sessions, log, isRegistrationOpen: settings.registration }),
    pushTokenRoutes({ scope, jwts, nowMs, tokenLifeS }),
    organisationRoutes({ db, organisations }),
    channelRoutes({ db, channels }),
    messageHandlers({ db, messages }),
    threadHandlers({ db }),
    readStateHandlers({ db, readState }),
    catchUpHandlers({ db, commits }),
    limitWebhooks(
      webhookHandlers({ db, now: nowMs, newId, newSlug, publicUrl, messages }),
      webhookBuckets,
    ),
    testNotificationHandlers({ commits, clock, newId, committed, whenSent }),
  ]);
  return {
    handlers,
    authenticator: createTokenChecker({ jwts, keys, revoked, nowMs }),
    push,
    dispatcher,
    messages,
    readState,
    people: { accounts: accountStore, passwords, sessions, organisations, newId },
  };
}
