import {
  type ChannelOptions,
  createHub,
  type Hub,
  type HubConnection,
  type HubOptions,
} from '../src/index.ts';
import { FakeSocket } from './fake-socket.ts';
import { FakeTime } from './fake-time.ts';
import { FakeVerifier, type TokenText, tokenText } from './fake-verifier.ts';

/** What the hub sent to a client, one JSON object. */
export type Sent = Readonly<Record<string, unknown>>;

export interface FakeHub {
  readonly hub: Hub;
  readonly time: FakeTime;
  readonly verifier: FakeVerifier;
  /** A socket that has just opened. */
  open(): FakeClient;
  /** A client that has connected as this user; what it was sent so far is forgotten. */
  client(user?: string, token?: TokenText): FakeClient;
}

/** Channels as most tests want them: with history and recovery. */
export const recovered: Partial<ChannelOptions> = {
  historySize: 300,
  historyTtlMs: 24 * 3_600_000,
  forceRecovery: true,
};

/** Options of such channels, and these besides. */
export function channelsWith(more: Partial<ChannelOptions>): Pick<HubOptions, 'channels'> {
  return { channels: { withoutNamespace: { ...recovered, ...more } } };
}

/** A hub on fake time and sockets, with tokens in plain text. Randomness is always the middle. */
export function fakeHub(options: Partial<HubOptions> = {}): FakeHub {
  const time = new FakeTime();
  const verifier = new FakeVerifier(time);
  const hub = createHub({
    clock: time,
    random: () => 0.5,
    verifier,
    ...channelsWith({}),
    ...options,
  });
  const open = () => {
    const socket = new FakeSocket();
    const client = new FakeClient(socket, hub.open(socket), time);
    return client;
  };
  return {
    hub,
    time,
    verifier,
    open,
    client: (user = 'ann', token = {}) => {
      const client = open();
      client.send({ id: 1, connect: { token: tokenText({ user, ...token }) } });
      client.socket.messages.length = 0;
      return client;
    },
  };
}

/** One client on a fake socket. */
export class FakeClient {
  readonly socket: FakeSocket;
  readonly connection: HubConnection;
  readonly #time: FakeTime;
  #nextId = 2;

  constructor(socket: FakeSocket, connection: HubConnection, time: FakeTime) {
    this.socket = socket;
    this.connection = connection;
    this.#time = time;
  }

  /** Sends commands in one message; the answers leave in the same turn. */
  send(...commands: readonly object[]): void {
    this.sendText(commands.map((command) => JSON.stringify(command)).join('\n'));
  }

  sendText(text: string): void {
    this.connection.receive(text);
    this.#time.settle();
  }

  /** Sends one command and gives what the hub sent since. */
  ask(method: string, parameters: object): Sent[] {
    const id = this.#nextId;
    this.#nextId += 1;
    this.send({ id, [method]: parameters });
    return this.take();
  }

  subscribe(channel: string, more: object = {}, token: TokenText = {}): Sent[] {
    const text = tokenText({ user: 'ann', channel, ...token });
    return this.ask('subscribe', { channel, token: text, ...more });
  }

  /** Everything sent since the last time, object by object. */
  take(): Sent[] {
    this.#time.settle();
    const objects = this.socket.messages
      .splice(0)
      .flatMap((message) => message.split('\n').map((line) => JSON.parse(line) as Sent));
    return objects;
  }

  /** Code and reason of the close frame; undefined while the hub keeps the connection. */
  get close() {
    this.#time.settle();
    return this.socket.close_;
  }
}
