import {
  type Credentials,
  makeFault,
  type Session,
  type SessionEvent,
  type SessionListener,
  type SignInOutcome,
} from '@telex/client';
import type { ServerAddress } from '../settings.ts';

/**
 * The one session that counts. Signing in while somebody is signed in happens beside it: only when that has worked does the
 * new session take the place of the old one, which then ends. Each server has sessions of its own.
 */
export interface SessionSwitch
  extends Pick<Session, 'state' | 'unread' | 'listen' | 'call' | 'reconnectNow' | 'signOut'> {
  /** Of the session that counts; undefined: none is known yet. */
  readonly server: ServerAddress | undefined;
  /** Opens connections ahead, when a login dialog opens. */
  prepare(): void;
  /** Aborted by the signal it ends as `cancelled`, and whoever was signed in stays so. */
  signIn(
    credentials: Credentials,
    server: ServerAddress,
    signal?: AbortSignal,
  ): Promise<SignInOutcome>;
  /** Idempotent; takes no longer than a session's own `close`. */
  close(): Promise<void>;
}

interface Held {
  readonly event: SessionEvent;
  readonly resolve: (done: Promise<void> | undefined) => void;
}

/** A session with what it has told while it did not count yet; `held` is undefined once it does. */
interface Contender {
  readonly server: ServerAddress;
  readonly session: Session;
  held: Held[] | undefined;
}

export function createSessionSwitch(
  first: ServerAddress | undefined,
  open: (server: ServerAddress) => Session,
): SessionSwitch {
  const listeners = new Set<SessionListener>();
  let current: Contender | undefined;
  let trial: Contender | undefined;
  let isClosed = false;

  const tell = async (event: SessionEvent): Promise<void> => {
    await Promise.all([...listeners].map((listener) => listener(event)));
  };

  const enter = (server: ServerAddress): Contender => {
    const contender: Contender = { server, session: open(server), held: [] };
    contender.session.listen((event) => {
      const { held } = contender;
      if (held !== undefined) return new Promise((resolve) => held.push({ event, resolve }));
      return contender === current ? tell(event) : undefined;
    });
    return contender;
  };

  const release = (
    contender: Contender,
    done: (event: SessionEvent) => Promise<void> | undefined,
  ) => {
    const { held = [] } = contender;
    contender.held = undefined;
    for (const { event, resolve } of held) resolve(done(event));
  };

  const drop = async (contender: Contender | undefined): Promise<void> => {
    if (contender === undefined) return;
    release(contender, () => undefined);
    await contender.session.close();
  };

  const takeOver = async (next: Contender): Promise<void> => {
    const before = current;
    current = next;
    if (before !== undefined) {
      before.session.signOut();
      // It saves its marks: done before those of the new one are raised.
      await before.session.close();
    }
    release(next, tell);
  };

  const hasNobody = (): boolean =>
    current === undefined || ['signed-out', 'signing-in'].includes(current.session.state.kind);

  /** Whom to sign in with: the session that counts where nobody uses it, else one beside it. */
  const choose = async (server: ServerAddress): Promise<Contender> => {
    if (current !== undefined && hasNobody() && current.server.origin === server.origin) {
      return current;
    }
    const contender = enter(server);
    // Nobody loses anything: what goes on is told from the first moment.
    if (hasNobody()) await takeOver(contender);
    else trial = contender;
    return contender;
  };

  if (first !== undefined) {
    current = enter(first);
    current.held = undefined;
  }

  return {
    get server() {
      return current?.server;
    },
    get state() {
      return current?.session.state ?? { kind: 'signed-out', reason: 'never' };
    },
    get unread() {
      return current?.session.unread ?? { total: 0, organisations: [] };
    },
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    call: (name, input) =>
      current?.session.call(name, input) ??
      Promise.resolve({ ok: false, fault: makeFault('not_signed_in') }),
    reconnectNow: () => current?.session.reconnectNow(),
    signOut: () => current?.session.signOut(),
    prepare() {
      if (hasNobody()) current?.session.prepare();
    },
    async signIn(credentials, server, signal) {
      const fault = makeFault('cancelled');
      const before = trial;
      trial = undefined;
      await drop(before);
      if (isClosed || signal?.aborted === true) return { ok: false, fault };
      const contender = await choose(server);
      const abort = () => contender.session.signOut();
      signal?.addEventListener('abort', abort);
      const outcome = await contender.session.signIn(credentials);
      signal?.removeEventListener('abort', abort);
      if (contender !== trial) return outcome;
      trial = undefined;
      await (outcome.ok ? takeOver(contender) : drop(contender));
      return outcome;
    },
    async close() {
      isClosed = true;
      await Promise.all([drop(trial), current?.session.close()]);
    },
  };
}
