/*
 * Stands between the socket and the SDK. The SDK trusts its server: an object of a wrong shape makes it
 * throw inside its dispatch, which stops it for good and can end the process (centrifugo.md §10). What
 * passes here it can handle; what does not is left out and counted.
 */

const PUSH_PARTS = [
  'pub',
  'join',
  'leave',
  'unsubscribe',
  'subscribe',
  'message',
  'connect',
  'refresh',
  'disconnect',
] as const;
const RESULT_PARTS = [
  'connect',
  'subscribe',
  'unsubscribe',
  'refresh',
  'sub_refresh',
  'rpc',
  'publish',
  'history',
  'presence',
  'presence_stats',
] as const;

type Fields = Readonly<Record<string, unknown>>;

export interface GuardedFrame {
  /** The frame without what was left out; empty where nothing is left. */
  readonly text: string;
  readonly leftOut: number;
}

/** Checks every JSON object of a frame (centrifugo.md §2). */
export function guardFrame(frame: string): GuardedFrame {
  const lines = frame.endsWith('\n') ? frame.slice(0, -1).split('\n') : frame.split('\n');
  const passed = lines.filter(isHandled);
  const leftOut = lines.length - passed.length;
  return leftOut === 0 ? { text: frame, leftOut } : { text: passed.join('\n'), leftOut };
}

function isHandled(line: string): boolean {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return false;
  }
  if (!isFields(value)) return false;
  if (value.push !== undefined) return value.id === undefined && isPush(value.push);
  if (value.id === undefined || value.id === 0) return Object.keys(value).length === 0;
  return Number.isSafeInteger(value.id) && Number(value.id) > 0 && isReply(value);
}

function isPush(push: unknown): boolean {
  if (!isFields(push)) return false;
  const { channel, pub, unsubscribe, subscribe, disconnect } = push;
  if (channel !== undefined && !isChannelName(channel)) return false;
  if (PUSH_PARTS.some((part) => push[part] !== undefined && !isFields(push[part]))) return false;
  if (pub !== undefined && !isPublication(pub)) return false;
  if (subscribe !== undefined && !isPosition(subscribe)) return false;
  return [unsubscribe, disconnect].every((ending) => ending === undefined || isEnding(ending));
}

function isReply(reply: Fields): boolean {
  if (reply.error !== undefined) {
    return isFields(reply.error) && typeof reply.error.code === 'number';
  }
  const parts = RESULT_PARTS.filter((part) => reply[part] !== undefined);
  if (parts.length !== 1 || !parts.every((part) => isFields(reply[part]))) return false;
  const { connect, subscribe } = reply;
  if (connect !== undefined) return isConnectResult(connect);
  return subscribe === undefined || isSubscribeResult(subscribe);
}

function isConnectResult(result: unknown): boolean {
  if (!isFields(result) || typeof result.client !== 'string') return false;
  if (!isTtl(result.ttl) || !isOptionalNumber(result.ping)) return false;
  if (result.subs === undefined) return true;
  if (!isFields(result.subs) || !Object.keys(result.subs).every(isChannelName)) return false;
  return Object.values(result.subs).every(isSubscribeResult);
}

/** The SDK keeps channels as keys of a plain object: `__proto__` and its like would stop it. */
function isChannelName(value: unknown): boolean {
  return typeof value === 'string' && !(value in Object.prototype);
}

function isSubscribeResult(result: unknown): boolean {
  if (!isFields(result) || !isTtl(result.ttl) || !isPosition(result)) return false;
  const { publications } = result;
  if (publications === undefined) return true;
  return Array.isArray(publications) && publications.every(isPublication);
}

function isPublication(value: unknown): boolean {
  return isFields(value) && isPosition(value) && (value.info === undefined || isFields(value.info));
}

/** Offsets count up to 2^53 here; epochs are short strings. */
function isPosition(value: unknown): boolean {
  if (!isFields(value)) return false;
  const { offset, epoch } = value;
  const isOffset = offset === undefined || (Number.isSafeInteger(offset) && Number(offset) >= 0);
  return isOffset && (epoch === undefined || (typeof epoch === 'string' && epoch.length <= 256));
}

function isEnding(value: unknown): boolean {
  return isFields(value) && Number.isSafeInteger(value.code);
}

function isTtl(value: unknown): boolean {
  return value === undefined || (typeof value === 'number' && value > 0 && value < 1e9);
}

function isOptionalNumber(value: unknown): boolean {
  return value === undefined || (typeof value === 'number' && value >= 0 && value < 1e6);
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
