export { createSession } from './create-session.ts';
export { type Fault, type FaultCode, type FaultRow, faultTable, makeFault } from './faults.ts';
export type {
  Clock,
  Http,
  HttpFailure,
  HttpReply,
  HttpRequest,
  Log,
  Marks,
  MarksStore,
  OpenWebSocket,
  Ports,
  Random,
  WebSocketLike,
} from './ports.ts';
export type {
  CallInput,
  CallOutcome,
  Credentials,
  Session,
  SessionOptions,
  SignInOutcome,
} from './session.ts';
export type {
  OrganisationCaughtUp,
  ReceivedPush,
  SessionEvent,
  SessionListener,
  Unread,
  UnreadOfOrganisation,
} from './session-events.ts';
export type {
  Organisation,
  OrganisationStatus,
  SignedInUser,
  SignedOutReason,
  State,
} from './state.ts';
