import type { JsonObject } from '../json.ts';
import { connectionToken, inSeconds, subscriptionToken } from '../tokens.ts';

/** One thing that happens to a push server. `who` is one of the walk's clients. */
export type Step =
  /** A new connection, in place of the one that there was. */
  | { readonly kind: 'connect'; readonly who: number; readonly connect: JsonObject }
  | { readonly kind: 'command'; readonly who: number; readonly command: JsonObject }
  | { readonly kind: 'call'; readonly method: string; readonly params: JsonObject };

/** Stands for the epoch that the server has for that channel. */
export const EPOCH_OF = 'epoch of ';

export const CLIENTS = 3;
const STEPS = 16;
const KINDS = [
  ...['subscribe', 'subscribe', 'subscribe', 'subscribe', 'unsubscribe', 'publish', 'history'],
  ...['presence', 'presence_stats', 'sub_refresh', 'refresh', 'rpc', 'again'],
  ...['connect', 'connect', 'connect', 'call', 'call', 'call', 'call', 'call'],
] as const;
const METHODS = [
  ...['publish', 'publish', 'publish', 'broadcast', 'unsubscribe', 'subscribe', 'disconnect'],
  ...['refresh', 'history', 'history_remove', 'presence', 'presence_stats'],
] as const;
/** `other` is no namespace; `$private` wants a token everywhere. */
const CHANNELS = ['a', 'a', 'b', 'news:x', 'chat:x', 'other:x', '$private'] as const;
const TOKENS = [
  ...['good', 'good', 'good', 'good', 'none', 'other user', 'other channel', 'expired', 'forged'],
  ...['ended', 'connection', 'info', 'override'],
] as const;

/**
 * Steps that try what clients and the API may do, right and wrong. What the hub does otherwise on purpose
 * (SPEC.md of the hub) is left out.
 *
 * @param tag in every name, so that walks share a server
 */
export function planWalk(random: () => number, tag: string): Step[] {
  const pick = <Value>(values: readonly Value[]): Value =>
    values[Math.floor(random() * values.length)] as Value;
  const maybe = (chance: number, fields: JsonObject): JsonObject =>
    random() < chance ? fields : {};
  const number = (below: number) => Math.floor(random() * below);
  const channelName = () => `${pick(CHANNELS)}-${tag}`;
  const userOf = (who: number) => `user-${who}-${tag}`;

  const position = (channel: string) => ({
    epoch: pick([`${EPOCH_OF}${channel}`, `${EPOCH_OF}${channel}`, '', 'wrong']),
    offset: number(5),
  });
  const subscriptionTokenOf = (user: string, channel: string): string => {
    switch (pick(TOKENS)) {
      case 'none':
        return '';
      case 'other user':
        return subscriptionToken('somebody', channel);
      case 'other channel':
        return subscriptionToken(user, 'elsewhere');
      case 'expired':
        return subscriptionToken(user, channel, { exp: inSeconds(-5) });
      case 'forged':
        return 'forged';
      case 'ended':
        return subscriptionToken(user, channel, { expire_at: inSeconds(-10) });
      case 'connection':
        return connectionToken(user);
      case 'info':
        return subscriptionToken(user, channel, { info: { in: channel }, data: [number(9)] });
      case 'override':
        return subscriptionToken(user, channel, { override: override() });
      default:
        return subscriptionToken(user, channel);
    }
  };
  const override = () => {
    const value = () => ({ value: random() < 0.5 });
    return {
      ...maybe(0.5, { presence: value() }),
      ...maybe(0.5, { join_leave: value() }),
      ...maybe(0.5, { force_push_join_leave: value() }),
      ...maybe(0.5, { force_recovery: value() }),
    };
  };
  const claims = (): JsonObject => ({
    ...maybe(0.4, { channels: pick([['a'], ['b', 'a'], ['other:x'], ['']]).map(named) }),
    ...maybe(0.2, { info: { n: number(9) } }),
  });
  const named = (name: string) => (name === '' ? '' : `${name}-${tag}`);

  const connect = (who: number): Step => {
    const channel = channelName();
    const lateness = random() < 0.1 ? { exp: inSeconds(-5) } : {};
    const token = connectionToken(random() < 0.1 ? '' : userOf(who), { ...claims(), ...lateness });
    const asked = { recover: random() < 0.5, ...position(channel) };
    return {
      kind: 'connect',
      who,
      connect: { ...maybe(0.95, { token }), ...maybe(0.2, { subs: { [channel]: asked } }) },
    };
  };
  const command = (who: number, kind: (typeof KINDS)[number], channel: string): JsonObject => {
    switch (kind) {
      case 'subscribe':
        return {
          subscribe: {
            channel,
            token: subscriptionTokenOf(userOf(who), channel),
            ...maybe(0.4, { recover: true, ...position(channel) }),
            ...maybe(0.3, { recoverable: true }),
            ...maybe(0.3, { positioned: true }),
            ...maybe(0.4, { join_leave: true }),
          },
        };
      case 'publish':
        return { publish: { channel, data: { n: number(100) } } };
      case 'history':
        return { history: { channel, ...historyQuery(channel) } };
      case 'sub_refresh':
        return { sub_refresh: { channel, token: subscriptionToken(userOf(who), channel) } };
      case 'refresh':
        return { refresh: { token: pick([connectionToken(userOf(who), claims()), 'forged']) } };
      case 'rpc':
        return { rpc: { method: 'any', data: {} } };
      case 'again':
        return { connect: {} };
      default:
        return { [kind]: { channel } };
    }
  };
  const historyQuery = (channel: string) => ({
    limit: pick([0, 1, 2, -1, 500]),
    ...maybe(0.4, { since: position(channel) }),
    ...maybe(0.4, { reverse: true }),
  });
  const call = (step: number): Step => {
    const method = pick(METHODS);
    const channel = channelName();
    const user = userOf(number(CLIENTS));
    const publication = {
      data: { n: step },
      ...maybe(0.3, { idempotency_key: `${channel} ${number(3)}` }),
      ...maybe(0.2, { skip_history: true }),
      ...maybe(0.2, { tags: { kind: 'walk' } }),
    };
    const params: Readonly<Record<(typeof METHODS)[number], () => JsonObject>> = {
      publish: () => ({ channel, ...publication }),
      // Twice the same name would be a race (T7 of the suite's races).
      broadcast: () => ({ channels: [...new Set([channel, channelName()])], ...publication }),
      unsubscribe: () => ({ channel, user }),
      // A name of its own, since the hub does otherwise where the client is subscribed already.
      subscribe: () => ({ channel: `given-${step}-${tag}`, user, ...maybe(0.3, { data: [step] }) }),
      disconnect: () => ({ user, ...maybe(0.5, { disconnect: { code: 4400, reason: 'walk' } }) }),
      refresh: () => ({ user, ...pick([{ expired: true }, { expire_at: inSeconds(500) }]) }),
      history: () => ({ channel, ...historyQuery(channel) }),
      history_remove: () => ({ channel }),
      presence: () => ({ channel }),
      presence_stats: () => ({ channel }),
    };
    return { kind: 'call', method, params: params[method]() };
  };

  const start = Array.from({ length: CLIENTS }, (_, who) => connect(who));
  const walk = Array.from({ length: STEPS }, (_, step): Step => {
    const kind = pick(KINDS);
    const who = number(CLIENTS);
    if (kind === 'connect') return connect(who);
    if (kind === 'call') return call(step);
    return { kind: 'command', who, command: command(who, kind, channelName()) };
  });
  return [...start, ...walk];
}
