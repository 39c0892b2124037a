/**
 * Just enough HTTP/1.1 to post over a kept-alive socket, so that what a bench measures is the server
 * and not a client library. One request is outstanding at a time on a socket.
 */

export interface RawPost {
  /** `127.0.0.1:8443` */
  readonly authority: string;
  readonly path: string;
  readonly token: string;
  /** Sent as JSON. */
  readonly body: unknown;
}

const HEAD_END = Buffer.from('\r\n\r\n');

export function renderPost({ authority, path, token, body }: RawPost): string {
  const json = JSON.stringify(body);
  return (
    `POST ${path} HTTP/1.1\r\nHost: ${authority}\r\n` +
    `Authorization: Bearer ${token}\r\nContent-Type: application/json\r\n` +
    `Content-Length: ${Buffer.byteLength(json)}\r\n\r\n${json}`
  );
}

/** Gathers the bytes of one reply; gives it once it is whole. */
export function replyReader(): (chunk: Buffer) => { status: number; body: string } | undefined {
  let pending: Buffer = Buffer.alloc(0);
  return (chunk) => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    const end = pending.indexOf(HEAD_END);
    if (end < 0) return undefined;
    const head = pending.toString('latin1', 0, end);
    const length = /content-length: (\d+)/i.exec(head)?.[1];
    if (length === undefined) throw new Error('a reply without Content-Length');
    if (pending.length < end + HEAD_END.length + Number(length)) return undefined;
    const reply = {
      status: Number(head.slice(9, 12)),
      body: pending.toString('utf8', end + HEAD_END.length),
    };
    pending = Buffer.alloc(0);
    return reply;
  };
}
