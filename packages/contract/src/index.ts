export {
  changePasswordBody,
  loginBody,
  loginReply,
  profile,
  refreshBody,
  refreshReply,
  registerBody,
} from './account.ts';
export {
  CATCH_UP_LIMIT,
  catchUpBody,
  catchUpReply,
  organisationCatchUp,
  unreadReply,
  unreadSet,
  unreadThread,
} from './catch-up.ts';
export {
  type ErrorEnvelope,
  errorEnvelope,
  type Pagination,
  readErrorBody,
  replyData,
} from './envelope.ts';
export {
  type ErrorCode,
  type ErrorRow,
  errorTable,
  isErrorCode,
  TelexError,
  type TelexErrorOptions,
} from './errors.ts';
export {
  CHANNELS_SECTION,
  MESSAGES_SECTION,
  type OtherEvent,
  PREVIEW_LENGTH,
  type PushEvent,
  parsePush,
  previewOf,
  type TestNotification,
  type ThreadRead,
  type UnreadThreadChange,
} from './events.ts';
export { IDEMPOTENCY_HEADER, idempotencyKey } from './messages.ts';
export { ROLES, type Role, readRole } from './organisations.ts';
export { type Fault, faultSentence, type Parsed, parse, parseJson } from './parse.ts';
export { pathId } from './primitives.ts';
export { BASE_PATH, PUSH_PATH, pushChannel, readPushChannel } from './push-channel.ts';
export { type Auth, fillPath, type Method, pathParameters, type Route } from './route.ts';
export {
  type Body,
  type BodyInput,
  type Query,
  type Reply,
  type ReplyInput,
  type RouteName,
  type RouteParameters,
  type Routes,
  routes,
} from './routes.ts';
