import type { Server as HttpServer } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import type { Hub } from '@telex/hub';
import type { UpgradeRequest } from '@telex/hub/node';
import type { SessionEnder } from '../auth/sessions.ts';
import type { Clock } from '../clock.ts';
import type { Settings } from '../config/options.ts';
import type { Log } from '../log/log.ts';
import type { HealthParts } from '../operations/health.ts';
import type { SubscriptionEnder } from '../organisations/organisations.ts';
import type { HubVerifierOptions } from '../tokens/hub-verifier.ts';
import type { PushPublisher } from './push-publisher.ts';

export interface PushLayerOptions extends HubVerifierOptions {
  readonly settings: Settings;
  readonly dataDir: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Users of whom a session was ended while tokens of it may be alive. */
  readonly usersOfEndedSessions: () => Promise<readonly string[]>;
}

/** Where the WebSockets come in. */
export interface PushDoor {
  readonly server: HttpServer | HttpsServer;
  /** Whether pages of an origin other than the request's host may connect. */
  readonly isAllowedOrigin: (origin: string, request: UpgradeRequest) => boolean;
}

/** The push server, whichever it is, as the rest of the server knows it. */
export interface PushLayer {
  readonly publisher: PushPublisher;
  /** The embedded one; absent where the push server is another process. */
  readonly hub?: Hub;
  /** Ends what was opened with tokens that no longer count. */
  readonly ender: SessionEnder & SubscriptionEnder;
  /** Parts of `/readyz`. */
  readonly health: HealthParts;
  /** Prometheus text. */
  metrics(): string;
  /** Takes the WebSockets of the documented path (telex-api.md §3). */
  attach(door: PushDoor): void;
  /** Takes no more WebSockets, and tells those that are open to come back. Idempotent. */
  close(): void;
}
