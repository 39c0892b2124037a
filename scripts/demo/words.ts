import { relative } from 'node:path';
import type { Posted } from './author.ts';
import { type DemoError, hops } from './demo-error.ts';
import type { ServerReady, Shown } from './messages.ts';
import { milliseconds } from './run-demo.ts';

/** By the server's own code, what to do here. */
const adviceFor: Readonly<Record<string, string>> = {
  port_taken: 'Here that is: npm start -- --port 9443',
  data_in_use:
    'If that is another `npm start`, stop it first; `npm start -- --once` runs beside it.',
};

/** How long the notification took, in a sentence. Telex Start may be faster than the answer to the author. */
export function timing(posted: Posted, shown: Shown): string {
  const total = milliseconds(shown.shownAtMs - posted.sentAtMs);
  const accepted = milliseconds(posted.acceptedAtMs - posted.sentAtMs);
  const after = shown.shownAtMs - posted.acceptedAtMs;
  return after >= 0
    ? `Shown ${milliseconds(after)} after the server had accepted it (${total} after it was sent).`
    : `Shown ${total} after it was sent: ${milliseconds(-after)} before its author read the server's "accepted" (${accepted}).`;
}

/** What to try now, with lines to copy. */
export function whatNext(server: ServerReady, controlDir: string, isPrinted: boolean): string {
  const where = isPrinted ? 'here' : 'on your desktop, where Telex Start has its icon in the tray';
  const [reader, author] = server.accounts;
  const width = Math.max(reader.email.length, author.email.length);
  const body = '{"event_name":"build","message":"All green","status":"success","username":"CI"}';
  const ca = server.caFile === null ? '' : `--cacert ${shellWord(shortPath(server.caFile))} `;
  return [
    'Next:',
    `  a program posts, and the notification appears ${where}:`,
    `    curl ${ca}-H 'Content-Type: application/json' -d '${body}' ${server.webhookUrl}`,
    '  Telex Start answers from a second terminal:',
    `    npx telex-start status --control ${shellWord(shortPath(controlDir))}`,
    `  the server in a browser (its certificate comes from ${server.caFile === null ? 'you' : 'its own local CA'}):`,
    `    ${server.url}/`,
    `  the accounts of ${server.organisation}, with passwords that end with this run:`,
    `    ${reader.email.padEnd(width)}  ${reader.password}  ${reader.name}, who reads here`,
    `    ${author.email.padEnd(width)}  ${author.password}  ${author.name}, who wrote`,
    '',
    'Ctrl-C stops everything.',
  ].join('\n');
}

/** Why it went wrong, on which stretch, and what the program concerned said last. */
export function failure(error: DemoError): string {
  const log = error.log === '' ? [] : ['', 'The end of its log:', error.log];
  const advice = error.code === undefined ? undefined : adviceFor[error.code];
  return [
    `Telex failed while ${hops[error.hop]}: ${error.message}`,
    ...(advice === undefined ? [] : [advice]),
    ...log,
  ].join('\n');
}

function shortPath(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith('..') ? path : short;
}

function shellWord(word: string): string {
  return /^[\w./:@%+=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
