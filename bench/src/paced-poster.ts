import { readFileSync } from 'node:fs';
import { connect as connectPlain, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { type RawPost, renderPost, replyReader } from './raw-http.ts';

/** One post that was answered. */
export interface Posted {
  /** Unix milliseconds with a fraction, when the request was written. */
  readonly startedAtMs: number;
  readonly tookMs: number;
  readonly status: number;
  readonly body: string;
}

export interface PacedPoster {
  /** Posts `bodies` one by one, `perSecond` a second, never two at a time. */
  post(bodies: Iterable<unknown>, perSecond: number): Promise<Posted[]>;
  close(): void;
}

/** A poster on one kept-alive raw socket; `https:` with the CA in `caFile`, or plain `http:`. */
export async function openPoster(
  origin: string,
  caFile: string | null,
  target: Omit<RawPost, 'body' | 'authority'>,
): Promise<PacedPoster> {
  const { protocol, hostname, host, port } = new URL(origin);
  const address = { host: hostname, port: Number(port) };
  const socket: Socket =
    protocol === 'https:'
      ? connectTls({ ...address, ...(caFile === null ? {} : { ca: readFileSync(caFile) }) })
      : connectPlain(address);
  socket.setNoDelay(true);
  await new Promise((resolve, reject) => {
    socket.once(protocol === 'https:' ? 'secureConnect' : 'connect', resolve);
    socket.once('error', reject);
  });

  const one = (body: unknown): Promise<Posted> =>
    new Promise((resolve, reject) => {
      const read = replyReader();
      const started = performance.now();
      const onData = (chunk: Buffer) => {
        const reply = read(chunk);
        if (reply === undefined) return;
        socket.off('data', onData).off('error', reject);
        const startedAtMs = performance.timeOrigin + started;
        resolve({ startedAtMs, tookMs: performance.now() - started, ...reply });
      };
      socket.on('data', onData).once('error', reject);
      socket.write(renderPost({ ...target, authority: host, body }));
    });

  return {
    post: async (bodies, perSecond) => {
      const posted: Posted[] = [];
      const from = performance.now();
      for (const body of bodies) {
        const due = from + (posted.length * 1000) / perSecond;
        await delay(Math.max(0, due - performance.now()));
        posted.push(await one(body));
      }
      return posted;
    },
    close: () => socket.destroy(),
  };
}
