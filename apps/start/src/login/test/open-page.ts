import { createFakeClock, type FakeClock } from '@telex/testkit';
import type { LoginRequest, TrySignIn } from '../../desktop/login-dialog.ts';
import { type LoginServer, openLoginServer } from '../login-server.ts';
import { type RawReply, rawRequest, sendRaw } from './raw-http.ts';

/** A login server with its page's requests at hand, as a browser sends them or spoilt. */
export interface OpenPage {
  readonly server: LoginServer;
  readonly clock: FakeClock;
  readonly host: string;
  /** The page that the opening POST gives. */
  load(secret: string, headers?: Headers): Promise<RawReply>;
  post(path: string, body: object | string, headers?: Headers): Promise<RawReply>;
  /** Loads the page and gives the secret it was made with. */
  open(): Promise<string>;
}

type Headers = Readonly<Record<string, string | undefined>>;

const knownRequest: LoginRequest = {
  server: 'https://telex.example.org',
  reason: 'Your session has expired.',
  email: 'ana@example.com',
};

export async function openPage(
  trySignIn: TrySignIn,
  request: LoginRequest = knownRequest,
): Promise<OpenPage> {
  const clock = createFakeClock();
  const server = await openLoginServer({ request, trySignIn, after: clock.after });
  const host = `127.0.0.1:${server.port}`;
  const load: OpenPage['load'] = (secret, headers = {}) =>
    sendRaw(
      server.port,
      rawRequest(
        'POST /open',
        {
          Host: host,
          Origin: 'null',
          'Content-Type': 'application/x-www-form-urlencoded',
          ...headers,
        },
        `secret=${secret}`,
      ),
    );
  return {
    server,
    clock,
    host,
    load,
    post: (path, body, headers = {}) =>
      sendRaw(
        server.port,
        rawRequest(
          `POST ${path}`,
          {
            Host: host,
            Origin: `http://${host}`,
            'Content-Type': 'application/json',
            ...headers,
          },
          typeof body === 'string' ? body : JSON.stringify(body),
        ),
      ),
    async open() {
      const { body } = await load(server.newOpening('window').secret);
      return pageSecret(body);
    },
  };
}

export function pageSecret(html: string): string {
  return /"secret":"([\w-]+)"/.exec(html)?.[1] ?? '';
}
