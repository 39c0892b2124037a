import { expect, test } from 'vitest';
import { DemoError } from './demo-error.ts';
import type { ServerReady } from './messages.ts';
import { failure, timing, whatNext } from './words.ts';

const posted = { messageId: 'm', sentAtMs: 1_000, acceptedAtMs: 1_003 };
const server: ServerReady = {
  url: 'https://127.0.0.1:8443',
  caFile: "/tmp/it's here/ca.pem",
  organisation: 'Northwind',
  channel: { id: 'c', name: 'general' },
  accounts: [
    { name: 'Ada', email: 'ada@demo.test', password: 'p1' },
    { name: 'Grace', email: 'grace@demo.test', password: 'p2' },
  ],
  webhookUrl: 'https://127.0.0.1:8443/api/v1/webhooks/feed/slug',
};

test('the time is told from accepted to shown', () => {
  expect(timing(posted, { messageId: 'm', shownAtMs: 1_004.26 })).toBe(
    'Shown 1.3 ms after the server had accepted it (4.3 ms after it was sent).',
  );
});

test('a notification that overtakes the answer to the author is told as such', () => {
  expect(timing(posted, { messageId: 'm', shownAtMs: 1_002.5 })).toBe(
    'Shown 2.5 ms after it was sent: 0.5 ms before its author read the server\'s "accepted" (3.0 ms).',
  );
});

test('the curl line can be pasted into a shell, whatever the path', () => {
  expect(whatNext(server, '/run/telex', true)).toContain("--cacert '/tmp/it'\\''s here/ca.pem' -H");
  expect(whatNext({ ...server, caFile: null }, '/run/telex', false)).toContain('curl -H');
});

test('a failure names the stretch, the reason, the log and, for a taken port, the way out', () => {
  const told = failure(
    new DemoError('server', 'Port 8443 is in use.', { code: 'port_taken', log: 'last words' }),
  );
  expect(told).toContain('Telex failed while starting the server: Port 8443 is in use.');
  expect(told).toContain('npm start -- --port 9443');
  expect(told).toContain('last words');
});
