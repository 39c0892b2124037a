import type { Credentials } from '@telex/client';

/** What a login dialog is opened with. */
export interface LoginRequest {
  readonly server: string;
  /** Why it opens: what happened, for people. */
  readonly reason: string | undefined;
  /** Filled in already. */
  readonly email: string | undefined;
}

/** Asks for e-mail and password. */
export interface LoginDialog {
  /** `cancelled`: by the user, or by the signal. */
  ask(request: LoginRequest, signal: AbortSignal): Promise<Credentials | 'cancelled'>;
  /** Resolves true when the user wants the dialog again after having cancelled; false: aborted. */
  wanted(signal: AbortSignal): Promise<boolean>;
}
