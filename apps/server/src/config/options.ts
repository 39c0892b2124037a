import { isIP } from 'node:net';
import {
  type Reader,
  readList,
  readOneOf,
  readOrigin,
  readPort,
  readRate,
  readSwitch,
  readText,
  readUrl,
  readWhole,
} from './readers.ts';

/** One setting: as flag `--<name>`, environment variable and key of the file (`_` for `-`). */
export interface Option<T> {
  /** What the flag takes, for the help; absent: the flag alone means "on". */
  readonly argument?: string;
  /** Where it is not `TELEX_<NAME>`. */
  readonly env?: string;
  readonly help: string;
  readonly fallback: T;
  readonly read: Reader<T>;
  /** Only makes sense on the command line. */
  readonly flagOnly?: true;
}

const isHostName = (name: string) =>
  isIP(name) !== 0 ||
  /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/i.test(name);
const isNetwork = (text: string) => {
  const [address = '', bits] = text.split('/');
  const family = isIP(address);
  return (
    family !== 0 &&
    (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128)))
  );
};

export const PUSH_SERVERS = ['embedded', 'centrifugo'] as const;
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;

function option<T>(row: Option<T>): Option<T> {
  return row;
}

/** Every setting of the server. The order is that of the help. */
export const options = {
  data: option<string | undefined>({
    argument: 'DIR',
    env: 'TELEX_DATA_DIR',
    help: 'Where the database, the keys and the certificate are kept. Default: the XDG data folder (~/.local/share/telex-server).',
    fallback: undefined,
    read: readText,
  }),
  'share-data': option({
    argument: 'on|off',
    help: 'Several telex-servers on this machine use the data directory together. Each needs this, and --push centrifugo.',
    fallback: false,
    read: readSwitch,
  }),
  host: option({
    argument: 'ADDRESS',
    help: 'Address to listen on; 0.0.0.0 or :: for all.',
    fallback: '127.0.0.1',
    read: readText,
  }),
  port: option({
    argument: 'PORT',
    help: 'Port to listen on; 0 takes a free one.',
    fallback: 8443,
    read: readPort,
  }),
  'internal-port': option({
    argument: 'PORT',
    help: 'Port on 127.0.0.1 for /metrics and health details; 0 takes a free one.',
    fallback: 0,
    read: readPort,
  }),
  'public-url': option<string | undefined>({
    argument: 'URL',
    help: 'Address that clients use, where it is not that of this process (behind a proxy).',
    fallback: undefined,
    read: readOrigin,
  }),
  http: option({
    help: 'Plain HTTP without TLS, for a proxy that ends TLS.',
    fallback: false,
    read: readSwitch,
  }),
  'tls-cert': option<string | undefined>({
    argument: 'FILE',
    help: 'Certificate chain (PEM) of your own. Default: a local CA makes one in the data directory.',
    fallback: undefined,
    read: readText,
  }),
  'tls-key': option<string | undefined>({
    argument: 'FILE',
    help: 'Private key (PEM) of --tls-cert.',
    fallback: undefined,
    read: readText,
  }),
  'tls-names': option<string[]>({
    argument: 'NAME,…',
    help: 'Further host names and addresses for the local certificate, besides localhost, 127.0.0.1 and ::1.',
    fallback: [],
    read: readList('host names or addresses', isHostName),
  }),
  push: option<(typeof PUSH_SERVERS)[number]>({
    argument: 'WHICH',
    help: 'Push server: embedded (in this process) or centrifugo (Centrifugo v6; `telex-server centrifugo-config` writes its configuration).',
    fallback: 'embedded',
    read: readOneOf(PUSH_SERVERS),
  }),
  'hub-api-key-file': option<string | undefined>({
    argument: 'FILE',
    help: "File with a key: who shows it may use the embedded hub's HTTP API (Centrifugo's), under /api on the internal port. Default: nobody may.",
    fallback: undefined,
    read: readText,
  }),
  'centrifugo-api': option<string | undefined>({
    argument: 'URL',
    help: "Address of Centrifugo's HTTP API. Default: http://127.0.0.1:8000.",
    fallback: undefined,
    read: readUrl(['http:', 'https:'], 'http://127.0.0.1:8000'),
  }),
  'centrifugo-api-key-file': option<string | undefined>({
    argument: 'FILE',
    help: 'File with the key of that API. Default: centrifugo-api.key in the data directory, which centrifugo-config makes.',
    fallback: undefined,
    read: readText,
  }),
  'centrifugo-socket': option<string | undefined>({
    argument: 'URL',
    help: "Centrifugo's WebSocket, to which connections to our own address are handed on. Default: /connection/websocket where its API is.",
    fallback: undefined,
    read: readUrl(['ws:', 'wss:'], 'ws://127.0.0.1:8000/connection/websocket'),
  }),
  'centrifugo-url': option<string | undefined>({
    argument: 'URL',
    help: "Centrifugo's WebSocket address for clients, told to them at login. Default: they connect to our own address.",
    fallback: undefined,
    read: readUrl(['wss:', 'ws:'], 'wss://push.example.com/connection/websocket'),
  }),
  'token-audience': option<string | undefined>({
    argument: 'TEXT',
    help: 'Claim `aud` of push tokens, for a Centrifugo that asks for one.',
    fallback: undefined,
    read: readText,
  }),
  'token-issuer': option<string | undefined>({
    argument: 'TEXT',
    help: 'Claim `iss` of push tokens, for a Centrifugo that asks for one.',
    fallback: undefined,
    read: readText,
  }),
  registration: option({
    argument: 'on|off',
    help: 'Whether anyone who reaches the server may register.',
    fallback: true,
    read: readSwitch,
  }),
  'trusted-proxies': option<string[]>({
    argument: 'ADDRESS,…',
    help: 'Addresses or networks (10.0.0.0/8) whose X-Forwarded-For is believed.',
    fallback: [],
    read: readList('addresses or networks', isNetwork),
  }),
  'rate-limit': option({
    argument: 'on|off',
    help: 'off lifts the three limits below, for a benchmark or behind a proxy that limits.',
    fallback: true,
    read: readSwitch,
  }),
  'rate-anonymous': option({
    argument: 'BURST/S',
    help: 'Requests without a token, for each client address.',
    fallback: { burst: 1000, perSecond: 20 },
    read: readRate,
  }),
  'rate-user': option({
    argument: 'BURST/S',
    help: 'Requests of one user.',
    fallback: { burst: 1000, perSecond: 50 },
    read: readRate,
  }),
  'rate-webhook': option({
    argument: 'BURST/S',
    help: 'Posts to one webhook.',
    fallback: { burst: 60, perSecond: 2 },
    read: readRate,
  }),
  'token-seconds': option({
    argument: 'S',
    help: 'Life of access, notification, connection and subscription tokens.',
    fallback: 900,
    read: readWhole(1, 86_400),
  }),
  'session-seconds': option({
    argument: 'S',
    help: 'Life of a session that is not used.',
    fallback: 604_800,
    read: readWhole(1, 31_536_000),
  }),
  'log-level': option<(typeof LOG_LEVELS)[number]>({
    argument: 'LEVEL',
    help: `What is logged to stderr, as JSON: ${LOG_LEVELS.join(', ')}. debug has every request.`,
    fallback: 'info',
    read: readOneOf(LOG_LEVELS),
  }),
  config: option<string | undefined>({
    argument: 'FILE',
    help: 'Settings as a JSON object, with the names of the flags as keys.',
    fallback: undefined,
    read: readText,
  }),
  demo: option({
    help: 'Make a demo organisation with two accounts whose passwords are new at each start.',
    fallback: false,
    read: readSwitch,
    flagOnly: true,
  }),
  'ready-fd': option<number | undefined>({
    argument: 'N',
    help: 'Write one JSON line to this file descriptor when the server is ready, or why it is not.',
    fallback: undefined,
    read: readWhole(0, 1023),
    flagOnly: true,
  }),
  help: option({ help: 'Show this.', fallback: false, read: readSwitch, flagOnly: true }),
  version: option({ help: 'Show the version.', fallback: false, read: readSwitch, flagOnly: true }),
} as const;

export type OptionName = keyof typeof options;
type ValueOf<O> = O extends Option<infer T> ? T : never;
/** All settings, read and checked, defaults filled in. */
export type Settings = { readonly [Name in OptionName]: ValueOf<(typeof options)[Name]> };

export function optionNames(): OptionName[] {
  return Object.keys(options).filter((name): name is OptionName => Object.hasOwn(options, name));
}

export function envName(name: OptionName): string {
  const row: Option<unknown> = options[name];
  return row.env ?? `TELEX_${name.toUpperCase().replaceAll('-', '_')}`;
}
