import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { needProgram } from '@telex/testkit';

const CONFIG = fileURLToPath(new URL('../../../../deploy/nginx.conf', import.meta.url));
const START_TRIES = 200;

export interface NginxOptions {
  /** An empty folder for everything that it writes. */
  readonly folder: string;
  readonly port: number;
  /** `host:port` of what the configuration calls api-1, api-2 and centrifugo. */
  readonly nodes: readonly [string, string];
  readonly centrifugo: string;
  readonly certFile: string;
  readonly keyFile: string;
}

/** A real nginx with deploy/nginx.conf, where only addresses and paths are others. */
export async function startNginx(options: NginxOptions): Promise<{ stop(): Promise<void> }> {
  const program = needProgram('nginx');
  const { folder, port, nodes, centrifugo, certFile, keyFile } = options;
  mkdirSync(join(folder, 'temporary'), { recursive: true });
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((kind) => `${kind}_temp_path ${join(folder, 'temporary')};`)
    .join(' ');
  const config = replaceEach(readFileSync(CONFIG, 'utf8'), [
    ['http {', `http { access_log off; ${temporary}`],
    ['listen 443 ssl;', `listen 127.0.0.1:${port} ssl;`],
    ['api-1:8080', nodes[0]],
    ['api-2:8080', nodes[1]],
    ['centrifugo:8000', centrifugo],
    ['/etc/telex-tls/fullchain.pem', certFile],
    ['/etc/telex-tls/privkey.pem', keyFile],
  ]);
  const file = join(folder, 'nginx.conf');
  writeFileSync(file, config);
  const main = `daemon off; pid ${join(folder, 'nginx.pid')}; error_log stderr;`;
  const child = spawn(program, ['-p', folder, '-c', file, '-g', main], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk) => (said += String(chunk)));
  for (let tries = 0; !(await listens(port)); tries += 1) {
    if (child.exitCode !== null || tries > START_TRIES) throw new Error(`nginx: ${said}`);
    await delay(20);
  }
  return {
    async stop() {
      if (child.exitCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

/** Each must be there, so that a changed file can't leave the test with another configuration. */
function replaceEach(text: string, pairs: readonly (readonly [string, string])[]): string {
  return pairs.reduce((changed, [from, to]) => {
    if (!changed.includes(from)) throw new Error(`deploy/nginx.conf lacks ${from}`);
    return changed.replaceAll(from, to);
  }, text);
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: '127.0.0.1' });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
