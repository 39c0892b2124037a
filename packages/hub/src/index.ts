export {
  checkDisconnect,
  type Disconnect,
  disconnects,
  type ErrorRow,
  errors,
  unsubscribes,
} from './codes.ts';
export type { Whose } from './connection.ts';
export type { Counters } from './counters.ts';
export { FrameReader, type FrameSink } from './frame-reader.ts';
export { createHub, type Hub, type HubStats } from './hub.ts';
export {
  defaultHistory,
  defaultLimits,
  type HistoryOptions,
  type HubLimits,
  type HubOptions,
} from './options.ts';
export type {
  ChannelOverride,
  Clock,
  ConnectionGrant,
  FrameEncoder,
  HubConnection,
  HubSocket,
  Judged,
  Random,
  SubGrant,
  SubscriptionGrant,
  TokenFault,
  TokenVerifier,
  Verdict,
} from './ports.ts';
export type { PublishOptions, PublishResult } from './publishing.ts';
export { frameHeadBytes, textFrame, writeFrameHead } from './text-frame.ts';
