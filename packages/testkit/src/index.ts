export { issueCertificate } from '@telex/certificate';
export { type ApiCaller, type CallOptions, createApiCaller, type RawReply } from './api-caller.ts';
export { type DelayLine, type DelayLineOptions, startDelayLine } from './delay-line.ts';
export { nameOwned } from './desktop/bus-name.ts';
export { type Part, startPart } from './desktop/part.ts';
export {
  type RealDesktop,
  type RealDesktopOptions,
  startRealDesktop,
} from './desktop/real-desktop.ts';
export { type Area, openScreen, type Screen, type ScreenWindow } from './desktop/screen.ts';
export {
  type Session,
  startDunst,
  startOpenbox,
  startPanel,
  startXfceNotifyd,
  startXfconf,
  trayIcon,
} from './desktop/xfce.ts';
export { startXvfb, type Xvfb } from './desktop/xvfb.ts';
export { createFakeClock, type FakeClock } from './fake-clock.ts';
export {
  type FakeCommand,
  type FakeConnection,
  type FakeReply,
  type FakeRequest,
  type FakeTelex,
  type FakeTelexOptions,
  fakeToken,
  startFakeTelex,
} from './fake-telex.ts';
export { type BusProcess, launchBus } from './launch-bus.ts';
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
export { needProgram } from './need-program.ts';
export { buildEngine } from './push-servers/build-engine.ts';
export { engineLacks } from './push-servers/engine-lacks.ts';
export { freePort } from './push-servers/free-port.ts';
export { type PushBehind, startPushBehind } from './push-servers/push-behind.ts';
export { centrifugoCommand, engineCommand, hubCommand } from './push-servers/push-commands.ts';
export { type PushKind, pushKinds, readPushKind } from './push-servers/push-kind.ts';
export {
  type PushServer,
  type PushServerConfig,
  type PushServerOptions,
  startPushServer,
} from './push-servers/push-server.ts';
export { type Redis, type RedisOptions, startRedis } from './push-servers/redis.ts';
export { chooseSeed, seededRandom } from './seeded-random.ts';
