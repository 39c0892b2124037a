import type { ChannelKind } from './channel-kinds.ts';
import { channelNameFault, isTooLong } from './channel-name.ts';
import { type Disconnect, disconnects, type ErrorName, errors } from './codes.ts';
import type { CommandOf, RequestedSub } from './commands.ts';
import { judge, type Soon, subscriptionError, whenAllThere, whenThere } from './judging.ts';
import type { HubLimits } from './options.ts';
import { maySubscribe } from './permissions.ts';
import type {
  ConnectionGrant,
  SubGrant,
  SubscriptionGrant,
  TokenFault,
  TokenVerifier,
  Verdict,
} from './ports.ts';

export type ConnectCommand = CommandOf<'connect'>;

/** A channel that the connect subscribes to. */
export interface PlannedSub {
  readonly channel: string;
  readonly kind: ChannelKind;
  readonly origin: 'server' | 'token';
  readonly grant: SubGrant;
  /** Unix seconds; undefined: as long as the connection. */
  readonly expiresAt: number | undefined;
  /** Where the client wants to go on from. */
  readonly position: RequestedSub | undefined;
}

/** What a connect comes to. */
export type ConnectOutcome =
  | {
      readonly kind: 'granted';
      readonly grant: ConnectionGrant;
      readonly subs: readonly PlannedSub[];
      /** Channels asked for with a token that is no good, each with the reason. */
      readonly refused: readonly (readonly [channel: string, reason: string])[];
    }
  | { readonly kind: 'error'; readonly error: ErrorName }
  | { readonly kind: 'close'; readonly disconnect: Disconnect };

/** What planning needs of the hub. */
export interface PlanHost {
  readonly verifier: TokenVerifier;
  readonly limits: HubLimits;
  /** What a connect without a token is granted; undefined: it is refused. */
  readonly withoutToken: ConnectionGrant | undefined;
  /** A token without a user is refused. */
  readonly refusesAnonymousTokens: boolean;
  kindOf(name: string): ChannelKind | undefined;
}

/**
 * Judges the tokens of a connect: its own, and those of `connect.subs`, which are this hub's extension
 * (SPEC.md, HB50 on). A channel that is both in the claim and in `subs` is one server-side subscription.
 */
export function planConnect(command: ConnectCommand, host: PlanHost): Soon<ConnectOutcome> {
  const { token, subs } = command;
  if (token === '') {
    const { withoutToken } = host;
    return withoutToken === undefined
      ? close(disconnects.badRequest)
      : planSubs(withoutToken, subs, host);
  }
  return whenThere(
    judge(() => host.verifier.connection(token)),
    (verdict): Soon<ConnectOutcome> => {
      if (!verdict.ok) return refusedConnect(verdict.fault);
      const { grant } = verdict;
      if (grant.user === '' && host.refusesAnonymousTokens) {
        return close(disconnects.permissionDenied);
      }
      return planSubs(grant, subs, host);
    },
  );
}

function planSubs(
  grant: ConnectionGrant,
  subs: readonly RequestedSub[],
  host: PlanHost,
): Soon<ConnectOutcome> {
  const { limits, verifier } = host;
  const planned: PlannedSub[] = [];
  for (const [channel, sub] of grant.subs ?? []) {
    if (channel === '') continue;
    const kind = host.kindOf(channel);
    if (kind === undefined) return { kind: 'error', error: 'unknownChannel' };
    if (isTooLong(channel, limits.channelNameBytes)) {
      return { kind: 'error', error: 'badRequest' };
    }
    const position = subs.find((one) => one.channel === channel);
    planned.push({ channel, kind, origin: 'server', grant: sub, expiresAt: undefined, position });
  }
  const asked = subs.filter(({ channel }) => grant.subs?.has(channel) !== true);
  for (const sub of asked) {
    if (sub.token !== '') continue;
    const kind = host.kindOf(sub.channel);
    if (kind === undefined) return close(disconnects.badRequest);
    const open = openSub(sub, kind, grant.user, limits);
    if (open !== undefined) planned.push(open);
  }
  if (planned.length > limits.channels) return close(disconnects.channelLimit);
  const withToken = asked.filter((sub) => sub.token !== '');
  // Beyond the limit no token is even looked at.
  const room = limits.channels - planned.length;
  const judged = withToken
    .slice(0, room)
    .map((sub) => judge(() => verifier.subscription(sub.token)));
  return whenAllThere(judged, (verdicts) => ({
    kind: 'granted',
    grant,
    ...sortOut(grant, planned, withToken, verdicts, host),
  }));
}

/** A channel that needs no token; undefined: it needs one, and is left out. */
function openSub(
  sub: RequestedSub,
  kind: ChannelKind,
  user: string,
  limits: HubLimits,
): PlannedSub | undefined {
  const { channel } = sub;
  if (channel === '' || isTooLong(channel, limits.channelNameBytes)) return undefined;
  if (channelNameFault(channel, kind) !== undefined) return undefined;
  if (!maySubscribe(kind, channel, user)) return undefined;
  return { channel, kind, origin: 'server', grant: {}, expiresAt: undefined, position: sub };
}

function sortOut(
  { user }: ConnectionGrant,
  claimed: readonly PlannedSub[],
  withToken: readonly RequestedSub[],
  verdicts: readonly Verdict<SubscriptionGrant>[],
  host: PlanHost,
) {
  const subs: PlannedSub[] = [...claimed];
  const refused: [channel: string, reason: string][] = [];
  for (const [index, sub] of withToken.entries()) {
    const { channel } = sub;
    const kind = host.kindOf(channel);
    const verdict = verdicts[index];
    const error = subFault(channel, kind, verdict, user, host.limits);
    if (error !== undefined || kind === undefined || verdict?.ok !== true) {
      refused.push([channel, errors[error ?? 'permissionDenied'].message]);
    } else {
      const { grant } = verdict;
      const { expiresAt } = grant;
      subs.push({ channel, kind, origin: 'token', grant, expiresAt, position: sub });
    }
  }
  return { subs, refused };
}

function subFault(
  channel: string,
  kind: ChannelKind | undefined,
  verdict: Verdict<SubscriptionGrant> | undefined,
  user: string,
  limits: HubLimits,
): ErrorName | undefined {
  if (verdict === undefined) return 'limitExceeded';
  if (channel === '' || isTooLong(channel, limits.channelNameBytes)) return 'badRequest';
  const fault = channelNameFault(channel, kind);
  if (fault !== undefined) return fault;
  if (!verdict.ok) return subscriptionError(verdict.fault);
  const { grant } = verdict;
  // Nobody can have known this connection's id.
  const isOwn = grant.user === user && grant.channel === channel && grant.client === undefined;
  return isOwn ? undefined : 'permissionDenied';
}

function refusedConnect(fault: TokenFault): ConnectOutcome {
  switch (fault) {
    case 'expired':
      return { kind: 'error', error: 'tokenExpired' };
    case 'ended':
      return { kind: 'error', error: 'expired' };
    case 'unavailable':
      return { kind: 'error', error: 'internal' };
    case 'invalid':
    case 'denied':
      return close(disconnects.invalidToken);
  }
}

function close(disconnect: Disconnect): ConnectOutcome {
  return { kind: 'close', disconnect };
}
