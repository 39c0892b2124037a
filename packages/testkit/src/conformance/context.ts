import { randomUUID } from 'node:crypto';
import { Centrifuge, type Options } from 'centrifuge';
import { WebSocket } from 'ws';
import { buildConfig, type ConfigOverrides } from './config.ts';
import type { DifferenceId } from './differences.ts';
import type { JsonObject } from './json.ts';
import { createNormaliser } from './normalise.ts';
import {
  openProtocolClient,
  type ProtocolClient,
  type ProtocolClientOptions,
} from './protocol-client.ts';
import { createPushApi, type PushApi } from './push-api.ts';
import type { Broker, ConformanceTarget, Manner, RunningPushServer } from './target.ts';
import { connectionToken, subscriptionToken } from './tokens.ts';

export interface ConnectOptions extends ProtocolClientOptions {
  /** Claims of the connection token besides `sub` and `exp`; undefined takes a claim away. */
  readonly claims?: JsonObject;
  /** Fields of the connect command besides the token. */
  readonly connect?: JsonObject;
}

export interface SubscribeOptions {
  /** Claims of the subscription token besides `sub`, `channel` and `exp`. */
  readonly claims?: JsonObject;
  /** Fields of the subscribe command besides channel and token. */
  readonly subscribe?: JsonObject;
}

/** A client that is connected; its connect reply was taken. */
export interface Member {
  readonly user: string;
  readonly client: ProtocolClient;
  readonly connected: JsonObject;
  /** A `subscribe` command without its id, with a good token. */
  subscribing(channel: string, options?: SubscribeOptions): JsonObject;
  /** Subscribes and gives the reply, whatever it is. */
  subscribe(channel: string, options?: SubscribeOptions): Promise<JsonObject>;
}

/** What a case works with. Everything it opens is closed when it ends. */
export interface CaseContext {
  readonly target: ConformanceTarget;
  readonly server: RunningPushServer;
  readonly api: PushApi;
  /** Which side of a listed difference this target is on. */
  manner(difference: DifferenceId): Manner;
  /** See `createNormaliser`; one per case, so that ids and epochs compare within it. */
  normal(value: unknown): unknown;
  /** A name that nobody else uses, such as `o-1f3a/u`. */
  channel(): string;
  user(): string;
  open(options?: ProtocolClientOptions): Promise<ProtocolClient>;
  /** Opens a client and connects it; throws unless that works. */
  connect(user?: string, options?: ConnectOptions): Promise<Member>;
  /** The official SDK, quick to come back; not yet connected. */
  sdk(options: Partial<Options>): Centrifuge;
  /** Drops the TCP connections of the clients that `sdk` has made. */
  cutSdk(): void;
  /** A server of this case alone, with a configuration that is only known now. */
  startAnother(overrides: ConfigOverrides): Promise<CaseContext>;
  /** The same with a broker of its own, which the case may end. Each `start` gives one more server on it. */
  startBroker(): Promise<{
    readonly broker: Broker;
    start(overrides: ConfigOverrides): Promise<CaseContext>;
  }>;
  /** Called when the case ends, last first. */
  afterwards(end: () => void | Promise<void>): void;
}

export function createContext(
  target: ConformanceTarget,
  server: RunningPushServer,
): { readonly context: CaseContext; end(): Promise<void> } {
  const ends: (() => void | Promise<void>)[] = [];
  const mark = randomUUID().slice(0, 8);
  let names = 0;
  const fresh = (kind: string) => {
    names += 1;
    return `${kind}-${mark}-${names}`;
  };
  const sdkSockets = new Set<WebSocket>();
  class KnownSocket extends WebSocket {
    constructor(...given: ConstructorParameters<typeof WebSocket>) {
      super(...given);
      sdkSockets.add(this);
    }
  }
  const open: CaseContext['open'] = async (options) => {
    const client = await openProtocolClient(server.wsUrl, options);
    ends.push(() => client.cut());
    return client;
  };
  const startOf = async (of: ConformanceTarget, overrides: ConfigOverrides) => {
    const other = await of.start(buildConfig(overrides));
    ends.push(() => other.kill());
    const { context: there, end } = createContext(of, other);
    ends.push(end);
    return there;
  };
  const context: CaseContext = {
    target,
    server,
    api: createPushApi(server.apiUrl, server.apiKey),
    manner: () => target.manner,
    normal: createNormaliser(),
    channel: () => `${fresh('o')}/u`,
    user: () => fresh('u'),
    open,
    connect: async (user = fresh('u'), { claims, connect, ...options } = {}) => {
      const client = await open(options);
      client.send({ id: 1, connect: { token: connectionToken(user, claims), ...connect } });
      const connected = await client.reply(1);
      if (connected.connect === undefined) {
        throw new Error(`the connect failed: ${JSON.stringify(connected)}`);
      }
      return createMember(user, client, connected);
    },
    sdk: (options) => {
      const client = new Centrifuge(server.wsUrl, {
        websocket: KnownSocket,
        minReconnectDelay: 20,
        maxReconnectDelay: 100,
        ...options,
      });
      ends.push(() => client.disconnect());
      return client;
    },
    cutSdk: () => {
      for (const socket of sdkSockets) socket.terminate();
      sdkSockets.clear();
    },
    startAnother: (overrides) => startOf(target, overrides),
    startBroker: async () => {
      if (target.ownBroker === undefined) throw new Error(`${target.name} has no broker`);
      const { broker, target: onBroker } = await target.ownBroker();
      ends.push(() => broker.close());
      return { broker, start: (overrides) => startOf(onBroker, overrides) };
    },
    afterwards: (run) => ends.push(run),
  };
  return {
    context,
    end: async () => {
      for (const run of ends.reverse()) await run();
    },
  };
}

function createMember(user: string, client: ProtocolClient, connected: JsonObject): Member {
  const subscribing: Member['subscribing'] = (channel, { claims, subscribe } = {}) => ({
    subscribe: { channel, token: subscriptionToken(user, channel, claims), ...subscribe },
  });
  return {
    user,
    client,
    connected,
    subscribing,
    subscribe: (channel, options) => client.ask(subscribing(channel, options)),
  };
}
