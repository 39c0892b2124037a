// Stands in for telex-start: reads its credentials, says that it is live and "shows" the first message it is told of.
import { writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { text } from 'node:stream/consumers';

const fault = process.env.FAKE ?? '';
const report = (line: object) => writeSync(4, `${JSON.stringify(line)}\n`);
const credentials = JSON.parse(await text(new Socket({ fd: 3 })));
console.log(`signing in as ${credentials.email}`);
report({ kind: 'state', state: 'signing-in' });
if (fault === 'start-dies') {
  console.error('no luck today');
  process.exit(9);
}
const server = process.argv[process.argv.indexOf('--server') + 1];
// Subscribed from here on: the body follows with the message.
const told = await fetch(`${server}/told`);
report({ kind: 'state', state: 'live' });
report({ kind: 'caught-up', pushes: 0, gap: false });
console.log(`my process is ${process.pid}`);
const messageId = await told.text();
report({
  kind: 'notification',
  message_id: messageId,
  shown_at_ms: performance.timeOrigin + performance.now(),
});
console.log('Grace: Hello! This is your first Telex notification.');
// Stays, until it is told to stop.
setInterval(() => {}, 60_000);
