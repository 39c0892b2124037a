import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BASE_PATH, fillPath, type Route, type RouteName, routes } from '@telex/contract';
import type { PasswordHasher } from '../auth/passwords.ts';
import { type Clock, systemClock } from '../clock.ts';
import { readSettings } from '../config/read-settings.ts';
import { type Log, silentLog } from '../log/log.ts';
import { type OpenServer, openServer } from '../open-server.ts';

export interface ApiReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly json: ReturnType<typeof JSON.parse>;
  readonly text: string;
}

export interface ApiRequest {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly token?: string;
  readonly notificationToken?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly ip?: string;
}

export interface Person {
  readonly id: string;
  readonly email: string;
  readonly password: string;
  readonly token: string;
  readonly notificationToken: string;
  readonly refreshToken: string;
  readonly sessionId: string;
}

/** A whole server on a temporary directory, with passwords that cost nothing and a clock to turn. */
export interface ServerRig {
  readonly server: OpenServer;
  readonly dataDir: string;
  readonly hasher: CountingHasher;
  readonly logged: string[];
  call(name: RouteName, request?: ApiRequest): Promise<ApiReply>;
  /** Registers someone and logs them in. */
  person(name: string): Promise<Person>;
  logIn(email: string, password: string): Promise<Person>;
  /** Makes an organisation; gives its id and that of its channel `general`. */
  organisation(
    owner: Person,
    members?: readonly Person[],
  ): Promise<{ id: string; general: string }>;
  /** Puts the local date forward. */
  passMs(ms: number): void;
  /** Closes it and opens another on the same data. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

export interface CountingHasher extends PasswordHasher {
  calls: number;
}

export async function serverRig(flags: readonly string[] = []): Promise<ServerRig> {
  const dataDir = await mkdtemp(join(tmpdir(), 'telex-server-'));
  const hasher = plainHasher();
  const logged: string[] = [];
  let skewMs = 0;
  const clock: Clock = {
    now: () => Date.now() + skewMs,
    monotonic: () => performance.now() + skewMs,
    after: (delayMs, task) => systemClock.after(delayMs, task),
  };
  const start = () =>
    openServer({
      settings: settingsOf(['--data', dataDir, '--port', '0', '--http', ...flags]),
      env: {},
      log: recordingLog(logged),
      version: '0.0.0-test',
      clock,
      hasher,
    });
  let server = await start();

  async function call(name: RouteName, request: ApiRequest = {}): Promise<ApiReply> {
    const route: Route = routes[name];
    const reply = await server.app.inject({
      method: route.method,
      url: BASE_PATH + fillPath(route.path, request.params ?? {}),
      headers: {
        ...(request.token === undefined ? {} : { authorization: `Bearer ${request.token}` }),
        ...(request.notificationToken === undefined
          ? {}
          : { 'x-notification-token': request.notificationToken }),
        ...request.headers,
      },
      ...(request.query === undefined ? {} : { query: { ...request.query } }),
      ...(request.body === undefined ? {} : { payload: request.body as object }),
      ...(request.ip === undefined ? {} : { remoteAddress: request.ip }),
    });
    const text = reply.body;
    const json = text === '' ? undefined : JSON.parse(text);
    return { status: reply.statusCode, headers: reply.headers, json, text };
  }

  async function logIn(email: string, password: string): Promise<Person> {
    const { json } = await call('login', { body: { email, password } });
    const { user, ...tokens } = json.data;
    return {
      id: user.id,
      email,
      password,
      token: tokens.access_token,
      notificationToken: tokens.notification_token,
      refreshToken: tokens.refresh_token,
      sessionId: tokens.session_id,
    };
  }

  return {
    get server() {
      return server;
    },
    dataDir,
    hasher,
    logged,
    call,
    logIn,
    async person(name) {
      const login = { email: `${name}@example.com`, password: `correct horse of ${name}` };
      await call('register', { body: { ...login, username: name, first_name: name } });
      return logIn(login.email, login.password);
    },
    async organisation(owner, members = []) {
      const made = await call('createOrganisation', {
        token: owner.token,
        body: { name: 'Northwind' },
      });
      const { id } = made.json.data;
      for (const member of members) {
        const params = { org_id: id };
        await call('addMember', { params, token: owner.token, body: { user_id: member.id } });
      }
      const mine = await call('myChannels', { params: { org_id: id }, token: owner.token });
      return { id, general: mine.json.data[0].id };
    },
    passMs(ms) {
      skewMs += ms;
    },
    async restart() {
      await server.close();
      server = await start();
    },
    async close() {
      await server.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

export function settingsOf(argv: readonly string[]) {
  const read = readSettings({ argv, env: {}, readFile: () => ({ ok: false, reason: 'none' }) });
  if (read.ok) return read.settings;
  throw new Error(read.faults.join('\n'));
}

/** Hashing that costs nothing, and counts. */
function plainHasher(): CountingHasher {
  const hasher: CountingHasher = {
    calls: 0,
    async hash(password) {
      hasher.calls += 1;
      return `plain:${password}`;
    },
    async verify(hash, password) {
      hasher.calls += 1;
      return hash === `plain:${password}`;
    },
  };
  return hasher;
}

function recordingLog(lines: string[]): Log {
  const note = (level: string) => (fields: Record<string, unknown>, message: string) => {
    lines.push(`${level} ${message} ${JSON.stringify(fields, withErrors)}`);
  };
  return {
    ...silentLog,
    debug: note('debug'),
    info: note('info'),
    warn: note('warn'),
    error: note('error'),
  };
}

function withErrors(_key: string, value: unknown): unknown {
  return value instanceof Error ? `${value.message} ${value.stack}` : value;
}
