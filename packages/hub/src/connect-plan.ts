import { channelNameFault } from './channel-name.ts';
import { type Disconnect, disconnects, type ErrorName, errors } from './codes.ts';
import type { Command, RequestedSub } from './commands.ts';
import { judge, type Soon, subscriptionError, whenAllThere, whenThere } from './judging.ts';
import type { HubLimits } from './options.ts';
import type {
  ConnectionGrant,
  SubscriptionGrant,
  TokenFault,
  TokenVerifier,
  Verdict,
} from './ports.ts';

export type ConnectCommand = Command & { method: 'connect' };

/** A channel that the connect subscribes to. */
export interface PlannedSub {
  readonly channel: string;
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

/**
 * Judges the tokens of a connect: its own, and those of `connect.subs`, which are this hub's extension
 * (SPEC.md, HB50 on). A channel that is both in the claim and in `subs` is one server-side subscription.
 */
export function planConnect(
  { token, subs }: ConnectCommand,
  verifier: TokenVerifier,
  limits: HubLimits,
): Soon<ConnectOutcome> {
  if (token === '') return close(disconnects.badRequest);
  return whenThere(
    judge(() => verifier.connection(token)),
    (verdict): Soon<ConnectOutcome> => {
      if (!verdict.ok) return refusedConnect(verdict.fault);
      const { grant } = verdict;
      const claimed = new Set(grant.subs?.keys());
      for (const channel of claimed) {
        const error = channelNameFault(channel, limits.channelNameBytes);
        if (error !== undefined) return { kind: 'error', error };
      }
      if (claimed.size > limits.channels) return close(disconnects.channelLimit);
      const asked = subs.filter(({ channel }) => !claimed.has(channel));
      if (asked.some((sub) => sub.token === '' && sub.channel.includes(':'))) {
        return close(disconnects.badRequest);
      }
      const withToken = asked.filter((sub) => sub.token !== '');
      // Beyond the limit no token is even looked at.
      const room = limits.channels - claimed.size;
      const judged = withToken
        .slice(0, room)
        .map((sub) => judge(() => verifier.subscription(sub.token)));
      return whenAllThere(judged, (verdicts) => {
        const planned = [...claimed].map((channel) => ({
          channel,
          expiresAt: undefined,
          position: subs.find((sub) => sub.channel === channel),
        }));
        return { kind: 'granted', grant, ...sortOut(grant, planned, withToken, verdicts, limits) };
      });
    },
  );
}

function sortOut(
  { user }: ConnectionGrant,
  claimed: readonly PlannedSub[],
  withToken: readonly RequestedSub[],
  verdicts: readonly Verdict<SubscriptionGrant>[],
  limits: HubLimits,
) {
  const planned: PlannedSub[] = [...claimed];
  const refused: [channel: string, reason: string][] = [];
  for (const [index, sub] of withToken.entries()) {
    const error = subFault(sub.channel, verdicts[index], user, limits);
    const verdict = verdicts[index];
    if (error !== undefined) {
      refused.push([sub.channel, errors[error].message]);
    } else if (verdict?.ok === true) {
      const { expiresAt } = verdict.grant;
      planned.push({ channel: sub.channel, expiresAt, position: sub });
    }
  }
  return { subs: planned, refused };
}

function subFault(
  channel: string,
  verdict: Verdict<SubscriptionGrant> | undefined,
  user: string,
  limits: HubLimits,
): ErrorName | undefined {
  if (verdict === undefined) return 'limitExceeded';
  const fault = channelNameFault(channel, limits.channelNameBytes);
  if (fault !== undefined) return fault;
  if (!verdict.ok) return subscriptionError(verdict.fault);
  const isOwn = verdict.grant.user === user && verdict.grant.channel === channel;
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
