// Asks for a login as Telex Start does, in a process of its own: `node ask.ts OPTIONS [exit-when-tried]`. Prints what comes of it.
import { createBrowserLogin } from '../browser-login.ts';
import type { BrowserLoginOptions } from '../login-options.ts';

const [given = '{}', then] = process.argv.slice(2);
const options = JSON.parse(given) as BrowserLoginOptions;
const answer = await createBrowserLogin(options).ask(
  { server: 'https://telex.example.org', reason: undefined, email: 'ana@example.com' },
  async () => {
    console.log('tried');
    if (then === 'exit-when-tried') process.exit(0);
    return { ok: true };
  },
  new AbortController().signal,
);
console.log(answer);
