/** What the bench and its load generator say to each other, over Node's IPC channel. */

/** Where a push server listens, and how its tokens are signed. */
export interface PushServerPlace {
  readonly port: number;
  /** PEM of the CA that signed its certificate; undefined: no TLS. */
  readonly ca: string | undefined;
  readonly connectionSecret: string;
  readonly subscriptionSecret: string;
  readonly apiKey: string;
}

export type LoadCommand =
  | {
      readonly kind: 'connect';
      readonly place: PushServerPlace;
      readonly count: number;
      /** Number of the first connection: connections have users and channels of their own. */
      readonly first: number;
      /** How many are on their way at a time. */
      readonly atOnce: number;
      /** One channel for all, or one for each. */
      readonly isPersonal: boolean;
    }
  /** Answered once every connection has had so many publications since it was asked. */
  | { readonly kind: 'expect'; readonly messages: number }
  /** When each message was sent, on the monotonic clock; answered with how long they took to arrive. */
  | { readonly kind: 'latencies'; readonly sentMs: readonly number[] }
  /** Publishes from here to the one channel, at a pace; answered with how long it took to arrive everywhere. */
  | { readonly kind: 'paced'; readonly messages: number; readonly perSecond: number };

export interface Latencies {
  readonly p50: number;
  readonly p99: number;
  readonly most: number;
}

export type LoadReport =
  /** Tokens are signed, connecting begins. */
  | { readonly kind: 'prepared' }
  | {
      readonly kind: 'connected';
      /** From the first connect to the last subscribe reply. */
      readonly tookMs: number;
      readonly failed: number;
      readonly cpuMicros: number;
    }
  | { readonly kind: 'delivered'; readonly cpuMicros: number; readonly atMs: number }
  | ({ readonly kind: 'latencies' } & Latencies);

/** The channel that connection number `index` subscribes to. */
export function channelOf(index: number, isPersonal: boolean): string {
  return isPersonal
    ? `0198f3a0-2222-7aaa-8aaa-000000000002/0198f3a0-1111-7aaa-8aaa-${String(index).padStart(12, '0')}`
    : '0198f3a0-2222-7aaa-8aaa-000000000002/0198f3a0-1111-7aaa-8aaa-everyone0000';
}
