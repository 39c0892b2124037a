import type { ChannelOptions, ChannelOverride } from './channel-options.ts';

/**
 * Who asked for a subscription: the client itself by `subscribe`, a token in `connect.subs`, or the
 * server (a claim of the connection's token, the host).
 */
export type Origin = 'client' | 'token' | 'server';

/** What one subscription is given. Shared by all that ask for nothing of their own. */
export interface Terms {
  readonly origin: Origin;
  readonly isRecoverable: boolean;
  readonly isPositioned: boolean;
  /** Counts among those present. */
  readonly isPresent: boolean;
  /** Its joining and leaving are told. */
  readonly announces: boolean;
  /** It is told of the others'. */
  readonly hears: boolean;
  /** What the others learn of it in this channel, JSON text. */
  readonly info: string | undefined;
}

/** What a client asks for in a `subscribe`, and may have. */
export interface Asked {
  readonly recoverable: boolean;
  readonly positioned: boolean;
  readonly joinLeave: boolean;
}

const NOTHING: Asked = { recoverable: false, positioned: false, joinLeave: false };

export function termsOf(
  options: ChannelOptions,
  origin: Origin,
  more: {
    readonly override?: ChannelOverride | undefined;
    readonly info?: string | undefined;
    readonly asked?: Asked;
  } = {},
): Terms {
  const { presence, joinLeave, forcePushJoinLeave, forceRecovery, forcePositioning } = {
    ...options,
    ...more.override,
  };
  const asked = more.asked ?? NOTHING;
  const isRecoverable = forceRecovery || asked.recoverable;
  return {
    origin,
    isRecoverable,
    isPositioned: isRecoverable || forcePositioning || asked.positioned,
    isPresent: presence,
    announces: joinLeave,
    hears: forcePushJoinLeave || asked.joinLeave,
    info: more.info,
  };
}
