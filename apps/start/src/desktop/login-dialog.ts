import type { Credentials } from '@telex/client';

/** What a login dialog is opened with. */
export interface LoginRequest {
  /** Address filled in already; undefined: none is known and the dialog asks for it. */
  readonly server: string | undefined;
  /** Why it opens: what happened, for people. */
  readonly reason: string | undefined;
  /** Filled in already. */
  readonly email: string | undefined;
}

/** What the user sent off; the password is used for one request and dropped. */
export interface LoginAttempt extends Credentials {
  /** As typed or filled in, not yet checked. */
  readonly server: string;
}

/** Outcome of one attempt. */
export type LoginOutcome =
  | {
      readonly ok: true;
      /** Something to be read before the dialog closes, such as that the user belongs to no organisation. */
      readonly hint?: string;
    }
  | {
      readonly ok: false;
      /** A fault's code, or that of a wrong server address. */
      readonly code: string;
      /** What happened and what to do. */
      readonly sentence: string;
      /** How long the server asked to wait. */
      readonly waitMs?: number;
    };

/** Tries to sign in. Never rejects; cancelled by the signal it answers with `cancelled`. */
export type TrySignIn = (attempt: LoginAttempt, signal: AbortSignal) => Promise<LoginOutcome>;

/** Asks for e-mail and password until signing in worked or the user cancels. */
export interface LoginDialog {
  /**
   * Shows itself, tries what is sent off, tells what went wrong in place and lets it be corrected. `cancelled`: by the user,
   * or by the signal. Rejects with a sentence where no dialog can be shown.
   */
  ask(
    request: LoginRequest,
    trySignIn: TrySignIn,
    signal: AbortSignal,
  ): Promise<'signed-in' | 'cancelled'>;
  /** Resolves true when the user wants the dialog again after having cancelled; false: aborted. */
  wanted(signal: AbortSignal): Promise<boolean>;
}
