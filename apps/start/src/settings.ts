import type { Config, Environment } from './environment.ts';
import { StartError } from './errors.ts';
import { splitCommand } from './main-app/split-command.ts';

/** What `run` works with, after flags, environment and configuration file. */
export interface Settings {
  /** Undefined: nobody said; the login dialog asks. */
  readonly server: ServerAddress | undefined;
  readonly caFile: string | undefined;
  readonly stateDir: string;
  /** The words that start the main app; undefined: what is installed, or the browser. */
  readonly mainApp: readonly string[] | undefined;
}

export interface ServerAddress {
  /** `https://host[:port]` */
  readonly origin: string;
  /** Plain HTTP, which is only taken to this machine itself. */
  readonly isLoopbackHttp: boolean;
}

interface Given {
  readonly server?: string;
  readonly ca?: string;
  readonly state?: string;
  readonly mainApp?: string;
}

/** Flags win over the environment, that over the file. Throws `StartError` with what to do. */
export function chooseSettings(given: Given, environment: Environment, config: Config): Settings {
  const server = given.server ?? environment.server ?? config.server;
  const mainApp = given.mainApp ?? environment.mainApp ?? config.main_app;
  return {
    server: server === undefined ? undefined : readServerAddress(server),
    caFile: given.ca ?? environment.ca ?? config.ca,
    stateDir: given.state ?? environment.stateDir,
    mainApp: typeof mainApp === 'string' ? commandWords(mainApp) : mainApp,
  };
}

function commandWords(line: string): readonly string[] {
  const words = splitCommand(line) ?? [];
  if (words.length > 0) return words;
  throw new StartError(
    'bad_config',
    'The command of the main app has a quote without an end. Correct --main-app, TELEX_MAIN_APP or "main_app" in start.json, where it may also be a list of words.',
  );
}

/** Checks what a person gave as the server's address. Throws `StartError` with what it should look like. */
export function readServerAddress(address: string): ServerAddress {
  const url = URL.parse(address);
  const wrong = (why: string) =>
    new StartError(
      'no_server',
      `The server address ${why}. It looks like https://telex.example.org.`,
    );
  if (url === null) throw wrong('is no web address');
  if (url.username !== '' || url.password !== '') throw wrong('must not hold a name or password');
  const isLoopback = ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname);
  const isLoopbackHttp = url.protocol === 'http:' && isLoopback;
  if (url.protocol !== 'https:' && !isLoopbackHttp) throw wrong('must begin with https://');
  return { origin: url.origin, isLoopbackHttp };
}

/** Nobody has said which server, and nobody can be asked. */
export function noServer(configFile: string | undefined): StartError {
  const file = configFile === undefined ? '' : `, or as "server" in ${configFile}`;
  return new StartError(
    'no_server',
    `No Telex server is known. Give its address with --server https://…, in TELEX_SERVER${file}.`,
  );
}
