import type { BodyInput, Query, Reply, RouteName, RouteParameters } from '@telex/contract';
import type { Fault } from './faults.ts';
import type { Ports } from './ports.ts';
import type { SessionListener, Unread } from './session-events.ts';
import type { SignedInUser, State } from './state.ts';

export interface Credentials {
  readonly email: string;
  /** Used for one request and dropped. */
  readonly password: string;
}

export type SignInOutcome =
  | { readonly ok: true; readonly user: SignedInUser }
  | { readonly ok: false; readonly fault: Fault };

/** Outcome of a call: the validated `data` of the reply, or why there is none. */
export type CallOutcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly fault: Fault };

export interface CallInput<Name extends RouteName> {
  readonly parameters?: RouteParameters<Name>;
  readonly query?: Partial<Record<keyof Query<Name> & string, string>>;
  readonly body?: BodyInput<Name>;
}

export interface SessionOptions {
  /** Origin of the API, `https://host[:port]`; the base path `/api/v1` is added. */
  readonly apiUrl: string;
  /** `wss://` address of the push server. Default: `/centrifugo/connection/websocket` on `apiUrl`. */
  readonly pushUrl?: string;
  readonly ports: Ports;
  /** Program name and version for the server's lists, such as `telex-start/0.1.0`. */
  readonly program?: string;
  /**
   * Takes `http://` and `ws://` for 127.0.0.1, ::1 and localhost only: tests, and proxies on this
   * machine that end TLS. Default false.
   */
  readonly allowLoopbackHttp?: boolean;
}

/** A Telex session for any program: sign in once, then typed events until signed out. */
export interface Session {
  /** What is true now; listen for `state` events to learn of changes. */
  readonly state: State;
  /** The unread set as last known. */
  readonly unread: Unread;
  /** Adds a listener; the result removes it. */
  listen(listener: SessionListener): () => void;
  /** Opens connections ahead, when a login dialog opens. Safe to call often. */
  prepare(): void;
  /**
   * Signs in. Settles once the session is `live`, or signed in but `offline` (both `ok`), or failed.
   * A session that is signed in already is signed out first. `signOut()` cancels it at once.
   */
  signIn(credentials: Credentials): Promise<SignInOutcome>;
  /** Ends the session here at once and tells the server in the background. */
  signOut(): void;
  /**
   * A hint that the network changed or the machine woke up: checks at once whether tokens are still
   * good and dials without waiting if offline.
   */
  reconnectNow(): void;
  /** Calls a route of the API as the signed-in user; an expired access token is renewed once. */
  call<Name extends RouteName>(
    name: Name,
    input?: CallInput<Name>,
  ): Promise<CallOutcome<Reply<Name>>>;
  /** Ends everything, idempotent. Marks are saved first; done within 1 s whatever the server does. */
  close(): Promise<void>;
}
