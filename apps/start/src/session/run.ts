import { flushCompileCache } from 'node:module';
import type { Credentials } from '@telex/client';
import type { Invocation } from '../cli/arguments.ts';
import { askInstance } from '../control/client.ts';
import { findEndpoint, secureFolder } from '../control/endpoint.ts';
import { openControl } from '../control/server.ts';
import { chooseDesktop } from '../desktop/choose-desktop.ts';
import type { Desktop } from '../desktop/desktop.ts';
import type { DesktopChoice } from '../desktop/desktop-choice.ts';
import {
  type Environment,
  environmentForOthers,
  readConfig,
  readEnvironment,
} from '../environment.ts';
import { systemCode } from '../errors.ts';
import { createMainApp } from '../main-app/create-main-app.ts';
import { createLinuxProcesses } from '../main-app/linux-processes.ts';
import type { MainApp } from '../main-app/main-app.ts';
import { createMemoryJournal, type Journal, openJournal } from '../notify/journal.ts';
import { readCertificate } from '../read-certificate.ts';
import { readCredentials } from '../report/read-credentials.ts';
import { noReport, openReport } from '../report/report-writer.ts';
import { chooseSettings, noServer, readServerAddress, type Settings } from '../settings.ts';
import { VERSION } from '../version.ts';
import { nodeCollector } from './give-back.ts';
import { type KnownLogin, readKnownLogin, saveKnownLogin } from './known-login.ts';
import { createSessionSwitch } from './session-switch.ts';
import { createStartApp, type StartApp } from './start-app.ts';

/** What is not done by then is left, whatever hangs: half of the second that Exit may take. */
const EXIT_LIMIT_MS = 500;
/** Of a very first run: at its end Node would write hundreds of files, while somebody waits for Exit. */
const CACHE_FLUSH_MS = 5_000;
const RAISE_LIMIT_MS = 2_000;

/** `telex-start run`: until it is told to end. Throws `StartError` for what keeps it from starting. */
export async function run(invocation: Extract<Invocation, { command: 'run' }>): Promise<void> {
  const environment = readEnvironment();
  const settings = chooseSettings(invocation, environment, readConfig(environment.configFile));
  const endpoint = findEndpoint(environment, invocation.control);
  secureFolder(endpoint, environment);

  // Bound before anything else is opened: a second start must do nothing but find the first.
  const ready = Promise.withResolvers<StartApp>();
  const control = await openControl(endpoint, async (request) =>
    (await ready.promise).handle(request),
  );
  if (control === 'taken') {
    console.log(await raiseFirst(endpoint));
    return;
  }
  try {
    const { reportFd, credentialsFd } = invocation;
    const report = reportFd === undefined ? noReport : openReport(reportFd);
    const [app, credentials] = await Promise.all([
      openApp(invocation.desktop, settings, environment, report),
      credentialsFd === undefined ? undefined : readCredentials(credentialsFd),
    ]);
    ready.resolve(app);
    await live(app, credentials);
  } finally {
    control.close();
  }
}

async function openApp(
  choice: DesktopChoice,
  settings: Settings,
  environment: Environment,
  report: ReturnType<typeof openReport>,
): Promise<StartApp> {
  // The tray icon first: what is loaded now would keep it waiting.
  const desktop = await chooseDesktop(choice, environment);
  try {
    return await openAppOn(desktop, settings, environment, report);
  } catch (error) {
    desktop.close();
    throw error;
  }
}

async function openAppOn(
  desktop: Desktop,
  settings: Settings,
  environment: Environment,
  report: ReturnType<typeof openReport>,
): Promise<StartApp> {
  const [{ createSession }, { createNodePorts }] = await Promise.all([
    import('@telex/client'),
    import('@telex/client/node'),
  ]);
  const ports = createNodePorts({
    ...(settings.caFile === undefined ? {} : { ca: readCertificate(settings.caFile) }),
    marksDirectory: settings.stateDir,
  });
  const known = readKnownLogin(settings.stateDir);
  const server = settings.server ?? knownServer(known);
  if (server === undefined && desktop.login === undefined) throw noServer(environment.configFile);
  const session = createSessionSwitch(server, ({ origin, isLoopbackHttp }) =>
    createSession({
      apiUrl: origin,
      allowLoopbackHttp: isLoopbackHttp,
      program: `telex-start/${VERSION}`,
      ports,
    }),
  );
  return createStartApp({
    session,
    desktop,
    mainApp: openMainApp(settings, environment, ports.clock),
    journal: journalIn(settings.stateDir, desktop.say),
    report,
    email: known.email,
    saveKnown: (login) => saveKnownLogin(settings.stateDir, login),
    clock: ports.clock,
    collect: nodeCollector(),
  });
}

function openMainApp(
  { mainApp }: Settings,
  { dataHome, dataDirs, configDir, path, home }: Environment,
  clock: Parameters<typeof createMainApp>[0]['clock'],
): MainApp {
  return createMainApp({
    configured: mainApp,
    places: { dataDirs: [dataHome, ...dataDirs], configDir, path },
    processes: createLinuxProcesses({ env: environmentForOthers(), home }),
    clock,
  });
}

function knownServer({ server }: KnownLogin) {
  try {
    return server === undefined ? undefined : readServerAddress(server);
  } catch {
    return undefined;
  }
}

async function live(app: StartApp, credentials: Credentials | undefined): Promise<void> {
  const { promise: stopped, resolve: stop } = Promise.withResolvers<void>();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
  app.begin(credentials);
  setTimeout(flushCompileCache, CACHE_FLUSH_MS).unref();
  await Promise.race([app.quit, stopped]);
  setTimeout(() => process.exit(0), EXIT_LIMIT_MS).unref();
  await app.close();
}

async function raiseFirst(endpoint: Parameters<typeof askInstance>[0]): Promise<string> {
  try {
    await askInstance(endpoint, { command: 'raise' }, RAISE_LIMIT_MS);
  } catch {
    return 'Telex Start is already running. See: telex-start status';
  }
  return 'Telex Start is already running; it shows its login where nobody is signed in. See: telex-start status';
}

function journalIn(folder: string, say: (sentence: string) => void): Journal {
  try {
    return openJournal(folder);
  } catch (error) {
    say(
      `The state folder ${folder} cannot be written to (${systemCode(error) ?? 'unknown fault'}): after a crash some notifications may be shown again.`,
    );
    return createMemoryJournal();
  }
}
