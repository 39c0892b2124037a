import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { BASE_PATH, PUSH_PATH } from '@telex/contract';
import { type WebSocket, WebSocketServer } from 'ws';

/** A request as it came. */
export interface FakeRequest {
  /** `POST /auth/login`, without the base path. */
  readonly route: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: unknown;
}

/**
 * An answer: an object is sent as JSON, a string as it is. `hang`: none at all; `drop`: the connection
 * ends in place of one.
 */
export type FakeReply =
  | { readonly hang: true }
  | { readonly drop: true }
  | {
      readonly status?: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: unknown;
    };

export interface FakeConnection {
  /** Commands received, in order. */
  readonly commands: readonly FakeCommand[];
  readonly channels: ReadonlySet<string>;
  /** Commands in each frame received. */
  readonly frameSizes: readonly number[];
  send(frame: string): void;
  close(code: number, reason: string): void;
  terminate(): void;
}
export type FakeCommand = Readonly<Record<string, unknown>> & { readonly id?: number };

export interface FakeTelexOptions {
  /** `own`: our server, with the batch route and refresh; `public`: as the documentation shows it. */
  readonly shape?: 'own' | 'public';
  readonly organisations?: readonly { readonly id: string; readonly name: string }[];
  readonly userId?: string;
  /** Life of the tokens in seconds. */
  readonly lifeS?: number;
  /** Signs tokens for a real push server; default: `fakeToken`. */
  readonly sign?: (claims: Readonly<Record<string, unknown>>) => string;
  /** Where the login reply sends clients for pushes, if not here. */
  readonly pushUrl?: string;
  /** Answers a command of the push server; undefined: the usual answer; null: none. */
  readonly onCommand?: (
    command: FakeCommand,
    connection: FakeConnection,
  ) => object | null | undefined;
}

/** A scripted Telex API and push server on 127.0.0.1, plain HTTP. Signs nothing, checks nothing. */
export interface FakeTelex {
  readonly url: string;
  readonly pushUrl: string;
  readonly port: number;
  readonly userId: string;
  readonly requests: readonly FakeRequest[];
  /** Push connections, closed ones too, in order. */
  readonly connections: readonly FakeConnection[];
  /** How many of them are open. */
  readonly openConnections: number;
  /** Answers `route` (`GET /users/organisations`) this way from now on; undefined: as usual. */
  answer(route: string, reply: FakeReply | ((request: FakeRequest) => FakeReply) | undefined): void;
  /** The organisations of the user from now on. */
  setOrganisations(organisations: readonly { readonly id: string; readonly name: string }[]): void;
  setOnCommand(onCommand: FakeTelexOptions['onCommand']): void;
  /** Sends a publication to every connection subscribed to the channel. */
  publish(channel: string, data: unknown): void;
  /** Resolves when `isDone` holds; looked at whenever something arrives. */
  until(isDone: () => boolean): Promise<void>;
  close(): Promise<void>;
}

/** A JWT whose signature is a word. */
export function fakeToken(claims: Readonly<Record<string, unknown>>): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}.c2lnbmF0dXJl`;
}

export async function startFakeTelex(options: FakeTelexOptions = {}): Promise<FakeTelex> {
  const { shape = 'own', userId = 'user-1', lifeS = 900, sign = fakeToken } = options;
  let organisations = options.organisations ?? [{ id: 'org-1', name: 'Northwind' }];
  let onCommand = options.onCommand;
  let issued = 0;
  const requests: FakeRequest[] = [];
  const connections: (FakeConnection & { socket: WebSocket })[] = [];
  const answers = new Map<string, FakeReply | ((request: FakeRequest) => FakeReply)>();
  const waiting = new Set<() => void>();
  const look = () => {
    for (const check of [...waiting]) check();
  };

  const token = (claims: Readonly<Record<string, unknown>>) => {
    issued += 1;
    const exp = Math.floor(Date.now() / 1000) + lifeS;
    return sign({ sub: userId, jti: issued, exp, ...claims });
  };
  const channelToken = (channel: string) => token({ channel });
  const sessionTokens = () => ({
    access_token: token({ use: 'access' }),
    notification_token: token({ use: 'notification' }),
    ...(shape === 'own' ? { refresh_token: `refresh-${issued}`, expires_in: lifeS } : {}),
  });
  const channelOf = (organisationId: string) => `${organisationId}/${userId}`;

  const usual = (request: FakeRequest): FakeReply => {
    const data = (value: unknown): FakeReply => ({ body: { status: 'success', data: value } });
    const body = request.body as Readonly<Record<string, string>> | undefined;
    switch (request.route) {
      case 'POST /auth/login':
        return data({
          user: { id: userId, email: body?.email },
          ...sessionTokens(),
          ...(options.pushUrl === undefined ? {} : { push_url: options.pushUrl }),
        });
      case 'GET /users/organisations':
        return { body: { data: organisations } };
      case 'GET /centrifugo/connection':
      case 'GET /token/connection':
        return { body: { data: { token: token({}) } } };
      case 'POST /centrifugo/subscription':
      case 'POST /token/subscription':
        return { body: { data: { token: channelToken(body?.channel ?? body?.channel_id ?? '') } } };
      case 'POST /auth/logout':
        return { body: { status: 'success' } };
    }
    if (shape === 'public') return { status: 404, body: { status: 'error', message: 'not found' } };
    switch (request.route) {
      case 'POST /auth/refresh':
        return data(sessionTokens());
      case 'GET /centrifugo/subscriptions':
        return data({
          subscriptions: organisations.map(({ id, name }) => ({
            organisation_id: id,
            organisation_name: name,
            channel: channelOf(id),
            token: channelToken(channelOf(id)),
            expires_in: lifeS,
          })),
        });
      case 'GET /users/unread':
        return data({ total: 0, organisations: [] });
      case 'POST /events/catch-up':
        return data({
          organisations: organisations.map(({ id }) => ({
            organisation_id: id,
            events: [],
            upto: 0,
            has_more: false,
            reset: false,
          })),
        });
    }
    return { status: 404, body: { status: 'error', message: 'not found' } };
  };

  const server = createServer((incoming, outgoing) => {
    void respond(incoming, outgoing);
  });
  async function respond(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const raw = await text(incoming).catch(() => '');
    const path = (incoming.url ?? '').replace(BASE_PATH, '');
    const request: FakeRequest = {
      route: `${incoming.method} ${path}`,
      headers: incoming.headers,
      body: raw === '' ? undefined : JSON.parse(raw),
    };
    requests.push(request);
    const answer = answers.get(request.route);
    const reply =
      answer === undefined
        ? usual(request)
        : typeof answer === 'function'
          ? answer(request)
          : answer;
    look();
    if ('hang' in reply) return;
    if ('drop' in reply) {
      incoming.socket.destroy();
      return;
    }
    const isText = typeof reply.body === 'string';
    outgoing.writeHead(reply.status ?? 200, {
      'content-type': isText ? 'text/html' : 'application/json',
      ...reply.headers,
    });
    outgoing.end(
      reply.body === undefined ? '' : isText ? String(reply.body) : JSON.stringify(reply.body),
    );
  }

  const sockets = new WebSocketServer({ server, path: PUSH_PATH });
  sockets.on('connection', (socket) => {
    const commands: FakeCommand[] = [];
    const frameSizes: number[] = [];
    const channels = new Set<string>();
    const connection = {
      socket,
      commands,
      frameSizes,
      channels,
      send: (frame: string) => socket.send(frame),
      close: (code: number, reason: string) => socket.close(code, reason),
      terminate: () => socket.terminate(),
    };
    connections.push(connection);
    socket.on('error', () => {});
    socket.on('close', look);
    socket.on('message', (frame) => {
      const lines = String(frame).split('\n');
      frameSizes.push(Buffer.byteLength(String(frame)));
      for (const line of lines) {
        const command = JSON.parse(line) as FakeCommand;
        if (Object.keys(command).length === 0) continue;
        commands.push(command);
        const chosen = onCommand?.(command, connection);
        const reply = chosen === undefined ? usualAnswer(command, channels) : chosen;
        if (reply !== null && socket.readyState === socket.OPEN) {
          socket.send(JSON.stringify({ id: command.id, ...reply }));
        }
      }
      look();
    });
    look();
  });

  function usualAnswer(command: FakeCommand, channels: Set<string>): object {
    if ('connect' in command) {
      const connect = { client: 'client-1', version: 'fake', ping: 25, pong: true };
      return { connect: { ...connect, expires: true, ttl: lifeS } };
    }
    if ('subscribe' in command) {
      const { channel } = command.subscribe as { channel: string };
      channels.add(channel);
      return { subscribe: { expires: true, ttl: lifeS } };
    }
    if ('unsubscribe' in command) {
      channels.delete((command.unsubscribe as { channel: string }).channel);
      return { unsubscribe: {} };
    }
    if ('refresh' in command) return { refresh: { expires: true, ttl: lifeS } };
    if ('sub_refresh' in command) return { sub_refresh: { expires: true, ttl: lifeS } };
    return { error: { code: 108, message: 'not available' } };
  }

  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the fake has no port');

  return {
    url: `http://127.0.0.1:${address.port}`,
    pushUrl: `ws://127.0.0.1:${address.port}${PUSH_PATH}`,
    port: address.port,
    userId,
    requests,
    connections,
    get openConnections() {
      return connections.filter(({ socket }) => socket.readyState === socket.OPEN).length;
    },
    answer(route, reply) {
      if (reply === undefined) answers.delete(route);
      else answers.set(route, reply);
    },
    setOrganisations(next) {
      organisations = next;
    },
    setOnCommand(next) {
      onCommand = next;
    },
    publish(channel, data) {
      for (const { channels, socket } of connections) {
        if (!channels.has(channel) || socket.readyState !== socket.OPEN) continue;
        socket.send(JSON.stringify({ push: { channel, pub: { data } } }));
      }
    },
    until: (isDone) =>
      new Promise((resolve) => {
        const check = () => {
          if (!isDone()) return;
          waiting.delete(check);
          resolve();
        };
        waiting.add(check);
        check();
      }),
    close: async () => {
      for (const { socket } of connections) socket.terminate();
      sockets.close();
      server.closeAllConnections();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}
