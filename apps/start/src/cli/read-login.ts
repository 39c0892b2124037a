import type { Credentials } from '@telex/client';
import { createTerminalLogin } from '../desktop/terminal/login-dialog.ts';
import { createPrompt } from '../desktop/terminal/prompt.ts';
import { createScreen } from '../desktop/terminal/screen.ts';
import { StartError } from '../errors.ts';

const LARGEST = 8_192;

/** E-mail and password: asked for in a terminal, else two lines of stdin (one, where the e-mail is known). */
export async function readLogin(
  server: string,
  email: string | undefined,
): Promise<Credentials | 'cancelled'> {
  if (!process.stdin.isTTY) return fromLines(await readInput(), email);
  // Questions go to stderr, so that stdout has the answer alone.
  const screen = createScreen(process.stderr);
  const login = createTerminalLogin(createPrompt(process.stdin, screen), screen);
  return login.ask({ server, reason: undefined, email }, new AbortController().signal);
}

function fromLines(lines: readonly string[], known: string | undefined): Credentials {
  const [email = '', password = ''] = known === undefined ? lines : [known, ...lines];
  if (email !== '' && password !== '') return { email, password };
  throw new StartError(
    'login_cancelled',
    known === undefined
      ? 'Without a terminal, login needs the e-mail address and the password as two lines on its input.'
      : 'Without a terminal, login needs the password as a line on its input.',
  );
}

async function readInput(): Promise<string[]> {
  let text = '';
  process.stdin.setEncoding('utf8');
  for await (const chunk of process.stdin) {
    text += String(chunk);
    if (text.length > LARGEST) break;
  }
  return text.split(/\r?\n/);
}
