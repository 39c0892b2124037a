import { isUtf8 } from 'node:buffer';
import {
  type ChannelOverride,
  type ConnectionGrant,
  isExactNumber,
  parseExactly,
  type SubGrant,
  type SubscriptionGrant,
} from '../src/index.ts';
import { type Claims, isObject } from './jwt-text.ts';

/**
 * What the claims of a connection token grant (centrifugo.md §5): `sub` or another claim for the
 * user, `sid`, `info` or `b64info`, `channels` or `subs`, of which `subs` counts when both are there.
 * Undefined when one has the wrong type. `payload` is the text that the claims were read from.
 */
export function connectionGrant(
  claims: Claims,
  payload: string,
  userClaim: string | undefined,
): ConnectionGrant | undefined {
  const { channels, subs, sid } = claims;
  const user = userOf(claims, payload, userClaim);
  const shown = readShown(claims, payload);
  if (user === undefined || shown === undefined) return undefined;
  if (!isAbsent(channels) && !isTexts(channels)) return undefined;
  if (!isAbsent(subs) && !isObject(subs)) return undefined;
  const granted = isEmpty(subs) ? named(channels) : readSubs(payload);
  if (granted === undefined) return undefined;
  return {
    user,
    ...expiry(claims),
    ...(typeof sid === 'string' ? { session: sid } : {}),
    ...(shown.info === undefined ? {} : { info: shown.info }),
    ...(granted.size === 0 ? {} : { subs: granted }),
  };
}

/** What the claims of a subscription token grant; undefined when one has the wrong type or `channel` is missing. */
export function subscriptionGrant(
  claims: Claims,
  payload: string,
  userClaim: string | undefined,
): SubscriptionGrant | undefined {
  const { channel, client } = claims;
  const user = userOf(claims, payload, userClaim);
  const shown = readShown(claims, payload);
  if (user === undefined || shown === undefined) return undefined;
  if (typeof channel !== 'string' || channel === '') return undefined;
  if (!isAbsent(client) && typeof client !== 'string') return undefined;
  // An empty one names no connection.
  return { user, channel, ...(client ? { client } : {}), ...expiry(claims), ...shown };
}

/** `expire_at` says when what the token allows ends, 0 never; else that is when the token ends. */
function expiry({ exp, expire_at: expireAt }: Claims): { readonly expiresAt?: number } {
  const at = expireAt ?? exp;
  return typeof at === 'number' && (at > 0 || at === exp) ? { expiresAt: at } : {};
}

/** Empty for an anonymous user; undefined for what names no user. */
function userOf(
  claims: Claims,
  payload: string,
  userClaim: string | undefined,
): string | undefined {
  const name = userClaim ?? 'sub';
  const user = Object.hasOwn(claims, name) ? claims[name] : undefined;
  if (isAbsent(user)) return '';
  if (typeof user === 'string') return user;
  // Ids beyond 2^53 must not become those of somebody else.
  return typeof user === 'number' ? JSON.stringify(exactClaims(payload)[name]) : undefined;
}

function readSubs(payload: string): ReadonlyMap<string, SubGrant> | undefined {
  const { subs } = exactClaims(payload);
  if (!isTable(subs)) return undefined;
  const granted = new Map<string, SubGrant>();
  for (const [channel, entry] of Object.entries(subs)) {
    const grant = isAbsent(entry) ? {} : isTable(entry) ? readSub(entry) : undefined;
    if (grant === undefined) return undefined;
    granted.set(channel, grant);
  }
  return granted;
}

function named(channels: unknown): ReadonlyMap<string, SubGrant> {
  return new Map(isTexts(channels) ? channels.map((channel) => [channel, {}]) : []);
}

const SHOWN = ['info', 'b64info', 'data', 'b64data', 'override'];

/** Info, data and overrides of a token. Only a token that has some is read once more for its digits. */
function readShown(claims: Claims, payload: string): SubGrant | undefined {
  return SHOWN.some((name) => !isAbsent(claims[name])) ? readSub(exactClaims(payload)) : {};
}

/** `info` or `b64info`, `data` or `b64data`, `override`; undefined when one is no good. */
function readSub(exact: Claims): SubGrant | undefined {
  const info = jsonText(exact.info, exact.b64info);
  const data = jsonText(exact.data, exact.b64data);
  const override = readOverride(exact.override);
  if (info === undefined || data === undefined || override === undefined) return undefined;
  return {
    ...(info === '' ? {} : { info }),
    ...(data === '' ? {} : { data }),
    ...(isEmpty(override) ? {} : { override }),
  };
}

/** JSON text of a claim that came as JSON or as base64 of JSON; '' for none, undefined for anything else. */
function jsonText(plain: unknown, base64: unknown): string | undefined {
  if (isAbsent(base64) || base64 === '') return isAbsent(plain) ? '' : JSON.stringify(plain);
  if (typeof base64 !== 'string') return undefined;
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.toString('base64') !== base64 || !isUtf8(bytes)) return undefined;
  try {
    return JSON.stringify(parseExactly(bytes.toString('utf8')));
  } catch {
    return undefined;
  }
}

const OVERRIDES = {
  presence: 'presence',
  join_leave: 'joinLeave',
  force_push_join_leave: 'forcePushJoinLeave',
  force_recovery: 'forceRecovery',
  force_positioning: 'forcePositioning',
} as const satisfies Record<string, keyof ChannelOverride>;

/** `{"presence":{"value":true}}`, where a missing value is false. */
function readOverride(claim: unknown): ChannelOverride | undefined {
  if (isAbsent(claim)) return {};
  if (!isTable(claim)) return undefined;
  const override: { -readonly [Name in keyof ChannelOverride]: boolean } = {};
  for (const [name, option] of Object.entries(OVERRIDES)) {
    const entry = claim[name];
    if (isAbsent(entry)) continue;
    const value = isTable(entry) ? (entry.value ?? false) : undefined;
    if (typeof value !== 'boolean') return undefined;
    override[option] = value;
  }
  return override;
}

/** The claims with numbers that keep every digit. The payload was read once already, so it is an object. */
function exactClaims(payload: string): Claims {
  return parseExactly(payload) as Claims;
}

function isAbsent(value: unknown): value is undefined | null {
  return value === undefined || value === null;
}

function isEmpty(value: unknown): boolean {
  return !isObject(value) || Object.keys(value).length === 0;
}

/** An object of JSON; numbers that keep their digits are objects too. */
function isTable(value: unknown): value is Claims {
  return isObject(value) && !isExactNumber(value);
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}
