import { askInstance } from '../control/client.ts';
import { findEndpoint } from '../control/endpoint.ts';
import { type Bus, openBus } from '../desktop/linux/bus.ts';
import { sessionBusAddress, systemBusAddress } from '../desktop/linux/bus-address.ts';
import { type Config, type Environment, readConfig, readEnvironment } from '../environment.ts';
import { StartError } from '../errors.ts';
import { resolveProgram } from '../login/resolve-program.ts';
import { readCertificate } from '../read-certificate.ts';
import { readKnownLogin } from '../session/known-login.ts';
import { chooseSettings, readServerAddress, type Settings } from '../settings.ts';
import { VERSION } from '../version.ts';
import { examineDesktop } from './desktop-examination.ts';
import { examine } from './examine.ts';
import { examineFolders } from './folders-examination.ts';
import { type AskInstance, examineInstance } from './instance-examination.ts';
import { examineBrowser, examineProgram } from './program-examination.ts';
import { examineProxy } from './proxy-examination.ts';
import { reportLine, verdictLine } from './render.ts';
import { type Examination, failed, ok, type Report } from './report.ts';
import { examineServer } from './server-examination.ts';

const ASK_LIMIT_MS = 20_000;

export interface DoctorInvocation {
  readonly json: boolean;
  readonly server?: string;
  readonly ca?: string;
  readonly control?: string;
  readonly state?: string;
}

/** `telex-start doctor`: looks at every part and prints what it finds; gives the exit code. */
export async function runDoctor(invocation: DoctorInvocation): Promise<number> {
  const environment = readEnvironment();
  const { settings, examination: settingsExamination } = examineSettings(invocation, environment);
  const endpoint = () => findEndpoint(environment, invocation.control);
  const buses = openBuses(environment);
  const reports: Report[] = [];
  const tell = (report: Report): void => {
    reports.push(report);
    if (!invocation.json) console.log(reportLine(report));
  };
  try {
    await examine(
      [
        examineProgram(VERSION),
        settingsExamination,
        examineProxy(environment.proxyVariables),
        examineServer({ ...settings, unixMs: Date.now }),
        examineInstance(asker(endpoint)),
        ...(buses === undefined ? [] : [examineDesktop(buses)]),
        examineFolders(environment, endpoint, settings.stateDir),
        examineBrowser({ path: environment.path, resolve: resolveProgram }),
      ],
      tell,
    );
  } finally {
    buses?.sessionBus?.close();
    buses?.systemBus.close();
  }
  const isWell = reports.every(({ verdict }) => verdict !== 'failed');
  console.log(
    invocation.json
      ? JSON.stringify({ ok: isWell, result: { checks: reports.map(rounded) } })
      : `\n${verdictLine(reports)}`,
  );
  return isWell ? 0 : 1;
}

interface ExaminedSettings {
  readonly settings: Pick<Settings, 'server' | 'stateDir'> & { readonly ca: string | undefined };
  readonly examination: Examination;
}

/** Settings as `run` would take them; what is wrong with them is a finding, and the rest is looked at all the same. */
function examineSettings(given: DoctorInvocation, environment: Environment): ExaminedSettings {
  const faults: string[] = [];
  const attempt = <Value>(read: () => Value): Value | undefined => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof StartError)) throw error;
      faults.push(error.message);
      return undefined;
    }
  };
  const config: Config = attempt(() => readConfig(environment.configFile)) ?? {};
  const settings = attempt(() => chooseSettings(given, environment, config));
  const stateDir = settings?.stateDir ?? given.state ?? environment.stateDir;
  const known = readKnownLogin(stateDir).server;
  const server =
    settings?.server ?? (known === undefined ? undefined : attempt(() => readServerAddress(known)));
  const caFile = settings?.caFile;
  const ca = caFile === undefined ? undefined : attempt(() => readCertificate(caFile));
  const finding =
    faults.length > 0
      ? failed(faults.join(' '))
      : ok('Flags, environment and configuration file are in order.');
  return {
    settings: { server, stateDir, ca },
    examination: async (tell) => tell({ check: 'settings', ...finding, ms: 0 }),
  };
}

interface Buses {
  readonly sessionBus: Bus | undefined;
  readonly systemBus: Bus;
}

function openBuses(environment: Environment): Buses | undefined {
  if (environment.platform !== 'linux') return undefined;
  const address = sessionBusAddress(environment);
  return {
    sessionBus: address === undefined ? undefined : openBus(address),
    systemBus: openBus(systemBusAddress(environment)),
  };
}

function asker(endpoint: () => ReturnType<typeof findEndpoint>): AskInstance {
  return (request) => askInstance(endpoint(), request, ASK_LIMIT_MS);
}

function rounded(report: Report): Report {
  return { ...report, ms: Math.round(report.ms) };
}
