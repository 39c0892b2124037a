import { afterAll, beforeAll } from 'vitest';
import { type Redis, startRedis } from '../push-servers/redis.ts';
import { conformance } from './conformance.ts';
import { engineOnRedisTarget } from './targets.ts';

let redis: Redis | undefined;

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis?.close());

conformance(
  engineOnRedisTarget(() => {
    if (redis === undefined) throw new Error('Redis did not start');
    return redis.address;
  }),
);
