import { type IncomingMessage, request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import type { Duplex } from 'node:stream';

/** What Centrifugo makes of a handshake (RFC 6455 §4). */
export type Handshake =
  | {
      readonly kind: 'open';
      readonly upstream: Duplex;
      readonly head: Buffer;
      /** Head of the answer for the client. */
      readonly acceptance: string;
    }
  /** The client's fault. */
  | { readonly kind: 'refused'; readonly status: string }
  /** Nobody answers, not in time, or with something else. */
  | { readonly kind: 'away' };

export interface HandshakeOptions {
  /** `http(s)://` address of Centrifugo's WebSocket. */
  readonly target: URL;
  readonly request: IncomingMessage;
  readonly forwardedFor: string;
  readonly limitMs: number;
}

/** All of a handshake that Centrifugo needs. No extensions: frames stay as they are. */
const HANDED_ON = [
  'sec-websocket-key',
  'sec-websocket-version',
  'sec-websocket-protocol',
  'user-agent',
];
const HANDED_BACK = ['sec-websocket-accept', 'sec-websocket-protocol'];

/** Asks Centrifugo for a WebSocket in the client's place. Never rejects. */
export function shakeHands(options: HandshakeOptions): {
  readonly answer: Promise<Handshake>;
  cancel(): void;
} {
  const { target, request, forwardedFor, limitMs } = options;
  const headers: Record<string, string> = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'x-forwarded-for': forwardedFor,
  };
  for (const name of HANDED_ON) {
    const value = request.headers[name];
    if (typeof value === 'string') headers[name] = value;
  }
  const ask = target.protocol === 'https:' ? tlsRequest : plainRequest;
  const asked = ask(target, { headers, agent: false });
  const answer = new Promise<Handshake>((resolve) => {
    asked.on('error', () => resolve({ kind: 'away' }));
    asked.once('response', (response) => {
      resolve(refusalOf(response));
      asked.destroy();
    });
    asked.once('upgrade', (response, upstream, head) => {
      // Whoever takes it listens, too; it may be gone by then.
      upstream.on('error', () => {});
      resolve({ kind: 'open', upstream, head, acceptance: acceptanceOf(response) });
    });
  });
  const timer = setTimeout(() => asked.destroy(), limitMs);
  void answer.then(() => clearTimeout(timer));
  asked.end();
  return { answer, cancel: () => void asked.destroy() };
}

function acceptanceOf(response: IncomingMessage): string {
  const lines = HANDED_BACK.flatMap((name) => {
    const value = response.headers[name];
    return typeof value === 'string' ? [`${name}: ${value}`] : [];
  });
  return ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade', ...lines]
    .join('\r\n')
    .concat('\r\n\r\n');
}

function refusalOf({ statusCode }: IncomingMessage): Handshake {
  if (statusCode === 400) return { kind: 'refused', status: '400 Bad Request' };
  if (statusCode === 426) return { kind: 'refused', status: '426 Upgrade Required' };
  return { kind: 'away' };
}
