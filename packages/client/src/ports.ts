/** Time. Lifetimes are counted on `now`; `unixMs` is for showing and for noticing sleep. */
export interface Clock {
  /** Monotonic milliseconds, any origin. */
  now(): number;
  /** Runs `run` once after `delayMs`; the result cancels it. */
  after(delayMs: number, run: () => void): () => void;
  /** Unix milliseconds. */
  unixMs(): number;
}

/** Uniform in [0, 1), for jitter. */
export type Random = () => number;

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** From the call to the last byte of the reply. */
  readonly timeoutMs: number;
  /** A longer reply is broken off and reported as `too-large`. */
  readonly maxReplyBytes: number;
  readonly signal?: AbortSignal;
}

/** Why no reply came. */
export type HttpFailure =
  | 'no-network'
  | 'refused'
  | 'untrusted-certificate'
  | 'timeout'
  | 'cancelled'
  | 'too-large'
  | 'broken';

export type HttpReply =
  | {
      readonly ok: true;
      readonly status: number;
      /** By lower-case name. */
      header(name: string): string | undefined;
      readonly body: string;
    }
  /** `detail` is an error code such as `ECONNREFUSED`, nothing of the request. */
  | { readonly ok: false; readonly reason: HttpFailure; readonly detail: string };

/** HTTP over connections that are kept alive and verified. Redirects are not followed. */
export interface Http {
  /** Never rejects. */
  send(request: HttpRequest): Promise<HttpReply>;
  /** Opens a connection to the origin of `url` for the next request; failures are silent. */
  preconnect(url: string): void;
  /** Ends idle connections; for `close()` and after sign-out. */
  closeIdle(): void;
}

/** The part of a standard WebSocket that the SDK uses. Text frames only. */
export interface WebSocketLike {
  /** 0 connecting, 1 open, 2 closing, 3 closed. */
  readonly readyState: number;
  onopen: ((event: unknown) => void) | null;
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  onerror: ((event: unknown) => void) | null;
  onclose: ((event: { readonly code: number; readonly reason: string }) => void) | null;
  send(data: string): void;
  close(code?: number, reason?: string): void;
}
export type OpenWebSocket = (url: string) => WebSocketLike;

/** The last contiguous `seq` of each organisation, by organisation id. No secrets. */
export type Marks = Readonly<Record<string, number>>;

/** Where marks outlive the program. `key` names server and user. */
export interface MarksStore {
  /** Empty where there are none, or where they cannot be read. */
  load(key: string): Promise<Marks>;
  /** Atomic: a reader sees all of it or the one before. Rejects where it cannot be written. */
  save(key: string, marks: Marks): Promise<void>;
}

/** One line a call; `fields` never hold a secret. */
export interface Log {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

export interface Ports {
  readonly clock: Clock;
  readonly random: Random;
  readonly http: Http;
  readonly openWebSocket: OpenWebSocket;
  /** Opens the connection under the next WebSocket ahead, where that can be done; silent. */
  readonly preconnectWebSocket?: (url: string) => void;
  /** Drops what was opened ahead. */
  readonly closeIdleWebSocket?: () => void;
  readonly marks: MarksStore;
  readonly log: Log;
}
