import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { childEnd, keepOutput } from '../child.ts';
import { needProgram } from '../need-program.ts';
import { startOnPort } from './free-port.ts';
import { untilAnswered } from './until-answered.ts';

export interface RedisOptions {
  /** What it holds outlives a restart; otherwise it comes back empty. */
  readonly keepsData?: boolean;
}

/** A real `redis-server` on 127.0.0.1. Whoever started it closes it. */
export interface Redis {
  /** `redis://127.0.0.1:1234`, the same through every restart. */
  readonly address: string;
  /** Of the process that runs now. */
  readonly pid: number;
  /** SIGTERM; resolves when it is gone. Idempotent. */
  stop(): Promise<void>;
  /** SIGKILL; resolves when it is gone. Idempotent. */
  kill(): Promise<void>;
  /** Starts it again on the same port, ended where it still runs. */
  restart(): Promise<void>;
  /** Ends it and removes its folder. Idempotent. */
  close(): Promise<void>;
}

/** Starts Redis and waits until it answers. Rejects with what to install where there is none. */
export async function startRedis({ keepsData = false }: RedisOptions = {}): Promise<Redis> {
  const program = needProgram('redis-server');
  const folder = await mkdtemp(join(tmpdir(), 'telex-redis-'));
  const begin = async (port: number) => {
    const child = spawn(program, redisArguments(port, folder, keepsData), {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const end = childEnd(child);
    await untilAnswered(child, keepOutput(child), () => answersPing(port));
    return { port, pid: child.pid ?? -1, kill: end.kill, stop: end.stop };
  };
  let running = await startOnPort(begin).catch((error: unknown) => {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  });
  return {
    address: `redis://127.0.0.1:${running.port}`,
    get pid() {
      return running.pid;
    },
    stop: async () => void (await running.stop()),
    kill: () => running.kill(),
    async restart() {
      await running.stop();
      running = await startOnPort(begin, running.port);
    },
    async close() {
      await running.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function redisArguments(port: number, folder: string, keepsData: boolean): string[] {
  return [
    ...['--bind', '127.0.0.1', '--port', String(port), '--dir', folder, '--daemonize', 'no'],
    // The append-only file is written before a command is answered: it outlives SIGKILL too.
    ...['--save', '', '--appendonly', keepsData ? 'yes' : 'no', '--loglevel', 'warning'],
  ];
}

function answersPing(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    const settle = (isAnswered: boolean) => {
      socket.destroy();
      resolve(isAnswered);
    };
    socket.setTimeout(1_000, () => settle(false));
    socket.once('error', () => settle(false));
    socket.once('close', () => resolve(false));
    // Until its data is loaded it answers -LOADING.
    socket.once('data', (chunk: Buffer) => settle(chunk.toString().startsWith('+PONG')));
    socket.write('PING\r\n');
  });
}
