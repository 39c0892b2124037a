import type { Socket } from 'node:net';
import { BASE_PATH, parseJson } from '@telex/contract';
import { type Finding, failed, ok } from './report.ts';

const LARGEST = 65_536;

interface Answer {
  readonly finding: Finding;
  /** The `Date` header. */
  readonly date: string | undefined;
}

/**
 * Asks for a page that only users may see, without saying who we are: a Telex server, ours or the original, refuses with 401 and
 * JSON. Over the given connection, which it ends.
 */
export async function askApi(socket: Socket, host: string, signal: AbortSignal): Promise<Answer> {
  socket.write(
    `GET ${BASE_PATH}/profile HTTP/1.1\r\nHost: ${host}\r\nAccept: application/json\r\nConnection: close\r\n\r\n`,
  );
  const text = await readAll(socket, signal);
  const [head = '', ...rest] = text.split('\r\n\r\n');
  const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1]);
  const date = /^date: *(.+)$/im.exec(head)?.[1]?.trim();
  return { finding: findingOf(status, rest.join('\r\n\r\n')), date };
}

function findingOf(status: number, body: string): Finding {
  if (status === 401 && isJson(body)) return ok('A Telex server answers.');
  if (status === 429) return ok('A server answers, but asks for a pause after too many requests.');
  if (status >= 500) {
    return failed(
      `The server answers, but with a fault of its own (HTTP ${status}). Try again later, or tell its administrator.`,
    );
  }
  const what = Number.isNaN(status) ? 'no HTTP' : `HTTP ${status}`;
  return failed(
    `Something else than a Telex server answered (${what}). On a guest network, open a web page and sign in there first; else check the server address.`,
  );
}

/** The body, which may come in chunks: the JSON is then between their sizes. */
function isJson(body: string): boolean {
  return parseJson(body.slice(body.indexOf('{'), body.lastIndexOf('}') + 1)).ok;
}

function readAll(socket: Socket, signal: AbortSignal): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  let text = '';
  const end = () => resolve(text);
  socket.setEncoding('latin1');
  socket.on('data', (chunk) => {
    text += String(chunk);
    if (text.length > LARGEST) end();
  });
  socket.once('end', end);
  socket.once('close', end);
  socket.on('error', end);
  signal.addEventListener('abort', end);
  return promise;
}
