/** What the storm bench and its crowd of clients say to each other, over Node's IPC channel. */

export interface StormPlace {
  /** Of the server: `https://127.0.0.1:1234`. */
  readonly url: string;
  readonly caFile: string | null;
}

/** A person with a session, as it stands in the database. */
export interface StormUser {
  readonly id: string;
  readonly sessionId: string;
  readonly refreshToken: string;
}

export interface StormKeys {
  /** In base64url, as `keys.json` has them; a connection or subscription key is that text itself. */
  readonly access: string;
  readonly connection: string;
  readonly subscription: string;
}

export type StormCommand =
  | {
      readonly kind: 'begin';
      readonly place: StormPlace;
      readonly organisationId: string;
      readonly users: readonly StormUser[];
      readonly keys: StormKeys;
      /** Seq that everyone is up to date with. */
      readonly seq: number;
    }
  /** All sockets are cut; the server may be unreachable for a time. Answered when everyone is live again. */
  | { readonly kind: 'cut' }
  /** Where the server is now, after it was started again. */
  | { readonly kind: 'moved'; readonly place: StormPlace }
  /** How many messages each client has had. Answered once all have so many, or some time has passed. */
  | { readonly kind: 'count'; readonly messages: number };

export type StormReport =
  | { readonly kind: 'live'; readonly tookMs: number; readonly cpuMicros: number }
  | ({ readonly kind: 'back' } & StormFigures)
  | {
      readonly kind: 'counted';
      /** Clients that had fewer, and more, than they should. */
      readonly tooFew: number;
      readonly tooMany: number;
    };

export interface StormFigures {
  /** From the cut to the last client being live, and to half of them. */
  readonly allMs: number;
  readonly halfMs: number;
  /** Dials, the failed ones among them. */
  readonly dials: number;
  /** Close codes that were seen, other than a connection being simply gone. */
  readonly closes: Readonly<Record<number, number>>;
  readonly errors: Readonly<Record<string, number>>;
  readonly renewals: number;
  readonly recovered: number;
  readonly caughtUp: number;
  /** CPU time of the crowd's process. */
  readonly cpuMicros: number;
}
