/** Time. */
export interface Clock {
  /** Unix milliseconds: token expiry is a date. */
  unixMs(): number;
  /** Monotonic milliseconds, for everything that lasts. */
  now(): number;
  /** Runs `run` every `periodMs` until the result is called; must not keep a process alive. */
  every(periodMs: number, run: () => void): () => void;
  /** Runs `run` once; the result cancels it. */
  after(delayMs: number, run: () => void): () => void;
}

/** Uniform in [0, 1): phases of pings, epochs. */
export type Random = () => number;

/**
 * A WebSocket message that many sockets are sent. A transport may keep the framed bytes in `frame`,
 * so that a publication is framed once whatever the number of its receivers.
 */
export interface SharedMessage {
  readonly text: string;
  frame?: unknown;
}

/** One open WebSocket, seen from the hub. Methods never throw, also after the close. */
export interface HubSocket {
  /** Sends one text message. */
  send(text: string): void;
  /** Sends one text message that others get too. */
  sendShared(message: SharedMessage): void;
  /** Bytes handed over and not yet taken by the network. */
  bufferedBytes(): number;
  /** Starts the closing handshake after what was sent. */
  close(code: number, reason: string): void;
  /** Drops the connection without a close frame, and without what waits to be sent. */
  terminate(): void;
}

/** What a connection token allows. */
export interface ConnectionGrant {
  /** Empty for an anonymous user. */
  readonly user: string;
  /** Unix seconds; undefined: never. */
  readonly expiresAt?: number;
  /** Channels of server-side subscriptions, from the token's claim. */
  readonly channels?: readonly string[];
  /** By which `disconnect` finds all connections of one login. */
  readonly session?: string;
}

/** What a subscription token allows. */
export interface SubscriptionGrant {
  readonly user: string;
  readonly channel: string;
  readonly expiresAt?: number;
}

/**
 * Why a token is refused. `expired`: it was good once (error 109). `invalid`: a connection token that
 * is no good (close 3500). `denied`: a subscription token that is no good (error 103).
 */
export type TokenFault = 'expired' | 'invalid' | 'denied';

export type Verdict<Grant> =
  | { readonly ok: true; readonly grant: Grant }
  | { readonly ok: false; readonly fault: TokenFault };

/** A verdict at once where it can be had, else a promise of it. Never rejects, never throws. */
export type Judged<Grant> = Verdict<Grant> | Promise<Verdict<Grant>>;

/** Who may connect and subscribe. Expiry is judged before identity (centrifugo.md §5). */
export interface TokenVerifier {
  connection(token: string): Judged<ConnectionGrant>;
  subscription(token: string): Judged<SubscriptionGrant>;
}
