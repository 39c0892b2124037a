export {
  type ChannelOptions,
  type ChannelOverride,
  type ChannelRules,
  defaultChannelOptions,
} from './channel-options.ts';
export { checkDisconnect } from './check-disconnect.ts';
export { clientInfo, type Member } from './client-info.ts';
export {
  type Disconnect,
  disconnects,
  type ErrorName,
  type ErrorRow,
  errors,
  unsubscribes,
} from './codes.ts';
export type { Counters } from './counters.ts';
export { createHub } from './create-hub.ts';
export { isExactNumber, parseExactly } from './exact-json.ts';
export { FrameReader, type FrameSink } from './frame-reader.ts';
export { glob } from './glob.ts';
export type { History, HistoryQuery } from './history.ts';
export type { Hub, HubStats } from './hub.ts';
export { HubError } from './hub-error.ts';
export { defaultLimits, type HubLimits, type HubOptions } from './options.ts';
export type {
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
export type { ServerRefresh, ServerSubscription } from './server-side.ts';
export type { Position, Publication } from './stream.ts';
export { frameHeadBytes, textFrame, writeFrameHead } from './text-frame.ts';
export type { Whose } from './whose.ts';
