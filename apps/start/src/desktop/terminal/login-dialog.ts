import type { LoginAttempt, LoginDialog, LoginRequest } from '../login-dialog.ts';
import type { Prompt } from './prompt.ts';
import type { Screen } from './screen.ts';

/**
 * Asks in the terminal until signing in worked.
 * @param tell says what went wrong, above the next question.
 */
export function createTerminalLogin(
  prompt: Prompt,
  screen: Screen,
  tell: (sentence: string) => void,
): LoginDialog {
  return {
    async ask(request, trySignIn, signal) {
      let next = request;
      for (;;) {
        const attempt = await askCredentials(prompt, screen, next, signal);
        if (attempt === 'cancelled') return 'cancelled';
        const outcome = await trySignIn(attempt, signal);
        if (outcome.ok) return 'signed-in';
        if (signal.aborted) return 'cancelled';
        tell(outcome.sentence);
        // An address that was refused is asked for again.
        const server = outcome.code === 'no_server' ? request.server : attempt.server;
        next = { ...request, server, email: attempt.email };
      }
    },
    async wanted(signal) {
      const label = 'Press Enter to sign in, Ctrl-C to end Telex Start. ';
      const answer = await prompt.ask([{ label, hidden: true }], signal);
      return answer !== 'cancelled';
    },
  };
}

/** Server (where none is known), e-mail address and password, as typed. */
export async function askCredentials(
  prompt: Prompt,
  screen: Screen,
  { server, email }: Omit<LoginRequest, 'reason'>,
  signal: AbortSignal,
): Promise<LoginAttempt | 'cancelled'> {
  const host = server === undefined ? 'Telex' : (URL.parse(server)?.host ?? server);
  screen.print(`Sign in to ${host} (Ctrl-C cancels).`);
  const known = email === undefined ? '' : ` [${email}]`;
  const answers = await prompt.ask(
    [
      ...(server === undefined ? [{ label: 'Server (https://…): ', hidden: false }] : []),
      { label: `E-mail${known}: `, hidden: false },
      { label: 'Password (not shown): ', hidden: true },
    ],
    signal,
  );
  if (answers === 'cancelled') return 'cancelled';
  const [address = '', typed = '', password = ''] =
    server === undefined ? answers : [server, ...answers];
  return {
    server: address.trim(),
    email: typed.trim() === '' ? (email ?? '') : typed.trim(),
    password,
  };
}
