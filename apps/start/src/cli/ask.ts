import * as v from 'valibot';
import { askInstance } from '../control/client.ts';
import { checkFolder, type Endpoint, findEndpoint } from '../control/endpoint.ts';
import type { ControlRequest } from '../control/protocol.ts';
import { readEnvironment } from '../environment.ts';
import { StartError } from '../errors.ts';
import { clockTime, counted } from '../notify/wording.ts';
import type { Invocation } from './arguments.ts';

const LIMITS_MS = {
  status: 5_000,
  logout: 5_000,
  exit: 3_000,
  test: 45_000,
  login: 60_000,
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
  counts: v.looseObject({ shown: v.number(), counted: v.number(), dropped: v.number() }),
});
const testReply = v.looseObject({
  arrived: v.boolean(),
  hops: v.array(v.looseObject({ hop: v.string(), ms: v.number() })),
  broken: v.optional(v.string()),
  sentence: v.optional(v.string()),
});

type Asking = Extract<Invocation, { json: boolean }>;

/** Runs a command that asks the running instance; gives its exit code. Throws `StartError`. */
export async function ask(invocation: Asking): Promise<number> {
  const environment = readEnvironment();
  const endpoint = findEndpoint(environment, invocation.control);
  if (endpoint.folder !== undefined) checkFolder(endpoint.folder, environment);
  const { command } = invocation;
  const request: ControlRequest =
    invocation.command === 'login'
      ? await loginRequest(endpoint, invocation.email)
      : { command: invocation.command };
  const result = await askInstance(endpoint, request, LIMITS_MS[command]);
  const { lines, exitCode } = describe(command, result);
  console.log(invocation.json ? JSON.stringify({ ok: exitCode === 0, result }) : lines.join('\n'));
  return exitCode;
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

function describe(
  command: Asking['command'],
  result: unknown,
): { readonly lines: readonly string[]; readonly exitCode: number } {
  if (command === 'test') return describeTest(result);
  if (command === 'exit') return { lines: ['Telex Start ends.'], exitCode: 0 };
  const status = readStatus(result);
  if (command === 'logout') return { lines: [status.sentence], exitCode: 0 };
  const exitCode = status.state === 'signed-out' ? 4 : 0;
  const { counts, user, retry_at_unix_ms: retryAt } = status;
  return {
    exitCode,
    lines: [
      status.sentence,
      ...(user === undefined ? [] : [`  signed in   ${user.email ?? user.id}`]),
      `  server      ${status.server ?? 'none known yet'}`,
      ...(retryAt === undefined ? [] : [`  next try    ${clockTime(retryAt)}`]),
      ...(user === undefined ? [] : [`  unread      ${counted(status.unread, 'thread')}`]),
      ...(status.quiet.length === 0 ? [] : [`  quiet       ${status.quiet.join(', ')}`]),
      `  since start ${counts.shown} shown, ${counts.counted} counted in summaries, ${counts.dropped} dropped`,
      `  process     ${status.pid}`,
    ],
  };
}

function readStatus(result: unknown): v.InferOutput<typeof statusReply> {
  return read(statusReply, result);
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
