/** One row of the error table: the exit code it ends a command with, and what it means. */
interface ErrorRow {
  readonly exitCode: number;
  readonly meaning: string;
}

/** Exit codes of `telex-start`, for scripts; listed by `--help`. */
export const exitCodes = [
  [0, 'done'],
  [1, 'failed for a reason of its own, which it says'],
  [2, 'the command line or the configuration is wrong'],
  [3, 'Telex Start is not running'],
  [4, 'nobody is signed in, or signing in failed'],
  [5, 'a test notification did not arrive; it says where it was lost'],
] as const;

/**
 * Everything that Telex Start answers with, by stable code: on the command line, in the configuration and on the control
 * socket. A shipped code is never reused.
 */
export const startErrors = {
  unknown_command: { exitCode: 2, meaning: 'There is no such command.' },
  unknown_flag: { exitCode: 2, meaning: 'The command has no such flag.' },
  bad_flag: { exitCode: 2, meaning: 'A flag has no value, or a wrong one.' },
  bad_config: { exitCode: 2, meaning: 'The configuration file cannot be used.' },
  no_server: { exitCode: 2, meaning: 'No server address was given.' },
  bad_credentials_input: { exitCode: 2, meaning: 'The credentials pipe holds something else.' },
  unsafe_folder: { exitCode: 1, meaning: 'A folder is open to other users.' },
  unusable_folder: { exitCode: 1, meaning: 'A folder cannot be used.' },
  not_ours: { exitCode: 1, meaning: 'A file is there that this command did not write.' },
  not_running: { exitCode: 3, meaning: 'Telex Start is not running.' },
  no_answer: { exitCode: 1, meaning: 'The running Telex Start does not answer.' },
  malformed_request: { exitCode: 1, meaning: 'The line is no request.' },
  request_too_long: { exitCode: 1, meaning: 'The line is over the limit.' },
  unknown_request: { exitCode: 1, meaning: 'There is no such request.' },
  bad_request: { exitCode: 1, meaning: 'A field of the request is missing or wrong.' },
  too_many_connections: { exitCode: 1, meaning: 'Too many commands at once.' },
  signed_out: { exitCode: 4, meaning: 'Nobody is signed in.' },
  login_failed: { exitCode: 4, meaning: 'Signing in failed.' },
  no_dialog: { exitCode: 4, meaning: 'No login dialog can be shown here.' },
  login_cancelled: { exitCode: 4, meaning: 'Signing in was cancelled.' },
  main_app_failed: { exitCode: 1, meaning: 'The main app cannot be opened or closed.' },
  test_failed: { exitCode: 5, meaning: 'A test notification did not arrive.' },
  internal: { exitCode: 1, meaning: 'Telex Start made a mistake.' },
} as const satisfies Record<string, ErrorRow>;

export type StartErrorCode = keyof typeof startErrors;

/** An error for the person at the keyboard. Callers switch on `code`, never on the text. */
export class StartError extends Error {
  override readonly name = 'StartError';
  readonly code: StartErrorCode;

  /** @param message what happened and what to do; never a password or a token. */
  constructor(code: StartErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }

  get exitCode(): number {
    return startErrors[this.code].exitCode;
  }
}

export function isStartErrorCode(value: unknown): value is StartErrorCode {
  return typeof value === 'string' && Object.hasOwn(startErrors, value);
}

/** The code of a system error such as `ENOENT`; undefined for anything else. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined;
}
