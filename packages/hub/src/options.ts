import type { Clock, FrameEncoder, Random, TokenVerifier } from './ports.ts';

/** Limits and times, each with Centrifugo's default (centrifugo.md §2.4). Times in milliseconds. */
export interface HubLimits {
  /** A longer WebSocket message closes 1009; enforced by the transport. */
  readonly messageBytes: number;
  /** Bytes waiting for one client; more closes 3008. */
  readonly queueBytes: number;
  /** Bytes of one client's commands waiting behind a token check; more closes 3013. */
  readonly inboxBytes: number;
  /** Subscriptions of one client; one more is error 106. */
  readonly channels: number;
  readonly channelNameBytes: number;
  /** No connect within this time: 3502. */
  readonly staleMs: number;
  readonly pingMs: number;
  /** No pong within this time after a ping: 3012. */
  readonly pongMs: number;
  /** A token that ran out is borne for this long, for the client to refresh it. */
  readonly expiredGraceMs: number;
  /** A peer that does not answer a close, or was refused at connect, is dropped after this time. */
  readonly closeMs: number;
  /** Publications of one history or recovery reply. */
  readonly replayed: number;
  /** Results remembered for idempotency keys, all channels together; beyond, the oldest go early. */
  readonly idempotencyResults: number;
  /** Characters of data in all histories; beyond, histories are cut channel by channel. */
  readonly historyCharacters: number;
}

export interface HistoryOptions {
  /** Publications kept a channel; 0 switches history, recovery and offsets off. */
  readonly size: number;
  /** Since the last publication. */
  readonly ttlMs: number;
  /** How long offset and epoch outlive the last publication. */
  readonly metaTtlMs: number;
}

export interface HubOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly verifier: TokenVerifier;
  /** A faster one than the built-in, where the platform has it. */
  readonly encodeFrame?: FrameEncoder;
  /** Ids of clients; by default UUIDs made of `random`. */
  readonly newClientId?: () => string;
  readonly limits?: Partial<HubLimits>;
  readonly history?: Partial<HistoryOptions>;
  /** How long a publication's idempotency key is remembered; default 300 s. */
  readonly idempotencyMs?: number;
  /** Clients may publish to channels they are subscribed to. Default false: 103. */
  readonly allowPublish?: boolean;
  /** Clients may ask for history of channels they are subscribed to. Default false: 103. */
  readonly allowHistory?: boolean;
  /** Who is in a channel is known, of every channel. Default false: 108. */
  readonly presence?: boolean;
  /** Clients may ask for the presence of channels they are subscribed to. Default false: 103. */
  readonly allowPresence?: boolean;
  /** Told of every close with its code (1006: the peer was simply gone), for metrics and logs. */
  readonly onClose?: (code: number) => void;
}

export const defaultLimits: HubLimits = {
  messageBytes: 65_536,
  queueBytes: 1_048_576,
  inboxBytes: 1_048_576,
  channels: 128,
  channelNameBytes: 255,
  staleMs: 10_000,
  pingMs: 25_000,
  pongMs: 8_000,
  expiredGraceMs: 25_000,
  closeMs: 5_000,
  replayed: 300,
  idempotencyResults: 500_000,
  historyCharacters: 256 * 1_048_576,
};

export const defaultHistory: HistoryOptions = {
  size: 300,
  ttlMs: 24 * 3_600_000,
  metaTtlMs: 720 * 3_600_000,
};

export const defaultIdempotencyMs = 300_000;
