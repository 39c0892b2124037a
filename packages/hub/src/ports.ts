import type { ChannelOverride } from './channel-options.ts';

/**
 * What the hub needs from outside: it opens no socket, reads no clock and checks no signature itself.
 * Ready-made ones for Node are in `@telex/hub/node`.
 */

/** Time. */
export interface Clock {
  /** Unix milliseconds: a token's expiry is a date. Nothing else is counted by it. */
  unixMs(): number;
  /** Monotonic milliseconds, for everything that lasts. */
  now(): number;
  /** Runs `run` every `periodMs` until the result is called; must not keep a process alive. */
  every(periodMs: number, run: () => void): () => void;
  /** Runs `run` soon, once input that is already waiting has been taken (`setImmediate`). */
  soon(run: () => void): void;
}

/** Uniform in [0, 1): phases of pings, epochs. */
export type Random = () => number;

/** Bytes of one unmasked WebSocket text message (RFC 6455 §5.2). */
export type FrameEncoder = (text: string) => Uint8Array;

/** One open WebSocket, seen from the hub. Methods never throw, also after the close. */
export interface HubSocket {
  /**
   * Hands over bytes that are one or more whole WebSocket frames, without waiting. False: the socket
   * is full, and the hub keeps what follows until `HubConnection.drained()`.
   */
  write(frames: Uint8Array): boolean;
  /** Bytes handed over and not yet taken by the network. */
  bufferedBytes(): number;
  /** Starts the closing handshake after what was written. */
  close(code: number, reason: string): void;
  /** Drops the connection without a close frame, and without what waits to be sent. */
  terminate(): void;
}

/** What a transport tells the hub about one socket. None of these throws. */
export interface HubConnection {
  /** One WebSocket message, text or binary, as text. */
  receive(text: string): void;
  /** The socket takes more, after a `write` that was answered with false. */
  drained(): void;
  /** The socket is gone, whoever ended it. */
  closed(): void;
}

/** How one channel is subscribed to. Info and data are JSON text without newlines, as others see them. */
export interface SubGrant {
  /** Shown to others as `chan_info`. */
  readonly info?: string;
  /** Told to the subscriber with the subscription. */
  readonly data?: string;
  readonly override?: ChannelOverride;
}

/** What a connection token allows. */
export interface ConnectionGrant {
  /** Empty for an anonymous user. */
  readonly user: string;
  /** Unix seconds; undefined: never. */
  readonly expiresAt?: number;
  /** By which `disconnect` finds all connections of one login. */
  readonly session?: string;
  /** JSON text without newlines, shown to others as `conn_info`. */
  readonly info?: string;
  /** Server-side subscriptions by channel, from the token's claims `channels` and `subs`. */
  readonly subs?: ReadonlyMap<string, SubGrant>;
}

/** What a subscription token allows. The hub compares user and channel itself. */
export interface SubscriptionGrant extends SubGrant {
  readonly user: string;
  readonly channel: string;
  /** Id of the only connection that may use it; undefined: any of the user's. */
  readonly client?: string;
  /** Unix seconds; undefined: never. */
  readonly expiresAt?: number;
}

/**
 * Why a token is refused.
 * - `expired`: it was good once (error 109); judged before anything else that it says.
 * - `ended`: what it allows is over although the token is not (`expire_at` in the past; error 110).
 * - `invalid`: a connection token that is no good (close 3500); as `denied` for a subscription.
 * - `denied`: a subscription token that is no good (error 103); as `invalid` for a connection.
 * - `unavailable`: it can't be judged now (error 100, temporary). A verifier that throws says the same.
 */
export type TokenFault = 'expired' | 'ended' | 'invalid' | 'denied' | 'unavailable';

export type Verdict<Grant> =
  | { readonly ok: true; readonly grant: Grant }
  | {
      readonly ok: false;
      readonly fault: TokenFault;
      /** Of a token that has ended: whose it was is judged first. */
      readonly grant?: Grant;
    };

/** A verdict at once where it can be had, which keeps a connect cheap; else a promise of it. */
export type Judged<Grant> = Verdict<Grant> | Promise<Verdict<Grant>>;

/** Who may connect and subscribe. Expiry is judged before identity (centrifugo.md §5). */
export interface TokenVerifier {
  connection(token: string): Judged<ConnectionGrant>;
  subscription(token: string): Judged<SubscriptionGrant>;
}
