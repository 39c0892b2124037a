import { type ClientOptions, WebSocket } from 'ws';
import { at, isJsonObject, type JsonObject } from './json.ts';

/** One JSON object from the server. */
export interface Received {
  readonly object: JsonObject;
  /** As it came: numbers beyond 2^53 live only here. */
  readonly text: string;
  /** Which WebSocket message it came in, counted from 0. */
  readonly frame: number;
}

export interface Closed {
  readonly code: number;
  readonly reason: string;
  /** Milliseconds since the socket opened. */
  readonly afterMs: number;
}

export interface ProtocolClientOptions {
  /** Answer pings as they come; else only `pong()` does. */
  readonly pongs?: boolean;
  readonly websocket?: ClientOptions;
  /** WebSocket subprotocols to offer. */
  readonly subprotocols?: readonly string[];
}

/**
 * Centrifugo's client protocol, as it is on the wire: sends any text, keeps what comes in the order it
 * came. Nothing is interpreted except pings, which are kept apart from the rest.
 */
export interface ProtocolClient {
  /** All but pings, in order. */
  readonly received: readonly Received[];
  readonly pings: number;
  /** Undefined while it is open. */
  readonly end: Closed | undefined;
  /** For what this client can't do itself: pausing, cutting the connection. */
  readonly socket: WebSocket;
  /** These commands in one WebSocket message. */
  send(...commands: readonly JsonObject[]): void;
  sendText(text: string): void;
  sendBytes(bytes: Uint8Array): void;
  pong(): void;
  /** The oldest object that nobody has taken; `what` describes it in the failure's message. */
  next(what?: string, withinMs?: number): Promise<JsonObject>;
  /** The oldest object not yet taken that fits; what came before it stays. */
  find(what: string, fits: (object: JsonObject) => boolean, withinMs?: number): Promise<JsonObject>;
  /** The reply with this id; pushes and other replies before it stay. */
  reply(id: number, withinMs?: number): Promise<JsonObject>;
  /** Sends one command and waits for its reply; the id is chosen. */
  ask(command: JsonObject): Promise<JsonObject>;
  /** The content of the next push of a channel, such as `{pub: …}`. */
  push(channel: string, withinMs?: number): Promise<JsonObject>;
  /** Objects that came and nobody has taken, which are taken now. */
  rest(): JsonObject[];
  /** The next ping that was not waited for yet. */
  ping(withinMs?: number): Promise<void>;
  /** The close; objects may still be taken after it. */
  closed(withinMs?: number): Promise<Closed>;
  close(code?: number): void;
  /** Drops the TCP connection. */
  cut(): void;
}

export const waitMs = 5_000;
/** More in one message than the protocol allows (T3 of the suite's races). */
const MAX_OBJECTS = 16;

/** Opens a WebSocket; rejects with the HTTP status when the upgrade is refused. */
export async function openProtocolClient(
  url: string,
  options: ProtocolClientOptions = {},
): Promise<ProtocolClient> {
  const socket = new WebSocket(url, [...(options.subprotocols ?? [])], {
    handshakeTimeout: waitMs,
    ...options.websocket,
  });
  const client = createClient(socket, options);
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  socket.on('error', () => {});
  return client;
}

function createClient(socket: WebSocket, { pongs = false }: ProtocolClientOptions): ProtocolClient {
  const received: Received[] = [];
  const taken = new Set<Received>();
  const waiting = new Set<() => void>();
  let frames = 0;
  let pings = 0;
  let pingsTaken = 0;
  let lastId = 1_000;
  let openedAt = performance.now();
  let end: Closed | undefined;
  let broken: string | undefined;

  socket.on('open', () => {
    openedAt = performance.now();
  });
  socket.on('message', (data, isBinary) => {
    const text = String(data);
    const lines = text.split('\n');
    if (isBinary) broken ??= `a binary message: ${text}`;
    if (lines.length > MAX_OBJECTS) broken ??= `${lines.length} objects in one message: ${text}`;
    for (const line of lines) {
      const object = readObject(line);
      if (object === undefined) {
        broken ??= `a line that is no JSON object: ${JSON.stringify(line)} of ${JSON.stringify(text)}`;
      } else if (line === '{}') {
        pings += 1;
        if (pongs) socket.send('{}');
      } else {
        received.push({ object, text: line, frame: frames });
      }
    }
    frames += 1;
    wake();
  });
  socket.on('close', (code, reason) => {
    end = { code, reason: String(reason), afterMs: performance.now() - openedAt };
    wake();
  });

  const wake = () => {
    for (const look of [...waiting]) look();
  };
  const story = () => {
    const came = received.map((one) => `${taken.has(one) ? '  ' : '* '}${one.text}`).join('\n');
    const over =
      end === undefined ? 'still open' : `closed ${end.code} ${JSON.stringify(end.reason)}`;
    return `\nreceived (* not taken yet):\n${came || '  nothing'}\n${over}`;
  };
  /** Looks now and whenever something comes, until there is something to see. */
  const until = <Seen>(what: string, look: () => Seen | undefined, withinMs: number) =>
    new Promise<Seen>((resolve, reject) => {
      const finish = (act: () => void) => {
        clearTimeout(timer);
        waiting.delete(attempt);
        act();
      };
      const attempt = () => {
        const seen = look();
        if (broken !== undefined) finish(() => reject(new Error(`the server sent ${broken}`)));
        else if (seen !== undefined) finish(() => resolve(seen));
        else if (end !== undefined) {
          finish(() => reject(new Error(`closed before ${what} came${story()}`)));
        }
      };
      const timer = setTimeout(
        () => finish(() => reject(new Error(`no ${what} within ${withinMs} ms${story()}`))),
        withinMs,
      );
      waiting.add(attempt);
      attempt();
    });
  const find: ProtocolClient['find'] = (what, fits, withinMs = waitMs) =>
    until(
      what,
      () => {
        const one = received.find((candidate) => !taken.has(candidate) && fits(candidate.object));
        if (one !== undefined) taken.add(one);
        return one?.object;
      },
      withinMs,
    );
  const reply: ProtocolClient['reply'] = (id, withinMs) =>
    find(`reply ${id}`, (object) => object.id === id, withinMs);
  const send: ProtocolClient['send'] = (...commands) =>
    socket.send(commands.map((command) => JSON.stringify(command)).join('\n'));

  return {
    received,
    socket,
    get pings() {
      return pings;
    },
    get end() {
      return end;
    },
    send,
    sendText: (text) => socket.send(text),
    sendBytes: (bytes) => socket.send(bytes),
    pong: () => socket.send('{}'),
    next: (what = 'object', withinMs = waitMs) => find(what, () => true, withinMs),
    find,
    reply,
    ask: (command) => {
      lastId += 1;
      const id = lastId;
      send({ id, ...command });
      return reply(id);
    },
    push: async (channel, withinMs) => {
      const object = await find(
        `push of ${channel}`,
        (candidate) => at(candidate, 'push.channel') === channel,
        withinMs,
      );
      const { channel: _channel, ...content } = object.push as JsonObject;
      return content;
    },
    rest: () => {
      const left = received.filter((one) => !taken.has(one));
      for (const one of left) taken.add(one);
      return left.map(({ object }) => object);
    },
    ping: async (withinMs = waitMs) => {
      await until('ping', () => (pings > pingsTaken ? true : undefined), withinMs);
      pingsTaken += 1;
    },
    closed: (withinMs = waitMs) => until('close', () => end, withinMs),
    close: (code = 1000) => socket.close(code),
    cut: () => socket.terminate(),
  };
}

function readObject(line: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
