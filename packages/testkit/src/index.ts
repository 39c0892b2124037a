export { type ApiCaller, type CallOptions, createApiCaller, type RawReply } from './api-caller.ts';
export {
  type LaunchOptions,
  launchServer,
  type ServerProcess,
  type ServerReady,
} from './launch-server.ts';
export {
  launchStart,
  type StartOptions,
  type StartProcess,
  type StartReportLine,
} from './launch-start.ts';
export { chooseSeed, seededRandom } from './seeded-random.ts';
