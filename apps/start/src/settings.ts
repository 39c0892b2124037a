import type { Config, Environment } from './environment.ts';
import { StartError } from './errors.ts';

/** What `run` works with, after flags, environment and configuration file. */
export interface Settings {
  /** Origin, `https://host[:port]`. */
  readonly server: string;
  readonly caFile: string | undefined;
  readonly stateDir: string;
  readonly allowLoopbackHttp: boolean;
}

interface Given {
  readonly server?: string;
  readonly ca?: string;
  readonly state?: string;
}

/** Flags win over the environment, that over the file. Throws `StartError` with what to do. */
export function chooseSettings(given: Given, environment: Environment, config: Config): Settings {
  const server = given.server ?? environment.server ?? config.server;
  if (server === undefined) {
    throw new StartError(
      'no_server',
      `No Telex server is known. Give its address with --server https://…, in TELEX_SERVER, or as "server" in ${environment.configFile}.`,
    );
  }
  const { origin, isLoopbackHttp } = readAddress(server);
  return {
    server: origin,
    caFile: given.ca ?? environment.ca ?? config.ca,
    stateDir: given.state ?? environment.stateDir,
    allowLoopbackHttp: isLoopbackHttp,
  };
}

function readAddress(address: string): { origin: string; isLoopbackHttp: boolean } {
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
