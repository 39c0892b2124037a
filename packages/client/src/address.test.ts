import { expect, test } from 'vitest';
import { readAddresses } from './address.ts';

test('[S2] https gives wss on the same host', () => {
  expect(readAddresses('https://telex.example:8443/ignored', undefined, false)).toEqual({
    api: 'https://telex.example:8443',
    push: 'wss://telex.example:8443/centrifugo/connection/websocket',
  });
});

test('[S2] plain HTTP is refused, and on request taken for loopback only', () => {
  expect(readAddresses('http://127.0.0.1:8080', undefined, false)).toBeUndefined();
  expect(readAddresses('http://127.0.0.1:8080', undefined, true)?.push).toMatch(/^ws:/);
  expect(readAddresses('http://telex.example', undefined, true)).toBeUndefined();
  expect(readAddresses('https://telex.example', 'ws://telex.example/x', true)).toBeUndefined();
});

test('[S2] what is no address, or holds credentials, is refused', () => {
  for (const url of ['', 'telex', 'ftp://telex.example', 'https://ada:secret@telex.example']) {
    expect(readAddresses(url, undefined, true)).toBeUndefined();
  }
});
