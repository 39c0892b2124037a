import { parseArgs } from 'node:util';
import { type PushKind, pushKinds } from '@telex/testkit/push-kind';

export interface DemoOptions {
  /** End with 0 after the first notification was shown; data in a temporary folder, any free port. */
  readonly isOnce: boolean;
  /** TCP port on 127.0.0.1; 0: a free one. */
  readonly port: number;
  /** Undefined: `.data` in the Telex folder; with `isOnce` a temporary one. */
  readonly dataDir: string | undefined;
  /** What holds the WebSockets; `hub` is the one inside the server. */
  readonly push: PushKind;
}

export type ParsedOptions =
  | { readonly kind: 'run'; readonly options: DemoOptions }
  | { readonly kind: 'help' }
  | { readonly kind: 'wrong'; readonly message: string };

const defaultPort = 8443;

export const demoHelp = `Starts Telex on this machine: the server, Telex Start signed in as a demo account, and a first message.

npm start                 data in .data/, address https://127.0.0.1:${defaultPort}; Ctrl-C stops it
npm start -- --port 9443  another port
npm start -- --data DIR   another folder for the data
npm start -- --push KIND  another push server than the one inside the server: centrifugo (the program that
                          CENTRIFUGO_BIN names, or the one on the PATH), or engine, a small one on
                          Centrifugo's engine (needs Go); with -redis at the end with a redis-server of its own
npm start -- --once       a trial run: temporary data, a free port; ends with 0 once the notification
                          was shown, else with 1 and the reason
npm start -- --help       this text`;

/** Parses what stands after `npm start --`. */
export function parseDemoOptions(args: readonly string[]): ParsedOptions {
  const options = {
    once: { type: 'boolean', default: false },
    port: { type: 'string' },
    data: { type: 'string' },
    push: { type: 'string', default: 'hub' },
    help: { type: 'boolean', short: 'h', default: false },
  } as const;
  let values: { once: boolean; help: boolean; push: string; port?: string; data?: string };
  try {
    values = parseArgs({ args: [...args], options, allowPositionals: false }).values;
  } catch (error) {
    return { kind: 'wrong', message: error instanceof Error ? error.message : String(error) };
  }
  if (values.help) return { kind: 'help' };
  const port = values.port ?? String(values.once ? 0 : defaultPort);
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
    return { kind: 'wrong', message: `--port takes a number from 0 to 65535, not "${port}".` };
  }
  const push = pushKinds.find((kind) => kind === values.push);
  if (push === undefined) {
    return {
      kind: 'wrong',
      message: `--push takes ${pushKinds.join(', ')}, not "${values.push}".`,
    };
  }
  return {
    kind: 'run',
    options: { isOnce: values.once, port: Number(port), dataDir: values.data, push },
  };
}
