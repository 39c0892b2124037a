export {
  checkDisconnect,
  type Disconnect,
  disconnects,
  type ErrorRow,
  errors,
  unsubscribes,
} from './codes.ts';
export { createHub, type Hub, type HubConnection, type HubStats, type Whose } from './hub.ts';
export {
  defaultHistory,
  defaultLimits,
  type HistoryOptions,
  type HubLimits,
  type HubOptions,
} from './options.ts';
export type {
  Clock,
  ConnectionGrant,
  HubSocket,
  Judged,
  Random,
  SharedMessage,
  SubscriptionGrant,
  TokenFault,
  TokenVerifier,
  Verdict,
} from './ports.ts';
export type { PublishOptions, PublishResult } from './publishing.ts';
