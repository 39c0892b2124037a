import * as v from 'valibot';
import { askInstance } from '../control/client.ts';
import { checkFolder, type Endpoint, findEndpoint } from '../control/endpoint.ts';
import type { ControlRequest } from '../control/protocol.ts';
import { readEnvironment } from '../environment.ts';
import { StartError } from '../errors.ts';
import { counted, quietReason } from '../notify/wording.ts';
import { createTrayTimes } from '../tray/tray-words.ts';
import type { Invocation } from './arguments.ts';

const SIGN_IN = 'Sign in with: telex-start login';
const times = createTrayTimes(Date.now);

const LIMITS_MS = {
  status: 5_000,
  logout: 5_000,
  exit: 3_000,
  test: 45_000,
  login: 60_000,
  // The main app gets 5 s to end by itself.
  open: 20_000,
  close: 20_000,
  pause: 5_000,
  resume: 5_000,
  recent: 5_000,
  unmute: 5_000,
  reconnect: 5_000,
} as const;

/** What of the running instance's answer the commands print. */
const statusReply = v.looseObject({
  state: v.string(),
  sentence: v.string(),
  server: v.nullable(v.string()),
  pid: v.number(),
  user: v.optional(v.looseObject({ id: v.string(), email: v.optional(v.string()) })),
  unread: v.number(),
  retry_at_unix_ms: v.optional(v.number()),
  quiet: v.array(v.string()),
  paused_until_unix_ms: v.optional(v.number()),
  muted: v.array(
    v.looseObject({ scope: v.string(), label: v.string(), until_unix_ms: v.number() }),
  ),
  /** What came of a command. */
  outcome: v.optional(v.string()),
  counts: v.looseObject({ shown: v.number(), counted: v.number(), dropped: v.number() }),
});
const testReply = v.looseObject({
  arrived: v.boolean(),
  hops: v.array(v.looseObject({ hop: v.string(), ms: v.number() })),
  broken: v.optional(v.string()),
  sentence: v.optional(v.string()),
});

const recentReply = v.looseObject({
  notifications: v.array(
    v.looseObject({ title: v.string(), body: v.string(), atUnixMs: v.number() }),
  ),
});

type Asking = Exclude<
  Extract<Invocation, { json: boolean }>,
  { command: 'doctor' | 'install' | 'uninstall' }
>;

/** Runs a command that asks the running instance; gives its exit code. Throws `StartError`. */
export async function ask(invocation: Asking): Promise<number> {
  const environment = readEnvironment();
  const endpoint = findEndpoint(environment, invocation.control);
  if (endpoint.folder !== undefined) checkFolder(endpoint.folder, environment);
  const { command } = invocation;
  const request = await requestOf(invocation, endpoint);
  const result = await askInstance(endpoint, request, LIMITS_MS[command]);
  const { lines, exitCode } = describe(invocation, result);
  console.log(invocation.json ? JSON.stringify({ ok: exitCode === 0, result }) : lines.join('\n'));
  return exitCode;
}

async function requestOf(invocation: Asking, endpoint: Endpoint): Promise<ControlRequest> {
  switch (invocation.command) {
    case 'login':
      return loginRequest(endpoint, invocation.email);
    case 'open':
      return {
        command: 'open',
        ...(invocation.word === undefined ? {} : { link: invocation.word }),
      };
    case 'pause':
      return pauseRequest(invocation.word);
    case 'unmute':
      return unmuteRequest(endpoint, invocation.word);
    default:
      return { command: invocation.command };
  }
}

/** Without a length all that is wanted is whether there is a pause. */
function pauseRequest(length: string | undefined): ControlRequest {
  if (length === undefined) return { command: 'status' };
  if (length === 'off') return { command: 'resume' };
  if (length === '30m' || length === '1h' || length === 'tomorrow') {
    return { command: 'pause', length };
  }
  throw new StartError(
    'bad_flag',
    'A pause is as long as 30m, 1h or tomorrow says, and ends by off, such as: telex-start pause 30m',
  );
}

/** The scope behind a number of the list; without one the list is all that is wanted. */
async function unmuteRequest(
  endpoint: Endpoint,
  number: string | undefined,
): Promise<ControlRequest> {
  if (number === undefined) return { command: 'status' };
  if (number === 'all') return { command: 'unmute', scope: 'all' };
  const { muted } = readStatus(
    await askInstance(endpoint, { command: 'status' }, LIMITS_MS.status),
  );
  const mute = /^\d{1,3}$/.test(number) ? muted[Number(number) - 1] : undefined;
  if (mute !== undefined) return { command: 'unmute', scope: mute.scope };
  throw new StartError('bad_flag', 'Nothing muted has that number. See: telex-start unmute');
}

async function loginRequest(
  endpoint: Endpoint,
  email: string | undefined,
): Promise<ControlRequest> {
  // Asked first: nobody should type a password for an instance that is not there.
  const { server } = readStatus(
    await askInstance(endpoint, { command: 'status' }, LIMITS_MS.status),
  );
  const { readLogin } = await import('./read-login.ts');
  const credentials = await readLogin(server ?? undefined, email);
  if (credentials === 'cancelled') {
    throw new StartError('login_cancelled', 'Signing in was cancelled.');
  }
  return { command: 'login', ...credentials };
}

interface Answer {
  readonly lines: readonly string[];
  readonly exitCode: number;
}

function describe(invocation: Asking, result: unknown): Answer {
  const { command } = invocation;
  switch (command) {
    case 'test':
      return describeTest(result);
    case 'exit':
      return said('Telex Start ends.');
    case 'recent':
      return describeRecent(result);
    case 'reconnect':
      return describeReconnect(readStatus(result));
    case 'logout':
      return said(readStatus(result).sentence);
    case 'unmute':
      return describeMuted(readStatus(result));
    case 'pause':
      if (invocation.word === undefined) return said(pauseSentence(readStatus(result)));
      return said(readStatus(result).outcome || 'Done.');
    case 'open':
    case 'close':
    case 'resume':
      return said(readStatus(result).outcome || 'Done.');
    default:
      return describeStatus(readStatus(result));
  }
}

function said(sentence: string): Answer {
  return { lines: [sentence], exitCode: 0 };
}

/** The answer comes before the connection does. */
function describeReconnect({ state, sentence }: StatusReply): Answer {
  if (state === 'signed-out') {
    return { lines: [sentence, SIGN_IN], exitCode: 4 };
  }
  return said(state === 'live' ? sentence : 'Connecting now. What comes of it: telex-start status');
}

function describeRecent(result: unknown): Answer {
  const { notifications } = read(recentReply, result);
  if (notifications.length === 0) return said('No notification has been shown yet.');
  const lines = notifications.map(
    ({ title, body, atUnixMs }) => `${times.minute(atUnixMs)}  ${title}\n       ${body}`,
  );
  return { lines, exitCode: 0 };
}

function describeMuted({ muted }: StatusReply): Answer {
  if (muted.length === 0) return said('Nothing is muted.');
  const lines = muted.map(
    ({ label, until_unix_ms: until }, index) =>
      `${index + 1}  ${label}, until ${times.minute(until)}`,
  );
  return { lines, exitCode: 0 };
}

function describeStatus(status: StatusReply): Answer {
  const exitCode = status.state === 'signed-out' ? 4 : 0;
  const { counts, user, retry_at_unix_ms: retryAt } = status;
  return {
    exitCode,
    lines: [
      status.sentence,
      ...(status.state === 'signed-out' ? [SIGN_IN] : []),
      ...(user === undefined ? [] : [`  signed in   ${user.email ?? user.id}`]),
      `  server      ${status.server ?? 'none known yet'}`,
      ...(retryAt === undefined ? [] : [`  next try    ${times.second(retryAt)}`]),
      ...(user === undefined ? [] : [`  unread      ${counted(status.unread, 'thread')}`]),
      ...(status.quiet.length === 0 ? [] : [`  quiet       ${quietLine(status)}`]),
      ...status.muted.map(({ label }) => `  muted       ${label}`),
      `  since start ${counts.shown} shown, ${counts.counted} counted in summaries, ${counts.dropped} dropped`,
      `  process     ${status.pid}`,
    ],
  };
}

type StatusReply = v.InferOutput<typeof statusReply>;

function readStatus(result: unknown): StatusReply {
  return read(statusReply, result);
}

function pauseSentence({ quiet, paused_until_unix_ms: until }: StatusReply): string {
  if (!quiet.includes('paused')) {
    return 'Notifications are not paused. Pause them with: telex-start pause 30m, 1h or tomorrow';
  }
  const end = until === undefined ? '' : ` until ${times.minute(until)}`;
  return `Notifications are paused${end}. End that with: telex-start resume`;
}

function quietLine({ quiet, paused_until_unix_ms: until }: StatusReply): string {
  return quiet
    .map((reason) =>
      reason === 'paused' && until !== undefined
        ? `paused until ${times.minute(until)}`
        : quietReason(reason),
    )
    .join(', ');
}

function describeTest(result: unknown) {
  const { arrived, hops, broken, sentence } = read(testReply, result);
  const passed = hops.map(({ hop, ms }) => `  ${hop.padEnd(10)} ${ms.toFixed(1).padStart(8)} ms`);
  if (arrived) return { lines: ['The test notification was shown.', ...passed], exitCode: 0 };
  return {
    lines: [
      `The test notification was lost before it was ${broken ?? 'shown'}: ${sentence ?? ''}`,
      ...passed,
      `  ${(broken ?? '').padEnd(10)}     lost`,
    ],
    exitCode: 5,
  };
}

function read<const Schema extends v.GenericSchema>(
  schema: Schema,
  result: unknown,
): v.InferOutput<Schema> {
  const parsed = v.safeParse(schema, result);
  if (parsed.success) return parsed.output;
  throw new StartError('no_answer', 'The running Telex Start is of another version. Restart it.');
}
