import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readHandshake } from './read-handshake.ts';

const LINES = [
  'GET /connection/websocket?a=b HTTP/1.1',
  'Host: localhost:8000',
  'Upgrade: websocket',
  'Connection: keep-alive, Upgrade',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Version: 13',
];

const read = (lines: readonly string[], rest = '') =>
  readHandshake(Buffer.from(`${lines.join('\r\n')}\r\n\r\n${rest}`, 'latin1'));
const replaced = (line: number, by: string) => LINES.map((old, at) => (at === line ? by : old));

test('[HB76] a plain handshake is read with its headers and what came along', () => {
  const handshake = read([...LINES, 'Origin:  https://a.example \t', 'X-Empty:'], 'more');
  expect(handshake?.request.method).toBe('GET');
  expect(handshake?.request.url).toBe('/connection/websocket?a=b');
  expect({ ...handshake?.request.headers }).toEqual({
    host: 'localhost:8000',
    upgrade: 'websocket',
    connection: 'keep-alive, Upgrade',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    'sec-websocket-version': '13',
    origin: 'https://a.example',
    'x-empty': '',
  });
  expect(handshake?.rest.toString()).toBe('more');
});

test.each([
  ['another method', replaced(0, 'POST /connection/websocket HTTP/1.1')],
  ['another version', replaced(0, 'GET /connection/websocket HTTP/1.0')],
  ['an absolute address', replaced(0, 'GET http://a/connection/websocket HTTP/1.1')],
  ['a space in the path', replaced(0, 'GET /connection /websocket HTTP/1.1')],
  ['no host', replaced(1, 'X-Host: localhost')],
  ['another upgrade', replaced(2, 'Upgrade: h2c')],
  ['no upgrade in Connection', replaced(3, 'Connection: upgrades')],
  ['a repeated header', [...LINES, 'host: other']],
  ['a body', [...LINES, 'Content-Length: 5']],
  ['a chunked body', [...LINES, 'Transfer-Encoding: chunked']],
  ['a folded line', [...LINES, ' folded']],
  ['a space before the colon', [...LINES, 'X-A : b']],
  ['a line without a colon', [...LINES, 'X-A']],
  ['a bare line feed', [...LINES, 'X-A: b\nX-B: c']],
  ['a bare carriage return', [...LINES, 'X-A: b\rX-B: c']],
  ['a zero byte', [...LINES, 'X-A: b\0c']],
  ['too much of it', [...LINES, `X-A: ${'b'.repeat(8_192)}`]],
])('[HB76] %s is left to the HTTP server', (_, lines) => {
  expect(read(lines)).toBeUndefined();
});

test('[HB76] a handshake that is cut anywhere is left to the HTTP server', () => {
  const whole = Buffer.from(`${LINES.join('\r\n')}\r\n\r\n`);
  for (let length = 0; length < whole.length; length += 1) {
    expect(readHandshake(whole.subarray(0, length))).toBeUndefined();
  }
});

test('[HB76] no bytes make it throw, and names of properties are names of headers', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      readHandshake(Buffer.from(bytes));
    }),
  );
  const { headers } = read([...LINES, '__proto__: x', 'constructor: y'])?.request ?? {};
  expect(Object.keys(headers ?? {})).toContain('__proto__');
});
