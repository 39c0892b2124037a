// Stands for a browser, or for xdg-open: loads the page of the opening file as a browser does, then does what the file
// `does` beside it says. Notes in `seen.jsonl` what it was started with and what it got.
import { appendFileSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

const home = dirname(process.argv[1]);
const note = (entry) => appendFileSync(join(home, 'seen.jsonl'), `${JSON.stringify(entry)}\n`);
const does = readFileSync(join(home, 'does'), 'utf8');
const words = process.argv.slice(2);
const profile = words.find((word) => word.startsWith('--user-data-dir='))?.split('=')[1];
const address = words.find((word) => word.startsWith('--app='))?.slice('--app=file://'.length);
const file = address === undefined ? words[0] : decodeURIComponent(address);
note({ pid: process.pid, words, file, fileMode: statSync(file).mode & 0o777, env: process.env });
if (profile !== undefined) note({ profile, profileMode: statSync(profile).mode & 0o777 });

if (does === 'fail') process.exit(1);
if (does === 'end') process.exit(0);
if (does === 'hang') await new Promise(() => setInterval(() => {}, 1000));

const opening = readFileSync(file, 'utf8');
const action = /action="([^"]+)"/.exec(opening)[1];
const loaded = await fetch(action, {
  method: 'POST',
  headers: { Origin: 'null', 'Content-Type': 'application/x-www-form-urlencoded' },
  body: `secret=${/value="([^"]+)"/.exec(opening)[1]}`,
});
const page = await loaded.text();
const secret = /"secret":"([^"]+)"/.exec(page)?.[1];
note({ status: loaded.status, place: /"place":"(\w+)"/.exec(page)?.[1], secret });

const { origin } = new URL(action);
const post = async (path, body) => {
  const reply = await fetch(origin + path, {
    method: 'POST',
    headers: { Origin: origin, 'Content-Type': 'application/json' },
    body: JSON.stringify({ secret, ...body }),
  });
  return reply.status === 200 ? reply.json() : undefined;
};
const attempt = { email: 'ana@example.com', password: 'open sesame', server: 'https://t.example' };

if (does === 'sign-in') note({ outcome: await post('/sign-in', attempt) });
if (does === 'leave') await post('/leave', {});
if (does === 'crash') process.kill(process.pid, 'SIGKILL');
if (does === 'wait' || does === 'wait for ever') note({ news: await post('/wait', {}) });
if (does === 'wait for ever') await new Promise(() => setInterval(() => {}, 1000));
