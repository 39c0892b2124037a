import type { LoginAttempt, LoginDialog, LoginOutcome, LoginRequest } from '../login-dialog.ts';

/** A login dialog that a test acts on. */
export interface FakeLoginDialog extends LoginDialog {
  /** What it was opened with, in order. */
  readonly opened: readonly LoginRequest[];
  readonly isOpen: boolean;
  /** Sends off what was "typed"; a success closes it, unless there is something to be read. */
  submit(attempt: LoginAttempt): Promise<LoginOutcome>;
  /** What was to be read has been. */
  acknowledge(): void;
  cancel(): void;
  /** From now on it can't be shown. */
  breakDown(): void;
}

export function createFakeLoginDialog(): FakeLoginDialog {
  const opened: LoginRequest[] = [];
  let isBroken = false;
  let submit: FakeLoginDialog['submit'] | undefined;
  let cancel = () => {};
  let acknowledge = () => {};
  return {
    opened,
    get isOpen() {
      return submit !== undefined;
    },
    submit(attempt) {
      if (submit === undefined) throw new Error('the dialog is not open');
      return submit(attempt);
    },
    cancel: () => cancel(),
    acknowledge: () => acknowledge(),
    breakDown() {
      isBroken = true;
    },
    ask(request, trySignIn, signal) {
      opened.push(request);
      if (isBroken)
        return Promise.reject(new Error('No browser was found. Sign in with: telex-start login'));
      const { promise, resolve } = Promise.withResolvers<'signed-in' | 'cancelled'>();
      const over = new AbortController();
      const end = (how: 'signed-in' | 'cancelled') => {
        if (submit === mine) submit = undefined;
        if (how === 'cancelled') over.abort();
        resolve(how);
      };
      const mine = async (attempt: LoginAttempt) => {
        const outcome = await trySignIn(attempt, over.signal);
        if (outcome.ok && outcome.hint === undefined) end('signed-in');
        return outcome;
      };
      submit = mine;
      cancel = () => end('cancelled');
      acknowledge = () => end('signed-in');
      signal.addEventListener('abort', () => end('cancelled'));
      return promise;
    },
    wanted(signal) {
      const { promise, resolve } = Promise.withResolvers<boolean>();
      signal.addEventListener('abort', () => resolve(false));
      return promise;
    },
  };
}
