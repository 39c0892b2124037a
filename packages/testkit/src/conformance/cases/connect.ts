import assert from 'node:assert/strict';
import type { ConformanceCase } from '../case.ts';
import { connectionToken } from '../tokens.ts';

/** The command `connect` and what must come before anything else. */
export const connectCases: readonly ConformanceCase[] = [
  {
    id: 'connect/reply',
    title: 'a good token is answered with client, expiry and ping interval',
    async run({ open, user, normal }) {
      const client = await open();
      client.send({ id: 7, connect: { token: connectionToken(user()), name: 'suite' } });
      assert.deepEqual(normal(await client.next()), {
        id: 7,
        connect: { client: 'client-1', expires: true, ttl: 'ttl', ping: 25, pong: true },
      });
    },
  },
];
