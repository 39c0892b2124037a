import { once } from 'node:events';
import { createServer } from 'node:http';
import { createHub } from '@telex/hub';
import { attachHub, nodeClock } from '@telex/hub/node';
import { describe, expect, test } from 'vitest';
import { publisherSuite } from '../../test/push-publisher-suite.ts';
import { fakePublisher } from '../testing/fake-publisher.ts';
import { embeddedHubPublisher } from './embedded-hub-publisher.ts';
import { isPermanent, PublishError } from './push-publisher.ts';

publisherSuite('the fake', async () => {
  const publisher = fakePublisher();
  const lists = new Map<string, string[]>();
  return {
    publisher,
    async listen(channel) {
      const list: string[] = [];
      lists.set(channel, list);
      return list;
    },
    async arrived() {
      for (const { channel, dataJson } of publisher.deliveries.splice(0)) {
        lists.get(channel)?.push(dataJson);
      }
    },
    async close() {},
  };
});

publisherSuite('the embedded hub, over a real WebSocket', async () => {
  const hub = createHub({
    clock: nodeClock,
    random: Math.random,
    verifier: {
      connection: () => ({ ok: true, grant: { user: 'ada' } }),
      subscription: (channel) => ({ ok: true, grant: { user: 'ada', channel } }),
    },
  });
  const server = createServer();
  attachHub({ hub, server, path: '/push' });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const socket = new WebSocket(`ws://127.0.0.1:${port}/push`);
  const lists = new Map<string, string[]>();
  const waiting = new Map<number, () => void>();
  socket.addEventListener('message', ({ data }) => {
    for (const line of String(data).split('\n')) take(line);
  });
  function take(line: string): void {
    // The data as text, since parsing it would change numbers that are too large.
    const text = /^\{"push":\{"channel":"([^"]*)","pub":\{"data":(.*)/.exec(line);
    if (text === null) {
      const { id } = JSON.parse(line) as { id?: number };
      if (id !== undefined) waiting.get(id)?.();
      return;
    }
    const [, channel = '', rest = ''] = text;
    lists.get(channel)?.push(rest.slice(0, endOfObject(rest)));
  }
  let lastId = 0;
  const command = (fields: object): Promise<void> => {
    lastId += 1;
    const id = lastId;
    socket.send(JSON.stringify({ id, ...fields }));
    return new Promise((resolve) => waiting.set(id, resolve));
  };
  await new Promise((resolve) => socket.addEventListener('open', resolve));
  await command({ connect: { token: 'any' } });
  return {
    publisher: embeddedHubPublisher(hub),
    async listen(channel) {
      const list: string[] = [];
      lists.set(channel, list);
      await command({ subscribe: { channel, token: channel } });
      return list;
    },
    // Frames of one socket arrive in order: the answer to this comes after all of them.
    arrived: () => command({ unsubscribe: { channel: 'org/other' } }),
    async close() {
      socket.close();
      hub.close();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
});

/** Where the JSON object that the text begins with ends. */
function endOfObject(text: string): number {
  let depth = 0;
  let isInString = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (isInString) {
      if (character === '\\') at += 1;
      else if (character === '"') isInString = false;
    } else if (character === '"') isInString = true;
    else if (character === '{') depth += 1;
    else if (character === '}' && --depth === 0) return at + 1;
  }
  return text.length;
}

describe('a failed broadcast', () => {
  test('is for ever only where the push server says so', () => {
    expect(isPermanent(new PublishError('rejected'))).toBe(true);
    expect(isPermanent(new PublishError('unavailable'))).toBe(false);
    expect(isPermanent(new TypeError('fetch failed'))).toBe(false);
  });
});
