// A generator of posts in a process of its own: one kept-alive raw socket a poster, one post in flight on
// each, so that what is measured is the server. Reads one JSON line of options on stdin, writes one JSON
// line of results on stdout.
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { renderPost, replyReader } from './raw-http.ts';

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
  const read = replyReader();
  const authority = `${load.host}:${load.port}`;
  const send = () => {
    count += 1;
    sentAt = performance.now();
    const content = `poster ${poster} says message number ${count}, about 60 bytes`;
    socket.write(renderPost({ authority, path: load.path, token, body: { content } }));
  };
  await new Promise<void>((resolve, reject) => {
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('the server closed a connection under load')));
    socket.on('data', (chunk) => {
      const reply = read(chunk);
      if (reply === undefined) return;
      if (onReply(reply.status, sentAt, performance.now())) send();
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
