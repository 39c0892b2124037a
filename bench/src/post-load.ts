// A generator of posts in a process of its own: one kept-alive raw socket a poster, one post in flight on
// each, so that what is measured is the server. Reads one JSON line of options on stdin, writes one JSON
// line of results on stdout.
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';

/** What the generator is told. */
export interface PostLoad {
  readonly host: string;
  readonly port: number;
  readonly path: string;
  /** One access token a poster. */
  readonly tokens: readonly string[];
  readonly warmUpMs: number;
  readonly measureMs: number;
}

/** What it found in the measured time. */
export interface PostLoadResult {
  readonly posts: number;
  readonly elapsedMs: number;
  /** Milliseconds from writing the request to having its whole reply. */
  readonly latenciesMs: readonly number[];
  /** Statuses other than 201, with how often. */
  readonly refused: Readonly<Record<string, number>>;
}

const HEAD_END = Buffer.from('\r\n\r\n');

if (import.meta.main) {
  const options = JSON.parse(await text(process.stdin)) as PostLoad;
  process.stdout.write(`${JSON.stringify(await generate(options))}\n`);
}

async function generate(load: PostLoad): Promise<PostLoadResult> {
  const started = performance.now();
  const from = started + load.warmUpMs;
  const until = from + load.measureMs;
  const latenciesMs: number[] = [];
  const refused: Record<string, number> = {};
  let last = from;
  await Promise.all(
    load.tokens.map((token, poster) =>
      post(load, token, poster, (status, sentAt, repliedAt) => {
        if (sentAt >= from && repliedAt <= until) {
          if (status === 201) latenciesMs.push(repliedAt - sentAt);
          else refused[status] = (refused[status] ?? 0) + 1;
          last = repliedAt;
        }
        return repliedAt < until;
      }),
    ),
  );
  return { posts: latenciesMs.length, elapsedMs: last - from, latenciesMs, refused };
}

/** Posts one after another until `onReply` says no. */
async function post(
  load: PostLoad,
  token: string,
  poster: number,
  onReply: (status: number, sentAt: number, repliedAt: number) => boolean,
): Promise<void> {
  const socket = await open(load);
  let count = 0;
  let sentAt = 0;
  let pending = Buffer.alloc(0);
  const send = () => {
    count += 1;
    sentAt = performance.now();
    socket.write(
      requestOf(load, token, `poster ${poster} says message number ${count}, about 60 bytes`),
    );
  };
  await new Promise<void>((resolve, reject) => {
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('the server closed a connection under load')));
    socket.on('data', (chunk) => {
      pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
      const status = wholeReply(pending);
      if (status === undefined) return;
      pending = Buffer.alloc(0);
      if (onReply(status, sentAt, performance.now())) send();
      else resolve();
    });
    send();
  });
  socket.removeAllListeners('close');
  socket.destroy();
}

function open({ host, port }: PostLoad): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true }, () => resolve(socket)).once(
      'error',
      reject,
    );
  });
}

function requestOf(load: PostLoad, token: string, content: string): string {
  const body = JSON.stringify({ content });
  return (
    `POST ${load.path} HTTP/1.1\r\nHost: ${load.host}:${load.port}\r\n` +
    `Authorization: Bearer ${token}\r\nContent-Type: application/json\r\n` +
    `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
  );
}

/** The status once the whole reply is there; only one reply is ever outstanding. */
function wholeReply(bytes: Buffer): number | undefined {
  const end = bytes.indexOf(HEAD_END);
  if (end < 0) return undefined;
  const head = bytes.toString('latin1', 0, end);
  const length = /content-length: (\d+)/i.exec(head)?.[1];
  if (length === undefined) throw new Error('a reply without Content-Length');
  return bytes.length >= end + 4 + Number(length) ? Number(head.slice(9, 12)) : undefined;
}
