import type { Session, SignedOutReason } from '@telex/client';
import type { LoginDialog } from '../desktop/login-dialog.ts';

/** What asks for a login whenever nobody is signed in. */
export interface LoginLoop {
  /** Nobody is signed in, for this reason: asks, unless it was wanted so or is being asked already. */
  signedOut(reason: SignedOutReason, sentence: string): void;
  /** Somebody signs in, here or by a command: takes the dialog away. */
  signingIn(): void;
  /** Brings the dialog up, also after it was cancelled. */
  raise(): void;
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

  const open = (start: 'ask' | 'wait'): void => {
    if (dialog === undefined) return;
    round?.abort();
    const mine = new AbortController();
    round = mine;
    isAsking = start === 'ask';
    void run(dialog, start, mine.signal);
  };

  const run = async (
    openDialog: LoginDialog,
    start: 'ask' | 'wait',
    signal: AbortSignal,
  ): Promise<void> => {
    if (start === 'wait' && !(await isWanted(openDialog, signal))) return;
    for (;;) {
      isAsking = true;
      session.prepare();
      const answer = await openDialog.ask({ server, reason, email }, signal);
      if (signal.aborted) return;
      if (answer !== 'cancelled') {
        email = answer.email;
        // What comes of it is told by the state; a failure opens the next round.
        round = undefined;
        isAsking = false;
        void session.signIn(answer);
        return;
      }
      isAsking = false;
      say('Signing in was cancelled. Telex Start goes on running, without notifications.');
      if (!(await isWanted(openDialog, signal))) return;
    }
  };

  const isWanted = async (openDialog: LoginDialog, signal: AbortSignal): Promise<boolean> => {
    const wanted = await openDialog.wanted(signal);
    if (signal.aborted) return false;
    if (!wanted) ports.onQuit();
    return wanted;
  };

  return {
    signedOut(why, sentence) {
      reason = sentence;
      if (why === 'closed' || round !== undefined) return;
      if (dialog === undefined) say('Sign in with: telex-start login');
      // After a wanted sign-out the dialog does not open by itself.
      else open(why === 'signed-out' ? 'wait' : 'ask');
    },
    signingIn() {
      round?.abort();
      round = undefined;
      isAsking = false;
    },
    raise() {
      if (!isAsking) open('ask');
    },
    remember(address) {
      email = address;
    },
    close() {
      round?.abort();
    },
  };
}
