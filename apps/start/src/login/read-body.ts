import type { IncomingMessage } from 'node:http';

/** The body as text; undefined when it goes over `limit` bytes (the rest is not read) or breaks off. */
export function readBody(request: IncomingMessage, limit: number): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const chunks: Buffer[] = [];
  let length = 0;
  request.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length <= limit) chunks.push(chunk);
    else {
      request.pause();
      resolve(undefined);
    }
  });
  request.once('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
  request.once('close', () => resolve(undefined));
  request.on('error', () => resolve(undefined));
  return promise;
}
