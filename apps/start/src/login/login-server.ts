import { createServer, type Server } from 'node:http';
import { LoginPage, type LoginPageOptions, type Opening } from './login-page.ts';
import type { PageGiven } from './page/page-script.ts';
import type { PageEnd } from './page/page-state.ts';

/** Slower senders are no browser. */
const REQUEST_LIMIT_MS = 10_000;
const MOST_CONNECTIONS = 64;
/** Answers on their way get so long to leave. */
const CLOSE_LIMIT_MS = 1_000;

/** The login page's own server on loopback; lives as long as the dialog is open. */
export interface LoginServer {
  readonly port: number;
  /** @param place what the page is opened in */
  newOpening(place: PageGiven['place']): Opening;
  /** The page was loaded; its opening secret is spent. */
  readonly opened: Promise<void>;
  /** Signed in, or left: by Cancel, or because the page has gone. */
  readonly outcome: Promise<'signed-in' | 'cancelled'>;
  /** What it comes to if it ends now. */
  readonly standing: 'signed-in' | 'cancelled';
  /** Tells the page that it is over, and stops listening. Both secrets are void from here on. Idempotent. */
  close(end: PageEnd): void;
}

/** Listens on a free port of 127.0.0.1. Rejects with the system's error. */
export async function openLoginServer(options: LoginPageOptions): Promise<LoginServer> {
  const page = new LoginPage(options);
  const server = createServer((request, response) => {
    page.serve(request, response).catch(() => response.destroy());
  });
  server.maxConnections = MOST_CONNECTIONS;
  server.requestTimeout = REQUEST_LIMIT_MS;
  server.headersTimeout = REQUEST_LIMIT_MS;
  server.on('clientError', (_, socket) => socket.destroy());
  page.port = await listen(server);
  return {
    port: page.port,
    newOpening: (place) => page.newOpening(place),
    opened: page.opened.promise,
    outcome: page.outcome.promise,
    get standing() {
      return page.standing;
    },
    close(end) {
      if (!page.close(end)) return;
      server.close();
      options.after(CLOSE_LIMIT_MS, () => server.closeAllConnections());
    },
  };
}

async function listen(server: Server): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('listening', resolve);
  server.once('error', reject);
  server.listen(0, '127.0.0.1');
  await promise;
  server.on('error', () => {});
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
