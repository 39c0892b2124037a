import type { LoginDialog } from '../login-dialog.ts';
import type { Prompt } from './prompt.ts';
import type { Screen } from './screen.ts';

/** Asks for e-mail and password in the terminal. */
export function createTerminalLogin(prompt: Prompt, screen: Screen): LoginDialog {
  return {
    async ask({ server, email }, signal) {
      screen.print(`Sign in to ${new URL(server).host} (Ctrl-C cancels).`);
      const known = email === undefined ? '' : ` [${email}]`;
      const answers = await prompt.ask(
        [
          { label: `E-mail${known}: `, hidden: false },
          { label: 'Password (not shown): ', hidden: true },
        ],
        signal,
      );
      if (answers === 'cancelled') return 'cancelled';
      const [typed = '', password = ''] = answers;
      return { email: typed.trim() === '' ? (email ?? '') : typed.trim(), password };
    },
    async wanted(signal) {
      const label = 'Press Enter to sign in, Ctrl-C to end Telex Start. ';
      const answer = await prompt.ask([{ label, hidden: true }], signal);
      return answer !== 'cancelled';
    },
  };
}
