import { connect } from 'node:net';

export interface RawReply {
  /** 0: the connection ended without an answer. */
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Sends bytes as they are and reads until the other side ends the connection; `end`: nothing more will come. */
export function sendRaw(port: number, text: string, then?: 'end'): Promise<RawReply> {
  const { promise, resolve } = Promise.withResolvers<RawReply>();
  const socket = connect(port, '127.0.0.1');
  let received = '';
  socket.setEncoding('utf8');
  socket.on('connect', () => (then === 'end' ? socket.end(text) : socket.write(text)));
  socket.on('data', (chunk: string) => {
    received += chunk;
  });
  socket.on('error', () => {});
  socket.on('close', () => resolve(readReply(received)));
  return promise;
}

/** One request; a header that is undefined is left out. */
export function rawRequest(
  line: string,
  headers: Readonly<Record<string, string | undefined>>,
  body = '',
): string {
  const all = { 'Content-Length': String(Buffer.byteLength(body)), ...headers };
  const lines = Object.entries(all).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}: ${value}\r\n`],
  );
  return `${line} HTTP/1.1\r\n${lines.join('')}\r\n${body}`;
}

function readReply(text: string): RawReply {
  const [head = '', ...rest] = text.split('\r\n\r\n');
  const [first = '', ...lines] = head.split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => {
      const at = line.indexOf(':');
      return [line.slice(0, at).toLowerCase(), line.slice(at + 1).trim()];
    }),
  );
  const raw = rest.join('\r\n\r\n');
  const isChunked = headers['transfer-encoding'] === 'chunked';
  const body = isChunked ? raw.replace(/(^|\r\n)[0-9a-f]+\r\n/g, '') : raw;
  return { status: Number(first.split(' ')[1] ?? 0), headers, body };
}
