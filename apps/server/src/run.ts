import { readFileSync, writeSync } from 'node:fs';
import { helpText } from './config/help.ts';
import type { Settings } from './config/options.ts';
import { readSettings, type Sources } from './config/read-settings.ts';
import { createLog } from './log/create-log.ts';
import type { Log } from './log/log.ts';
import { type OpenServer, openServer } from './open-server.ts';
import { StartError, systemCode } from './start-error.ts';

/** After a signal everything must be over within 10 s. */
const CLOSE_LIMIT_MS = 9000;

/**
 * Reads the settings, runs the server until a signal, and gives the exit code.
 * @param ready called once everything is loaded and the server answers.
 */
export async function run(ready: () => void): Promise<number> {
  const version = readVersion();
  const [, , command, ...words] = process.argv;
  if (command === 'centrifugo-config') return writeConfig(words);
  if (command === 'rotate-keys') return rotate(words);
  const read = readSettings({ argv: process.argv.slice(2), env: process.env, readFile });
  if (!read.ok) {
    const wanted = readyFdOf(process.argv);
    process.stderr.write(`${read.faults.join('\n')}\n`);
    tell(wanted, { ready: false, code: 'settings', message: read.faults.join(' ') });
    return 2;
  }
  const { settings } = read;
  if (settings.help) process.stdout.write(helpText());
  else if (settings.version) process.stdout.write(`telex-server ${version}\n`);
  else return serve(settings, version, ready);
  return 0;
}

/** `telex-server centrifugo-config`. */
async function writeConfig(argv: readonly string[]): Promise<number> {
  const { commandHelp, readCommandWords, writeCentrifugoConfig } = await import(
    './push/centrifugo/config-command.ts'
  );
  const words = readCommandWords(argv);
  if (!words.ok) return refuse(words.faults);
  const settingsOf = [...words.rest, '--push', 'centrifugo'];
  const read = readSettings({ argv: settingsOf, env: process.env, readFile });
  if (!read.ok) return refuse(read.faults);
  const { settings } = read;
  const { given } = words;
  return runCommand(() =>
    settings.help
      ? commandHelp()
      : writeCentrifugoConfig({ settings, given, env: process.env, nowMs: Date.now() }),
  );
}

/** `telex-server rotate-keys`. */
async function rotate(argv: readonly string[]): Promise<number> {
  const { readRotateWords, rotateHelp, rotateKeysOf } = await import('./tokens/rotate-command.ts');
  const { dropOld, rest } = readRotateWords(argv);
  const read = readSettings({ argv: rest, env: process.env, readFile });
  if (!read.ok) return refuse(read.faults);
  const { settings } = read;
  return runCommand(() =>
    settings.help
      ? rotateHelp()
      : rotateKeysOf({ settings, dropOld, env: process.env, nowMs: Date.now() }),
  );
}

/** Prints what the command says, or why it could not be done. */
function runCommand(command: () => string): number {
  try {
    process.stdout.write(command());
    return 0;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

function refuse(faults: readonly string[]): number {
  process.stderr.write(`${faults.join('\n')}\n`);
  return 2;
}

async function serve(settings: Settings, version: string, ready: () => void): Promise<number> {
  const log = createLog(settings['log-level']);
  const ending = untilTold(log);
  try {
    const server = await openServer({ settings, env: process.env, log, version });
    announce(server, settings, log);
    ready();
    process.on('SIGHUP', () => {
      server.reloadCertificate();
      server.reloadKeys();
    });
    const code = await ending;
    await closeInTime(server, log);
    return code;
  } catch (error) {
    const failure =
      error instanceof StartError ? error : new StartError('failed', 'The server failed.');
    const cause = failure.code === 'failed' ? { err: error } : {};
    log.error({ code: failure.code, ...cause }, failure.message);
    if (settings['log-level'] === 'silent') process.stderr.write(`${failure.message}\n`);
    tell(settings['ready-fd'], { ready: false, code: failure.code, message: failure.message });
    return 1;
  }
}

function announce(server: OpenServer, settings: Settings, log: Log): void {
  const { url, internalUrl, caFile, demo } = server;
  log.info({ url, internal_url: internalUrl, ca_file: caFile, push: settings.push }, 'ready');
  tell(settings['ready-fd'], {
    ready: true,
    url,
    internal_url: internalUrl,
    ca_file: caFile ?? null,
    ...(demo === undefined ? {} : { demo }),
  });
}

/** The exit code: 0 after SIGTERM or SIGINT, 1 after an error that nobody caught. */
function untilTold(log: Log): Promise<number> {
  return new Promise((resolve) => {
    const stop = (signal: string) => {
      log.info({ signal }, 'stopping');
      resolve(0);
    };
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
    process.on('uncaughtException', (error) => {
      log.error({ err: error }, 'an error nobody caught; stopping');
      resolve(1);
    });
  });
}

async function closeInTime(server: OpenServer, log: Log): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(() => {
      log.warn({}, 'closing took too long and was cut short');
      resolve();
    }, CLOSE_LIMIT_MS);
  });
  await Promise.race([server.close(), late]);
  clearTimeout(timer);
  log.info({}, 'stopped');
}

/** One JSON line for whoever started the server. Nobody may be reading any more. */
function tell(fd: number | undefined, line: Readonly<Record<string, unknown>>): void {
  if (fd === undefined) return;
  try {
    writeSync(fd, `${JSON.stringify(line)}\n`);
  } catch (error) {
    process.stderr.write(`--ready-fd ${fd} cannot be written to (${systemCode(error)}).\n`);
  }
}

/** Faults are told there too, when at least that flag can be read. */
function readyFdOf(argv: readonly string[]): number | undefined {
  const at = argv.indexOf('--ready-fd');
  const value = at < 0 ? undefined : argv[at + 1];
  return value !== undefined && /^\d{1,4}$/.test(value) ? Number(value) : undefined;
}

const readFile: Sources['readFile'] = (path) => {
  try {
    return { ok: true, text: readFileSync(path, 'utf8') };
  } catch (error) {
    return { ok: false, reason: systemCode(error) ?? 'unknown' };
  }
};

function readVersion(): string {
  const manifest: unknown = JSON.parse(
    readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
  );
  const isManifest = typeof manifest === 'object' && manifest !== null && 'version' in manifest;
  return isManifest ? String(manifest.version) : 'unknown';
}
