/**
 * Reading what a client sends (centrifugo.md §2): a WebSocket message holds one or more JSON objects
 * joined by exactly one newline, with one trailing newline allowed.
 */
import { parseExactly } from './exact-json.ts';

/** A command whose parameters have the right types; what is absent has its zero value. */
export type Command =
  | {
      readonly method: 'connect';
      readonly id: number;
      readonly token: string;
      readonly subs: readonly RequestedSub[];
    }
  | {
      readonly method: 'subscribe';
      readonly id: number;
      readonly channel: string;
      readonly token: string;
      readonly recover: boolean;
      readonly epoch: string;
      readonly offset: number;
      readonly rejectUnrecovered: boolean;
      readonly recoverable: boolean;
      readonly positioned: boolean;
      readonly joinLeave: boolean;
    }
  | { readonly method: 'unsubscribe'; readonly id: number; readonly channel: string }
  | { readonly method: 'refresh'; readonly id: number; readonly token: string }
  | {
      readonly method: 'sub_refresh';
      readonly id: number;
      readonly channel: string;
      readonly token: string;
    }
  | {
      readonly method: 'publish';
      readonly id: number;
      readonly channel: string;
      readonly data: string;
    }
  | {
      readonly method: 'history';
      readonly id: number;
      readonly channel: string;
      readonly limit: number;
      readonly since: { readonly epoch: string; readonly offset: number } | undefined;
      readonly reverse: boolean;
    }
  | {
      readonly method: 'presence' | 'presence_stats';
      readonly id: number;
      readonly channel: string;
    }
  | { readonly method: 'rpc'; readonly id: number };

export type CommandOf<Method extends Command['method']> = Extract<
  Command,
  { readonly method: Method }
>;

/** One entry of `connect.subs`; `token` is this hub's extension (SPEC.md). */
export interface RequestedSub {
  readonly channel: string;
  readonly token: string;
  readonly recover: boolean;
  readonly epoch: string;
  readonly offset: number;
}

export type Incoming =
  | { readonly kind: 'command'; readonly command: Command }
  | { readonly kind: 'pong' }
  | { readonly kind: 'send' }
  | { readonly kind: 'bad' };

type Fields = Readonly<Record<string, unknown>>;

const BAD: Incoming = { kind: 'bad' };
const PONG: Incoming = { kind: 'pong' };
const MAX_ID = 0xffff_ffff;
const REJECT_UNRECOVERED = 2;
/** Stands for a token that is no string; nothing signs it. */
const NO_TOKEN = 'none';

/** Splits a message into what it says. Reading stops at the first bad part: the client is closed then. */
export function readMessage(text: string): Incoming[] {
  // A pong is by far the most common message of an idle client.
  if (text === '{}') return [PONG];
  const body = text.endsWith('\n') ? text.slice(0, -1) : text;
  const incoming: Incoming[] = [];
  for (const line of body.split('\n')) {
    const one = readLine(line);
    incoming.push(one);
    if (one.kind === 'bad') break;
  }
  return incoming;
}

function readLine(line: string): Incoming {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return BAD;
  }
  if (!isObject(value)) return BAD;
  const id = value.id ?? 0;
  if (typeof id !== 'number' || !Number.isInteger(id) || id < 0 || id > MAX_ID) return BAD;
  if (isObject(value.send)) return { kind: 'send' };
  if (id === 0) return PONG;
  const command = readCommand(id, value, line);
  return command === undefined ? BAD : { kind: 'command', command };
}

function readCommand(id: number, value: Fields, line: string): Command | undefined {
  for (const method of METHODS) {
    const parameters = value[method];
    if (parameters === undefined || parameters === null) continue;
    if (!isObject(parameters)) return undefined;
    return readers[method](id, parameters, line);
  }
  return undefined;
}

type Method = Command['method'];
const METHODS = [
  'connect',
  'subscribe',
  'unsubscribe',
  'publish',
  'presence',
  'presence_stats',
  'history',
  'rpc',
  'refresh',
  'sub_refresh',
] as const satisfies readonly Method[];

const readers: Readonly<
  Record<Method, (id: number, fields: Fields, line: string) => Command | undefined>
> = {
  connect: (id, fields) => {
    const token = text(fields, 'token');
    const subs = requestedSubs(fields.subs);
    return token === undefined || subs === undefined
      ? undefined
      : { method: 'connect', id, token, subs };
  },
  subscribe: (id, fields) => {
    const requested = requestedSub(text(fields, 'channel'), fields);
    const flag = whole(fields, 'flag');
    const recoverable = flagOf(fields, 'recoverable');
    const positioned = flagOf(fields, 'positioned');
    const joinLeave = flagOf(fields, 'join_leave');
    if (requested === undefined || requested.channel === '' || flag === undefined) return undefined;
    if (recoverable === undefined || positioned === undefined || joinLeave === undefined) {
      return undefined;
    }
    return {
      method: 'subscribe',
      id,
      ...requested,
      rejectUnrecovered: (flag & REJECT_UNRECOVERED) !== 0,
      recoverable,
      positioned,
      joinLeave,
    };
  },
  unsubscribe: (id, fields) => {
    const channel = text(fields, 'channel');
    return channel ? { method: 'unsubscribe', id, channel } : undefined;
  },
  refresh: (id, fields) => {
    const token = text(fields, 'token');
    return token ? { method: 'refresh', id, token } : undefined;
  },
  sub_refresh: (id, fields) => {
    const channel = text(fields, 'channel');
    const token = text(fields, 'token');
    return channel && token !== undefined
      ? { method: 'sub_refresh', id, channel, token }
      : undefined;
  },
  publish: (id, fields, line) => {
    const channel = text(fields, 'channel');
    if (!channel || fields.data === undefined) return undefined;
    return { method: 'publish', id, channel, data: exactData(line) };
  },
  history: (id, fields) => {
    const channel = text(fields, 'channel');
    const limit = whole(fields, 'limit');
    const reverse = flagOf(fields, 'reverse');
    const since = fields.since;
    if (!channel || limit === undefined || reverse === undefined) return undefined;
    if (since === undefined || since === null) {
      return { method: 'history', id, channel, limit, since: undefined, reverse };
    }
    if (!isObject(since)) return undefined;
    const epoch = text(since, 'epoch');
    const offset = whole(since, 'offset');
    if (epoch === undefined || offset === undefined) return undefined;
    return { method: 'history', id, channel, limit, since: { epoch, offset }, reverse };
  },
  presence: (id, fields) => {
    const channel = text(fields, 'channel');
    return channel ? { method: 'presence', id, channel } : undefined;
  },
  presence_stats: (id, fields) => {
    const channel = text(fields, 'channel');
    return channel ? { method: 'presence_stats', id, channel } : undefined;
  },
  rpc: (id) => ({ method: 'rpc', id }),
};

function requestedSubs(value: unknown): RequestedSub[] | undefined {
  if (value === undefined || value === null) return [];
  if (!isObject(value)) return undefined;
  const subs: RequestedSub[] = [];
  for (const [channel, fields] of Object.entries(value)) {
    if (!isObject(fields)) return undefined;
    // To stock Centrifugo `token` is an unknown field of any type: a strange one is a bad token, no bad frame.
    const { token = '', ...position } = fields;
    const requested = requestedSub(channel, position);
    if (requested === undefined) return undefined;
    subs.push({ ...requested, token: typeof token === 'string' ? token : NO_TOKEN });
  }
  return subs;
}

function requestedSub(channel: string | undefined, fields: Fields): RequestedSub | undefined {
  const token = text(fields, 'token');
  const recover = flagOf(fields, 'recover');
  const epoch = text(fields, 'epoch');
  const offset = whole(fields, 'offset');
  if (channel === undefined || token === undefined || recover === undefined) return undefined;
  if (epoch === undefined || offset === undefined || offset < 0) return undefined;
  return { channel, token, recover, epoch, offset };
}

/**
 * The `data` of a publish, written as it came where it matters: numbers keep every digit (H12), and
 * no newline is left that would end the object early.
 */
function exactData(line: string): string {
  const parsed = parseExactly(line) as { publish: { data: unknown } };
  return JSON.stringify(parsed.publish.data);
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A string field, '' where absent, undefined where it is something else. */
function text(fields: Fields, key: string): string | undefined {
  const value = fields[key] ?? '';
  return typeof value === 'string' ? value : undefined;
}

function whole(fields: Fields, key: string): number | undefined {
  const value = fields[key] ?? 0;
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined;
}

function flagOf(fields: Fields, key: string): boolean | undefined {
  const value = fields[key] ?? false;
  return typeof value === 'boolean' ? value : undefined;
}
