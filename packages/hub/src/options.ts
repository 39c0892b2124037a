import type { ChannelRules } from './channel-options.ts';
import type { Clock, FrameEncoder, Random, TokenVerifier } from './ports.ts';

/** Limits and times, each with Centrifugo's default (centrifugo.md §2.4). Times in milliseconds. */
export interface HubLimits {
  /** A longer WebSocket message closes 1009; enforced by the transport. */
  readonly messageBytes: number;
  /** Bytes waiting for one client; more closes 3008. */
  readonly queueBytes: number;
  /** Bytes of one client's commands waiting behind a token check; more closes 3013. */
  readonly inboxBytes: number;
  /** Subscriptions of one client; one more is error 106, or close 3505 where the server asks for it. */
  readonly channels: number;
  readonly channelNameBytes: number;
  /** Connections of one user, anonymous ones aside; one more closes 3504. 0: no limit. */
  readonly userConnections: number;
  /** No connect within this time: 3502. */
  readonly staleMs: number;
  readonly pingMs: number;
  /** No pong within this time after a ping: 3012. */
  readonly pongMs: number;
  /** A connection token that ran out is borne for this long, for the client to refresh it. */
  readonly expiredGraceMs: number;
  /** As long a subscription token. */
  readonly expiredSubGraceMs: number;
  /** A peer that does not answer a close, or was refused at connect, is dropped after this time. */
  readonly closeMs: number;
  /** Publications of one history reply. */
  readonly historyPublications: number;
  /** More missed publications than this are not recovered. */
  readonly recoveryPublications: number;
  /** Results remembered for idempotency keys, all channels together; beyond, the oldest go early. */
  readonly idempotencyResults: number;
  /** Characters of data in all histories; beyond, histories are cut channel by channel. */
  readonly historyCharacters: number;
}

export interface HubOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly verifier: TokenVerifier;
  /** A faster one than the built-in, where the platform has it. */
  readonly encodeFrame?: FrameEncoder;
  /** Ids of clients by their number, counted from 1; by default UUIDs made of `random`. */
  readonly clientIdOf?: (number: number) => string;
  readonly limits?: Partial<HubLimits>;
  /** What channels are and allow. Default: no history, and a token for every subscription. */
  readonly channels?: ChannelRules;
  /** A client may connect without a token; it has no user. Default false: 3501. */
  readonly allowAnonymousConnectWithoutToken?: boolean;
  /** A connection token without a user is refused with 3507. */
  readonly disallowAnonymousConnectionTokens?: boolean;
  /** Clients may connect, subscribe, publish and read without tokens: for development. */
  readonly insecure?: boolean;
  /** How long a publication's idempotency key is remembered; default 300 s. */
  readonly idempotencyMs?: number;
  /** Told of every close with its code (1006: the peer was simply gone), for metrics and logs. */
  readonly onClose?: (code: number) => void;
}

export const defaultLimits: HubLimits = {
  messageBytes: 65_536,
  queueBytes: 1_048_576,
  inboxBytes: 1_048_576,
  channels: 128,
  channelNameBytes: 255,
  userConnections: 0,
  staleMs: 10_000,
  pingMs: 25_000,
  pongMs: 8_000,
  expiredGraceMs: 25_000,
  expiredSubGraceMs: 25_000,
  closeMs: 5_000,
  historyPublications: 300,
  recoveryPublications: 300,
  idempotencyResults: 500_000,
  historyCharacters: 256 * 1_048_576,
};

export const defaultIdempotencyMs = 300_000;
