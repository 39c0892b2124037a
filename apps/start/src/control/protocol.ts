// What goes over the control socket: one JSON object a line, each way.
//   → {"command":"status"}
//   ← {"ok":true,"result":{…}}  or  {"ok":false,"error":{"code","message"}}
import { faultSentence, parse, parseJson } from '@telex/contract';
import * as v from 'valibot';
import { isStartErrorCode, StartError } from '../errors.ts';

/** Longest request line in bytes. */
export const LONGEST_REQUEST = 16_384;
/** Longest reply line in UTF-16 units. */
export const LONGEST_REPLY = 1_048_576;

const text = (most: number) =>
  v.pipe(v.string(), v.nonEmpty('must not be empty'), v.maxLength(most, 'is too long'));

const requests = v.variant('command', [
  v.strictObject({ command: v.literal('status') }),
  v.strictObject({
    command: v.literal('login'),
    email: text(320),
    password: text(1_024),
    /** Another than the one that is known. */
    server: v.optional(text(2_048)),
  }),
  /** Brings up the login where nobody is signed in: what a second start asks for. */
  v.strictObject({ command: v.literal('raise') }),
  v.strictObject({ command: v.literal('logout') }),
  v.strictObject({ command: v.literal('test') }),
  v.strictObject({ command: v.literal('open'), link: v.optional(text(1_024)) }),
  v.strictObject({ command: v.literal('close') }),
  v.strictObject({
    command: v.literal('pause'),
    length: v.picklist(['30m', '1h', 'tomorrow'], 'must be 30m, 1h or tomorrow'),
  }),
  v.strictObject({ command: v.literal('resume') }),
  v.strictObject({ command: v.literal('recent') }),
  /** `scope` is one of `status`. */
  v.strictObject({ command: v.literal('unmute'), scope: text(1_024) }),
  v.strictObject({ command: v.literal('reconnect') }),
  v.strictObject({ command: v.literal('exit') }),
]);
export type ControlRequest = v.InferOutput<typeof requests>;
const commandNames = requests.options.map(({ entries }) => entries.command.literal);
const named = v.looseObject({ command: v.string() });

/** Reads one line. Throws `StartError`; what the line held is never repeated, it may be a password. */
export function readRequest(line: string): ControlRequest {
  const json = parseJson(line);
  if (!json.ok) throw new StartError('malformed_request', 'The request is not one line of JSON.');
  const some = parse(named, json.value);
  if (!some.ok) {
    throw new StartError('malformed_request', 'The request is no object with a "command".');
  }
  const { command } = some.value;
  if (!commandNames.some((name) => name === command)) {
    throw new StartError(
      'unknown_request',
      `There is no such command; there are ${commandNames.join(', ')}.`,
    );
  }
  const parsed = parse(requests, json.value);
  if (parsed.ok) return parsed.value;
  throw new StartError('bad_request', `In the request ${faultSentence(parsed.faults[0])}.`);
}

const reply = v.variant('ok', [
  v.looseObject({ ok: v.literal(true), result: v.unknown() }),
  v.looseObject({
    ok: v.literal(false),
    error: v.looseObject({ code: v.string(), message: v.string() }),
  }),
]);

export function replyLine(result: unknown): string {
  return `${JSON.stringify({ ok: true, result })}\n`;
}

export function errorLine(error: StartError): string {
  return `${JSON.stringify({ ok: false, error: { code: error.code, message: error.message } })}\n`;
}

/** The result in a reply line. Throws `StartError`: the one it carries, or that it can't be read. */
export function readReply(line: string): unknown {
  const json = parseJson(line);
  const parsed = parse(reply, json.ok ? json.value : undefined);
  if (!parsed.ok) {
    throw new StartError(
      'no_answer',
      'The running Telex Start sent an answer that cannot be read.',
    );
  }
  if (parsed.value.ok) return parsed.value.result;
  const { code, message } = parsed.value.error;
  throw new StartError(isStartErrorCode(code) ? code : 'internal', message);
}
