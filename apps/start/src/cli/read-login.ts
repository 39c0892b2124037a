import type { Credentials } from '@telex/client';
import { askCredentials } from '../desktop/terminal/login-dialog.ts';
import { createPrompt } from '../desktop/terminal/prompt.ts';
import { createScreen } from '../desktop/terminal/screen.ts';
import { StartError } from '../errors.ts';

const LARGEST = 8_192;

/** What was typed; the server only where none is known. */
type Typed = Credentials & { readonly server?: string };

/** E-mail and password: asked for in a terminal, else two lines of stdin (one, where the e-mail is known). */
export async function readLogin(
  server: string | undefined,
  email: string | undefined,
): Promise<Typed | 'cancelled'> {
  if (!process.stdin.isTTY) return fromLines(await readInput(), email);
  // Questions go to stderr, so that stdout has the answer alone.
  const screen = createScreen(process.stderr);
  const prompt = createPrompt(process.stdin, screen);
  return askCredentials(prompt, screen, { server, email }, new AbortController().signal);
}

function fromLines(lines: readonly string[], known: string | undefined): Typed {
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
