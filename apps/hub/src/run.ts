import { readFileSync } from 'node:fs';
import { readArguments } from './arguments.ts';
import { readCertificate } from './certificate.ts';
import { type ConfigRead, readConfig } from './config/read-config.ts';
import { helpText } from './help.ts';
import { createLog, type Log } from './log.ts';
import { type OpenProgram, openProgram } from './open-program.ts';
import { StartError, startFailures, systemCode } from './start-error.ts';
import { createVerifier } from './verifier.ts';

type GoodConfig = Extract<ConfigRead, { readonly ok: true }>;

/** Runs the program until a signal, and gives its exit code. */
export async function run(): Promise<number> {
  try {
    const read = readArguments(process.argv.slice(2));
    if (!read.ok) throw new StartError('usage', read.fault);
    const { help, version, check, config: file } = read.given;
    if (help) process.stdout.write(helpText());
    else if (version) process.stdout.write(`telex-hub ${readVersion()}\n`);
    else {
      const read = readConfigFile(file);
      if (!check) return await serve(file, read);
      createVerifier(read.config.keys);
      readCertificate(read.config.keys);
      process.stdout.write(`${file} is a configuration that telex-hub can run.\n`);
    }
    return 0;
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return startFailures[error.code].exitCode;
  }
}

/** Doors that a configuration can leave open. */
const insecureKeys = [
  'client.insecure',
  'client.insecure_skip_token_signature_verify',
  'http_api.insecure',
] as const;

async function serve(file: string | undefined, read: GoodConfig): Promise<number> {
  const { config, unknownVariables } = read;
  const log = createLog(config.keys['log.level'], (line) => process.stderr.write(line));
  const ending = untilTold(log);
  const program = await openProgram({ config, version: readVersion(), log });
  for (const variable of unknownVariables) {
    log('warn', 'a variable of the environment is not one that telex-hub has', { variable });
  }
  for (const key of insecureKeys) {
    if (config.keys[key]) log('warn', 'for development only: leave it out elsewhere', { key });
  }
  process.on('SIGHUP', () => reload(file, program, log));
  log('info', 'ready', { url: program.url, internal_url: program.internalUrl });
  const code = await ending;
  await program.close();
  log('info', 'stopped');
  return code;
}

/** Whatever is wrong with the file by now, the program goes on as it was. */
function reload(file: string | undefined, program: OpenProgram, log: Log): void {
  try {
    const keys = program.reload(readConfigFile(file).config);
    log('info', 'token keys and certificate are those of the file now');
    if (keys.length > 0) log('warn', 'a restart is needed for other keys that changed', { keys });
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    log('error', 'the configuration was not reloaded', { code: error.code, fault: error.message });
  }
}

/** @throws StartError */
function readConfigFile(file: string | undefined): GoodConfig {
  if (file === undefined) {
    throw new StartError('usage', 'Which configuration? Give one: telex-hub --config FILE.');
  }
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new StartError('config', `${file} cannot be read (${systemCode(error)}).`);
  }
  const read = readConfig(text, process.env);
  if (read.ok) return read;
  throw new StartError('config', `${file} cannot be used:\n${read.faults.map(bullet).join('\n')}`);
}

function bullet(fault: string): string {
  return `- ${fault}`;
}

/** The exit code: 0 after SIGTERM or SIGINT, 1 after an error that nobody caught. */
function untilTold(log: Log): Promise<number> {
  return new Promise((resolve) => {
    const stop = (signal: string) => {
      log('info', 'stopping', { signal });
      resolve(0);
    };
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
    process.on('uncaughtException', (error) => {
      log('error', 'an error nobody caught; stopping', { error: error.stack });
      resolve(1);
    });
  });
}

function readVersion(): string {
  const manifest: unknown = JSON.parse(
    readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
  );
  const isManifest = typeof manifest === 'object' && manifest !== null && 'version' in manifest;
  return isManifest ? String(manifest.version) : 'unknown';
}
