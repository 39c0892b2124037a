import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { text as readText } from 'node:stream/consumers';
import { DemoError, type Hop } from './demo-error.ts';
import { type DemoAccount, field, type ServerReady, text } from './messages.ts';

/** A message that the server has taken, with both times in milliseconds since 1970. */
export interface Posted {
  readonly messageId: string;
  readonly sentAtMs: number;
  readonly acceptedAtMs: number;
}

/** The second demo account, who speaks to the API as any program would. */
export interface Author {
  post(channelId: string, content: string): Promise<Posted>;
  close(): void;
}

/** Logs in; the connection stays open, so that what is timed later is the post alone. */
export async function logInAuthor(
  server: Pick<ServerReady, 'url' | 'caFile'>,
  account: DemoAccount,
  signal: AbortSignal,
): Promise<Author> {
  const isSecure = server.url.startsWith('https:');
  const agent = isSecure ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true });
  const ca = server.caFile === null ? undefined : readFileSync(server.caFile);

  const send = async (hop: Hop, path: string, body: object, headers: Record<string, string>) => {
    const payload = JSON.stringify(body);
    const options = {
      method: 'POST',
      agent,
      signal,
      ...(ca === undefined ? {} : { ca }),
      headers: {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(payload),
        ...headers,
      },
    };
    const request = isSecure ? httpsRequest : httpRequest;
    const url = new URL(`/api/v1${path}`, server.url);
    const failed = (error: Error) => new DemoError(hop, `${url.href}: ${error.message}`);
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      request(url, options, resolve)
        .on('error', (error) => reject(failed(error)))
        .end(payload);
    });
    const answeredAtMs = epochMs();
    const reply = parseJson(await readText(response));
    if (response.statusCode === undefined || response.statusCode >= 300) {
      const reason = text(reply, 'message') ?? 'no reason given';
      throw new DemoError(hop, `the server answered ${response.statusCode}: ${reason}`);
    }
    return { data: field(reply, 'data'), answeredAtMs };
  };

  const credentials = { email: account.email, password: account.password };
  const { data } = await send('login', '/auth/login', credentials, {});
  const token = text(data, 'access_token');
  if (token === undefined) throw new DemoError('login', 'the reply has no access_token');

  return {
    post: async (channelId, content) => {
      const path = `/channels/${encodeURIComponent(channelId)}/messages`;
      const headers = { authorization: `Bearer ${token}`, 'idempotency-key': randomUUID() };
      const sentAtMs = epochMs();
      const reply = await send('post', path, { content }, headers);
      const messageId = text(reply.data, 'id');
      if (messageId === undefined) throw new DemoError('post', 'the reply has no message id');
      return { messageId, sentAtMs, acceptedAtMs: reply.answeredAtMs };
    },
    close: () => agent.destroy(),
  };
}

/** Milliseconds since 1970 with a fraction, as Telex Start stamps what it shows. */
export function epochMs(): number {
  return performance.timeOrigin + performance.now();
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
