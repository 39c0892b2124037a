import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { get as getOverHttp } from 'node:http';
import { get as getOverHttps } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { childEnd, keepOutput } from '../child.ts';
import { startOnPort } from './free-port.ts';
import { untilAnswered } from './until-answered.ts';

/** A JSON object of Centrifugo's v6 configuration. */
export type PushServerConfig = Readonly<Record<string, unknown>>;

export interface PushServerOptions {
  /** The program and its first words; `--config FILE` is added. See `push-commands.ts`. */
  readonly command: readonly [string, ...string[]];
  /** Address and port are chosen unless it has `http_server.port`; health is switched on. */
  readonly config: PushServerConfig;
}

/** A push server with Centrifugo's protocol as a process of its own. Whoever started it stops it. */
export interface PushServer {
  /** `http://127.0.0.1:1234`, the same through every restart. */
  readonly url: string;
  /** Of the WebSocket, path included. */
  readonly wsUrl: string;
  /** Of the HTTP API, up to the method: `http://127.0.0.1:1234/api`. */
  readonly apiUrl: string;
  readonly apiKey: string;
  /** Of the process that runs now. */
  readonly pid: number;
  /** The end of what it wrote since its last start. */
  log(): string;
  /** SIGTERM; resolves when it is gone. Idempotent. */
  stop(): Promise<void>;
  /** SIGKILL; resolves when it is gone. Idempotent. */
  kill(): Promise<void>;
  /** Starts it again, ended by SIGTERM where it still runs: same port, same configuration. */
  restart(): Promise<void>;
}

/** Starts a push server and waits until `GET /health` answers; rejects with the end of its log. */
export async function startPushServer(options: PushServerOptions): Promise<PushServer> {
  const http = section(options.config, 'http_server');
  const given = http.port === undefined ? undefined : Number(http.port);
  const started = await startOnPort(async (port) => {
    const config = {
      ...options.config,
      http_server: { address: '127.0.0.1', ...http, port },
      health: { enabled: true },
    };
    return { config, port, running: await start(options.command, config) };
  }, given);
  const { config, port } = started;
  let { running } = started;
  const url = addressOf(config.http_server, port);
  const apiUrl = internalAddress(config.http_server) ?? url;
  return {
    url,
    wsUrl: `${url.replace(/^http/, 'ws')}/connection/websocket`,
    apiUrl: `${apiUrl}/api`,
    apiKey: String(section(config, 'http_api').key ?? ''),
    get pid() {
      return running.pid;
    },
    log: () => running.log(),
    stop: () => running.stop(),
    kill: () => running.kill(),
    async restart() {
      await running.stop();
      running = await startOnPort(() => start(options.command, config), port);
    },
  };
}

type FullConfig = PushServerConfig & { readonly http_server: Record<string, unknown> };

async function start([program, ...words]: PushServerOptions['command'], config: FullConfig) {
  // Keys are in it: a folder that only we can read, gone with the process.
  const folder = await mkdtemp(join(tmpdir(), 'telex-push-'));
  const file = join(folder, 'config.json');
  await writeFile(file, JSON.stringify(config), { mode: 0o600 });
  const child = spawn(program, [...words, '--config', file], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.once('close', () => rmSync(folder, { recursive: true, force: true }));
  const end = childEnd(child);
  const log = keepOutput(child);
  const { port } = config.http_server;
  const health = `${internalAddress(config.http_server) ?? addressOf(config.http_server, port)}/health`;
  await untilAnswered(child, log, () => isHealthy(health));
  return {
    pid: child.pid ?? -1,
    log,
    kill: end.kill,
    stop: async () => void (await end.stop()),
  };
}

function isHealthy(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    // The address may have changed hands, the certificate is the test's own: only the answer counts.
    const request = url.startsWith('https:')
      ? getOverHttps(url, { rejectUnauthorized: false, agent: false })
      : getOverHttp(url, { agent: false });
    request.setTimeout(1_000, () => request.destroy());
    request.on('error', () => resolve(false));
    request.on('response', (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
  });
}

function addressOf(http: Readonly<Record<string, unknown>>, port: unknown): string {
  const scheme = section(http, 'tls').enabled === true ? 'https' : 'http';
  return `${scheme}://127.0.0.1:${port}`;
}

/** Where API and health are when the configuration gives them a port of their own. */
function internalAddress(http: Readonly<Record<string, unknown>>): string | undefined {
  const { internal_port: port } = http;
  return port === undefined || port === '' ? undefined : `http://127.0.0.1:${port}`;
}

function section(config: PushServerConfig, name: string): Record<string, unknown> {
  const value = config[name];
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
