import type { Credentials, Session, SignedOutReason } from '@telex/client';
import type { LoginDialog } from '../desktop/login-dialog.ts';

/** What asks for a login whenever nobody is signed in. */
export interface LoginLoop {
  /** Nobody is signed in, for this reason: asks, unless it was wanted so or is being asked already. */
  signedOut(reason: SignedOutReason, sentence: string): void;
  /** Somebody signed in, here or by a command: takes the dialog away. */
  signedIn(): void;
  /** Brings the dialog up, also after it was cancelled. False: nobody can be asked here. */
  raise(): boolean;
  /** The address to fill in next time; in memory only. */
  remember(email: string): void;
  close(): void;
}

export interface LoginLoopPorts {
  readonly dialog: LoginDialog | undefined;
  readonly server: string;
  readonly session: Pick<Session, 'prepare' | 'signIn'>;
  readonly say: (sentence: string) => void;
  /** The user cancelled and wants no dialog but the end. */
  readonly onQuit: () => void;
}

/** Cancelling only cancels: the program goes on, signed out, and the dialog can be brought back. */
export function createLoginLoop(ports: LoginLoopPorts): LoginLoop {
  const { dialog, server, session, say } = ports;
  let email: string | undefined;
  let reason: string | undefined;
  let round: AbortController | undefined;
  let isAsking = false;

  const run = async (openDialog: LoginDialog, mine: AbortController): Promise<void> => {
    const { signal } = mine;
    while (!signal.aborted) {
      isAsking = true;
      session.prepare();
      const answer = await openDialog.ask({ server, reason, email }, signal);
      if (signal.aborted) return;
      if (answer === 'cancelled') {
        isAsking = false;
        say('Signing in was cancelled. Telex Start goes on running, without notifications.');
        if (await openDialog.wanted(signal)) continue;
        if (!signal.aborted) ports.onQuit();
        return;
      }
      await signIn(answer);
    }
  };

  const signIn = async (credentials: Credentials): Promise<void> => {
    email = credentials.email;
    await session.signIn(credentials);
  };

  const start = (): void => {
    if (dialog === undefined) return;
    round?.abort();
    const mine = new AbortController();
    round = mine;
    void run(dialog, mine).finally(() => {
      if (round === mine) round = undefined;
    });
  };

  return {
    signedOut(why, sentence) {
      reason = sentence;
      if (round !== undefined) return;
      if (dialog === undefined) {
        if (why !== 'closed') say('Sign in with: telex-start login');
      } else if (why === 'signed-out') waitFor(dialog);
      else if (why !== 'closed') start();
    },
    signedIn() {
      round?.abort();
      round = undefined;
      isAsking = false;
    },
    raise() {
      if (dialog !== undefined && !isAsking) start();
      return dialog !== undefined;
    },
    remember(address) {
      email = address;
    },
    close() {
      round?.abort();
    },
  };

  /** After a wanted sign-out the dialog does not open by itself. */
  function waitFor(openDialog: LoginDialog): void {
    const mine = new AbortController();
    round = mine;
    openDialog.wanted(mine.signal).then((isWanted) => {
      if (mine.signal.aborted) return;
      if (isWanted) start();
      else ports.onQuit();
    }, ports.onQuit);
  }
}
