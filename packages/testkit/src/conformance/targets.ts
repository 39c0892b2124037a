import { randomUUID } from 'node:crypto';
import { engineLacks } from '../push-servers/engine-lacks.ts';
import { centrifugoCommand, engineCommand, hubCommand } from '../push-servers/push-commands.ts';
import { startPushServer } from '../push-servers/push-server.ts';
import { startRedis } from '../push-servers/redis.ts';
import type { ConformanceTarget } from './target.ts';

const inProcess = {
  'keeps-on-restart': 'its history lives in the process',
  broker: 'it has none besides the process',
};

/** Our hub, alone in a process. */
export const hubTarget: ConformanceTarget = {
  name: 'hub',
  manner: 'hub',
  lacks: inProcess,
  start: (config) => startPushServer({ command: hubCommand, config }),
};

/** The reference server on Centrifugo's engine, in memory. */
export const engineTarget: ConformanceTarget = {
  name: 'engine in memory',
  manner: 'stock',
  lacks: { ...engineLacks, ...inProcess },
  start: async (config) => startPushServer({ command: await engineCommand(), config }),
};

/**
 * The same with Redis, one for all its servers, each with a prefix of its own: those of one prefix are nodes
 * of one system.
 *
 * @param address of the Redis, asked for when a server starts
 * @param prefix of a server's keys, asked for when it starts
 */
export function engineOnRedisTarget(
  address: () => string,
  prefix: () => string = randomUUID,
): ConformanceTarget {
  return {
    name: 'engine on Redis',
    manner: 'stock',
    lacks: { ...engineLacks, 'forgets-on-restart': 'its history lives in Redis' },
    ownBroker: async () => {
      const broker = await startRedis();
      const prefix = randomUUID();
      return {
        broker,
        target: engineOnRedisTarget(
          () => broker.address,
          () => prefix,
        ),
      };
    },
    start: async (config) => {
      const redis = { address: address(), prefix: prefix() };
      return startPushServer({
        command: await engineCommand(),
        config: { ...config, engine: { type: 'redis', redis } },
      });
    },
  };
}

/** The real Centrifugo in memory, where there is one. */
export function centrifugoTarget(): ConformanceTarget | undefined {
  const command = centrifugoCommand();
  if (command === undefined) return undefined;
  return {
    name: 'centrifugo',
    manner: 'stock',
    lacks: inProcess,
    start: (config) => startPushServer({ command, config }),
  };
}
