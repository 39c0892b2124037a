/** What the bench's processes say to each other, over Node's IPC channel. */

export interface HubSecrets {
  readonly connectionSecret: string;
  readonly subscriptionSecret: string;
}

export interface HubServerStart extends HubSecrets {
  readonly kind: 'start';
  readonly history: boolean;
  readonly isTls: boolean;
}

export interface HubServerReady {
  readonly kind: 'ready';
  readonly port: number;
}

export interface HubServerFigures {
  readonly kind: 'figures';
  /** User and system time of the process so far, in microseconds. */
  readonly cpuMicros: number;
  readonly closes: Readonly<Record<number, number>>;
  readonly subscriptions: number;
}

export type LoadCommand =
  | (HubSecrets & {
      readonly kind: 'connect';
      readonly port: number;
      readonly count: number;
      /** Number of the first connection: connections have users and channels of their own. */
      readonly first: number;
      /** How many are on their way at a time. */
      readonly atOnce: number;
      /** One channel for all, or one for each. */
      readonly isPersonal: boolean;
      readonly isTls: boolean;
    })
  /** Answered once that many publications have arrived in all. */
  | { readonly kind: 'expect'; readonly deliveries: number };

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
  | { readonly kind: 'delivered'; readonly cpuMicros: number; readonly atMs: number };

/** TLS by a shared key, so that no certificate is needed: what a connection costs afterwards is the same. */
export const tlsOptions = { ciphers: 'PSK+HIGH', maxVersion: 'TLSv1.2' } as const;
export const tlsKey = Buffer.alloc(16, 7);

/** The channel that connection number `index` subscribes to. */
export function channelOf(index: number, isPersonal: boolean): string {
  return isPersonal
    ? `0198f3a0-2222-7aaa-8aaa-000000000002/0198f3a0-1111-7aaa-8aaa-${String(index).padStart(12, '0')}`
    : '0198f3a0-2222-7aaa-8aaa-000000000002/0198f3a0-1111-7aaa-8aaa-everyone0000';
}
