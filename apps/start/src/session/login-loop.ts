import { faultTable, type SignedOutReason, type State } from '@telex/client';
import type { LoginAttempt, LoginDialog, LoginOutcome } from '../desktop/login-dialog.ts';
import { StartError } from '../errors.ts';
import { readServerAddress } from '../settings.ts';
import type { KnownLogin } from './known-login.ts';
import type { SessionSwitch } from './session-switch.ts';
import { signInSentence } from './sign-in-sentence.ts';

/** What asks for a login whenever nobody is signed in. */
export interface LoginLoop {
  /** Nobody is signed in, for this reason: asks, unless it was wanted so or is being asked already. */
  signedOut(reason: SignedOutReason, sentence: string): void;
  /** Somebody is signed in by other means than the dialog: takes it away. */
  signedIn(): void;
  /** Brings the dialog up, also after it was cancelled and while somebody is signed in. */
  raise(): void;
  /** The server and address to fill in next time. */
  remember(login: KnownLogin): void;
  close(): void;
}

export interface LoginLoopPorts {
  readonly dialog: LoginDialog | undefined;
  readonly known: KnownLogin;
  readonly session: Pick<SessionSwitch, 'state' | 'prepare' | 'signIn'>;
  readonly say: (sentence: string, kind?: 'outcome') => void;
  /** Signing in has worked, by the dialog. */
  readonly onSignedIn: (login: KnownLogin) => void;
  /** The user cancelled and wants no dialog but the end. */
  readonly onQuit: () => void;
}

/** Cancelling only cancels: the program goes on as it was, and the dialog can be brought back. */
export function createLoginLoop(ports: LoginLoopPorts): LoginLoop {
  const { dialog, session, say } = ports;
  let { known } = ports;
  let reason: string | undefined;
  let round: AbortController | undefined;
  let isAsking = false;
  /** A sign-in of the dialog's own is under way: what the state says meanwhile is told in the dialog. */
  let trying: symbol | undefined;

  const trySignIn = async (attempt: LoginAttempt, signal: AbortSignal): Promise<LoginOutcome> => {
    const { email, password } = attempt;
    const address = readTyped(attempt.server);
    if ('ok' in address) return address;
    known = { server: address.origin, email };
    const mine = Symbol('attempt');
    trying = mine;
    const outcome = await session.signIn({ email, password }, address, signal);
    // The dialog closes by itself, and may have something to be read before.
    if (outcome.ok) return belongsNowhere(session.state) ? { ok: true, hint } : { ok: true };
    // A cancelled one may end while the next is under way.
    if (trying === mine) trying = undefined;
    const { code, waitMs } = outcome.fault;
    const sentence = signInSentence(outcome.fault);
    return { ok: false, code, sentence, ...(waitMs === undefined ? {} : { waitMs }) };
  };

  const stop = (): void => {
    round?.abort();
    round = undefined;
    isAsking = false;
    trying = undefined;
  };

  const open = (start: 'ask' | 'wait'): void => {
    if (dialog === undefined) return;
    stop();
    const mine = new AbortController();
    round = mine;
    void run(dialog, start, mine.signal).then(() => {
      if (round === mine) round = undefined;
    });
  };

  const run = async (
    openDialog: LoginDialog,
    start: 'ask' | 'wait',
    signal: AbortSignal,
  ): Promise<void> => {
    if (start === 'wait' && !(await isWanted(openDialog, signal))) return;
    for (;;) {
      session.prepare();
      const answer = await ask(openDialog, signal);
      if (signal.aborted) return;
      if (answer === 'signed-in') {
        ports.onSignedIn(known);
        return;
      }
      if (!(await isWanted(openDialog, signal))) return;
    }
  };

  const ask = async (openDialog: LoginDialog, signal: AbortSignal) => {
    isAsking = true;
    try {
      const answer = await openDialog.ask({ ...known, reason }, trySignIn, signal);
      if (answer === 'cancelled' && !signal.aborted) {
        say('Signing in was cancelled. Telex Start goes on running.');
      }
      return answer;
    } catch (error) {
      // It says by which command to sign in.
      say(error instanceof Error ? error.message : 'Sign in with: telex-start login', 'outcome');
      return 'cancelled';
    } finally {
      // Aborted: another round is asking already, or nobody.
      if (!signal.aborted) {
        isAsking = false;
        trying = undefined;
      }
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
      reason = why === 'never' ? undefined : sentence;
      // Where a sign-in failed that was asked for elsewhere, that place tells of it.
      const isTold = trying !== undefined || isAsking || (why === 'failed' && round !== undefined);
      if (why === 'closed' || isTold) return;
      if (dialog === undefined) say('Sign in with: telex-start login');
      // After a wanted sign-out the dialog does not open by itself.
      else open(why === 'signed-out' ? 'wait' : 'ask');
    },
    signedIn() {
      if (trying === undefined) stop();
    },
    raise: () => open('ask'),
    remember(login) {
      known = login;
    },
    close: stop,
  };
}

const hint = faultTable.no_organisation.sentence;

function belongsNowhere(state: State): boolean {
  return state.kind === 'live' && state.organisations.length === 0;
}

function readTyped(server: string) {
  try {
    return readServerAddress(server);
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    return { ok: false, code: error.code, sentence: error.message } as const;
  }
}
