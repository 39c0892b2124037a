import type { Socket } from 'node:net';
import { join } from 'node:path';
import { BASE_PATH, fillPath, routes } from '@telex/contract';
import { renderSamples } from '@telex/hub/metrics';
import { processFigures } from '@telex/hub/node';
import type { FastifyInstance } from 'fastify';
import { argon2Hasher, type PasswordHasher } from './auth/passwords.ts';
import { type Clock, systemClock } from './clock.ts';
import type { Settings } from './config/options.ts';
import { dataFolder, holdDataFolder, takeTurnToStart } from './data-folder.ts';
import { NewerDatabaseError } from './db/migrate.ts';
import { type OpenDatabase, openDatabase } from './db/open-database.ts';
import { type Demo, seedDemo } from './demo/seed-demo.ts';
import { unsentOrganisations } from './events/event-store.ts';
import { startRetention } from './events/retention.ts';
import { createFeatures, type Features } from './features.ts';
import { createLimiter } from './http/rate-limit.ts';
import { createHttpServer } from './http/server.ts';
import { registerLanding } from './landing/routes.ts';
import { background, type Log } from './log/log.ts';
import { joinNodes } from './nodes/join-nodes.ts';
import { dispatchFigures } from './operations/dispatch-figures.ts';
import type { HealthParts } from './operations/health.ts';
import { httpFigures } from './operations/http-figures.ts';
import { hubApi } from './operations/hub-api.ts';
import {
  type InternalServer,
  type InternalServerOptions,
  openInternalServer,
} from './operations/internal-server.ts';
import { outboxLag } from './operations/outbox-lag.ts';
import { registerPublicRoutes } from './operations/public-routes.ts';
import { StartError, systemCode } from './start-error.ts';
import { readCertificate } from './tls/certificate-source.ts';
import { KeyRing } from './tokens/key-ring.ts';
import {
  DamagedKeysError,
  loadSigningKeys,
  readSigningKeys,
  signingKeyChanges,
} from './tokens/signing-keys.ts';

const DAY_MS = 86_400_000;
/** How old an unsent event may be before the server calls itself not ready. */
const OUTBOX_LIMIT_MS = 30_000;
const FLUSH_LIMIT_MS = 3000;
const GOODBYE_LIMIT_MS = 2000;
const EVENT_DAYS = 30;

export interface OpenServerOptions {
  readonly settings: Settings;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: Log;
  readonly version: string;
  readonly clock?: Clock;
  readonly hasher?: PasswordHasher;
}

/** A server that answers. Whoever opened it closes it; closing twice is fine. */
export interface OpenServer {
  readonly url: string;
  readonly internalUrl: string;
  readonly caFile: string | undefined;
  readonly demo: (Omit<Demo, 'webhookSlug'> & { readonly webhook_url: string }) | undefined;
  /** In-process requests, for tests. */
  readonly app: FastifyInstance;
  /** Reads the certificate again, for a new one without a restart. */
  reloadCertificate(): void;
  /** Reads the signing keys again, for new ones without a restart. */
  reloadKeys(): void;
  /** Stops taking requests, sends what is stored, says goodbye to the sockets, closes the rest. */
  close(): Promise<void>;
}

/** Undoes what was opened, last first. */
type Undo = () => void | Promise<void>;

/**
 * Opens everything: data directory, keys, database, features, HTTP with the hub on it, internal
 * listener. What was opened is closed again when a later step fails.
 * @throws StartError
 */
export async function openServer(options: OpenServerOptions): Promise<OpenServer> {
  const undo: Undo[] = [];
  try {
    return await open(options, undo);
  } catch (error) {
    for (const step of undo.reverse()) await step();
    throw asStartError(error);
  }
}

async function open(options: OpenServerOptions, undo: Undo[]): Promise<OpenServer> {
  const { settings, log, version } = options;
  const clock = options.clock ?? systemClock;
  const dataDir = dataFolder(settings.data, options.env);
  const isShared = settings['share-data'];
  const hold = holdDataFolder(dataDir, { isShared });
  undo.push(() => hold.release());
  const turn = takeTurnToStart(dataDir);
  undo.push(() => turn.release());
  const certificate = readCertificate(settings, dataDir, clock.now());
  const signing = loadSigningKeys(dataDir);
  const changes = signingKeyChanges(dataDir, (error) => keysUnread(error, log));
  const keys = new KeyRing(signing, changes);
  const database = await openDatabase(join(dataDir, 'telex.db'), { log });
  undo.push(() => database.close());
  turn.release();
  const requests = httpFigures(log);
  const dispatching = dispatchFigures(log, () => clock.now());
  let publicUrl = settings['public-url'] ?? '';
  const features = await createFeatures({
    settings,
    dataDir,
    db: database.db,
    commits: database.commits,
    keys,
    clock,
    log,
    hasher: options.hasher ?? argon2Hasher,
    observer: dispatching,
    publicUrl: () => publicUrl,
  });
  undo.push(() => features.dispatcher.close());
  undo.push(() => features.push.close());
  const demo = settings.demo
    ? await seedDemo({ ...features.people, db: database.db, nowMs: () => clock.now() })
    : undefined;

  const app = createHttpServer({
    authenticator: features.authenticator,
    handlers: features.handlers,
    limiter: createLimiter(
      { anonymous: settings['rate-anonymous'], user: settings['rate-user'] },
      () => clock.monotonic(),
    ),
    log: requests,
    trustedProxies: settings['trusted-proxies'],
    tls: certificate,
  });
  undo.push(() => app.close());
  const stopping = { is: false };
  const parts = healthParts(database, features, clock, stopping);
  registerPublicRoutes(app, { version, parts });
  registerLanding(app, version);
  const sockets = trackSockets(app);
  const origins = new Set<string>();
  features.push.attach({
    server: app.server,
    isAllowedOrigin: (origin) => origins.has(origin),
  });
  await listen(app, settings);
  const url = urlOf(app, settings);
  publicUrl ||= url;
  for (const own of [publicUrl, url, url.replace('127.0.0.1', 'localhost')]) origins.add(own);
  const figures = processFigures();
  const api = hubApi({
    hub: features.push.hub,
    keyFile: settings['hub-api-key-file'],
    version,
    log,
  });
  const metrics = async () =>
    [
      renderSamples(figures()),
      features.push.metrics(),
      requests.render(),
      dispatching.render(),
    ].join('');
  const internal = await openInternal({ port: settings['internal-port'], parts, metrics, api });
  undo.push(() => internal.close());
  const nodes = await joinNodes({
    sharedFolder: isShared ? dataDir : undefined,
    foreignVersion: database.foreignVersion,
    clock,
    dispatcher: features.dispatcher,
    sessions: features.people.sessions,
    failed: (error) => log.error({ err: error }, 'the shared data directory; tried again'),
  });
  undo.push(() => nodes.close());
  const retention = startRetention({
    db: database.db,
    clock,
    eventDays: EVENT_DAYS,
    failed: (error) => log.error({ err: error }, 'pruning failed; it is tried again in an hour'),
  });

  const reloadCertificate = () => renew(app, options, dataDir, clock);
  const cancelRenewal = everyDay(clock, () => {
    reloadCertificate();
    background(features.people.sessions.prune(), log, 'pruning sessions');
  });

  let closing: Promise<void> | undefined;
  const close = async () => {
    stopping.is = true;
    cancelRenewal();
    const appClosed = app.close();
    await Promise.all([features.messages.close(), features.readState.close()]);
    await flush(database, features, log);
    await features.dispatcher.close();
    nodes.close();
    features.push.close();
    await sockets.goodbye(appClosed, clock);
    await Promise.all([retention.close(), internal.close()]);
    await database.close();
    hold.release();
  };
  return {
    url,
    internalUrl: internal.url,
    caFile: certificate?.caFile,
    demo: demo === undefined ? undefined : demoView(demo, publicUrl),
    app,
    reloadCertificate,
    reloadKeys: () => renewKeys(keys, dataDir, log),
    close() {
      closing ??= close();
      return closing;
    },
  };
}

function demoView({ webhookSlug, ...demo }: Demo, publicUrl: string) {
  const path = fillPath(routes.webhookFeed.path, { webhook_slug: webhookSlug });
  return { ...demo, webhook_url: `${publicUrl}${BASE_PATH}${path}` };
}

function healthParts(
  database: OpenDatabase,
  features: Features,
  clock: Clock,
  stopping: { readonly is: boolean },
): HealthParts {
  return {
    server: () => ({ ok: !stopping.is }),
    database: async () => {
      const startMs = clock.monotonic();
      await database.db.selectFrom('settings').select('key').limit(1).execute();
      return { ok: true, details: { ms: clock.monotonic() - startMs } };
    },
    ...features.push.health,
    outbox: async () => {
      const lag = await outboxLag(database.db, clock.now());
      return { ok: lag.oldestMs < OUTBOX_LIMIT_MS, details: { ...lag } };
    },
  };
}

/** Connects that the system lets wait: of a crowd that comes back, those that find no place try again only after a second. */
const BACKLOG = 4_096;

async function listen(app: FastifyInstance, settings: Settings): Promise<void> {
  const { host, port } = settings;
  try {
    await app.listen({ host, port, backlog: BACKLOG });
  } catch (error) {
    const code = systemCode(error);
    if (code === 'EADDRINUSE') {
      throw new StartError(
        'port_taken',
        `Port ${port} on ${host} is taken by another program. Stop that one, or choose another port with --port.`,
      );
    }
    throw new StartError(
      'address_unusable',
      `Cannot listen on ${host}, port ${port} (${code ?? String(error)}). Choose others with --host and --port.`,
      { cause: error },
    );
  }
}

function openInternal(options: InternalServerOptions): Promise<InternalServer> {
  return openInternalServer(options).catch((error: unknown) => {
    throw new StartError(
      systemCode(error) === 'EADDRINUSE' ? 'port_taken' : 'address_unusable',
      `The internal port ${options.port} cannot be used (${systemCode(error)}). Choose another with --internal-port.`,
      { cause: error },
    );
  });
}

function urlOf(app: FastifyInstance, settings: Settings): string {
  const address = app.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : settings.port;
  const isAny = settings.host === '0.0.0.0' || settings.host === '::';
  const host = isAny ? 'localhost' : settings.host;
  const shown = host.includes(':') ? `[${host}]` : host;
  return `${settings.http ? 'http' : 'https'}://${shown}:${port}`;
}

/** All sockets, upgraded ones too, so that closing never waits for a peer that says nothing. */
function trackSockets(app: FastifyInstance) {
  const sockets = new Set<Socket>();
  app.server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  return {
    async goodbye(closed: Promise<unknown>, clock: Clock): Promise<void> {
      const cancel = clock.after(GOODBYE_LIMIT_MS, () => {
        for (const socket of sockets) socket.destroy();
      });
      await closed;
      cancel();
    },
  };
}

/** Sends what is stored, as long as that takes no more than some seconds; the rest after the next start. */
async function flush(database: OpenDatabase, features: Features, log: Log): Promise<void> {
  const behind = await unsentOrganisations(database.db);
  const rows = await Promise.all(
    behind.map(async ({ organisationId }) => {
      const row = await database.db
        .selectFrom('organisations')
        .select('last_seq')
        .where('id', '=', organisationId)
        .executeTakeFirstOrThrow();
      return features.dispatcher.whenSent(organisationId, row.last_seq, FLUSH_LIMIT_MS);
    }),
  );
  const left = rows.filter((isSent) => !isSent).length;
  if (left > 0) log.warn({ organisations: left }, 'unsent events are sent after the next start');
}

function renew(
  app: FastifyInstance,
  { settings, log }: OpenServerOptions,
  dataDir: string,
  clock: Clock,
): void {
  try {
    const certificate = readCertificate(settings, dataDir, clock.now());
    if (certificate === undefined || !('setSecureContext' in app.server)) return;
    const setSecureContext = app.server.setSecureContext as (options: object) => void;
    setSecureContext.call(app.server, {
      cert: certificate.cert,
      key: certificate.key,
      minVersion: 'TLSv1.2',
    });
  } catch (error) {
    log.error({ err: error }, 'the certificate could not be read again; the old one stays');
  }
}

function renewKeys(keys: KeyRing, dataDir: string, log: Log): void {
  try {
    const set = readSigningKeys(dataDir);
    if (set === undefined) {
      log.error({}, 'keys.json is not there any more; the keys in use stay until the server ends');
      return;
    }
    keys.take(set);
    log.info({ previous: set.previous.length }, 'the signing keys were read again');
  } catch (error) {
    keysUnread(error, log);
  }
}

function keysUnread(error: unknown, log: Log): void {
  log.error({ err: error }, 'the signing keys could not be read again; those in use stay');
}

function everyDay(clock: Clock, task: () => void): () => void {
  let cancel = clock.after(DAY_MS, run);
  function run(): void {
    task();
    cancel = clock.after(DAY_MS, run);
  }
  return () => cancel();
}

function asStartError(error: unknown): StartError {
  if (error instanceof StartError) return error;
  if (error instanceof NewerDatabaseError) {
    return new StartError('newer_database', error.message, { cause: error });
  }
  if (error instanceof DamagedKeysError) {
    return new StartError('damaged_keys', error.message, { cause: error });
  }
  const code = systemCode(error);
  if (code?.startsWith('SQLITE_') === true) {
    return new StartError(
      'data_unusable',
      `The database telex.db cannot be used (${code}). Check the disk and the file's owner, or restore it from a backup.`,
      { cause: error },
    );
  }
  const reason = error instanceof Error ? error.message : String(error);
  return new StartError('failed', `The server could not start: ${reason}`, { cause: error });
}
