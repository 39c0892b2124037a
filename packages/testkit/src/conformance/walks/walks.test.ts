import { afterAll, expect, test } from 'vitest';
import { chooseSeed, seededRandom } from '../../seeded-random.ts';
import { buildConfig, type ConfigOverrides } from '../config.ts';
import { canonical, type JsonObject } from '../json.ts';
import type { RunningPushServer } from '../target.ts';
import { engineTarget, hubTarget } from '../targets.ts';
import { planWalk, type Step } from './walk-plan.ts';
import { createWalker, type Walker } from './walker.ts';

const WALKS = 40;
const SIDE_BY_SIDE = 8;
/** Closes and joins of the engine come some time after what causes them. */
const LATEST_MS = 3_000;

const subscribers: JsonObject = {
  allow_publish_for_subscriber: true,
  allow_history_for_subscriber: true,
  allow_presence_for_subscriber: true,
  presence: true,
  join_leave: true,
};
const configs: Readonly<Record<string, ConfigOverrides>> = {
  'as Telex runs it': {},
  'with everything for subscribers, and namespaces': {
    channel: {
      without_namespace: { ...subscribers, force_push_join_leave: true, history_size: 4 },
      namespaces: [
        { name: 'news', allow_subscribe_for_client: true, allow_publish_for_client: true },
        { name: 'chat', ...subscribers, history_size: 3, history_ttl: '60s', allow_recovery: true },
      ],
    },
  },
  'with places and little room': {
    channel: {
      without_namespace: {
        ...subscribers,
        force_recovery: false,
        force_positioning: true,
        allow_subscribe_for_client: true,
      },
      namespaces: [{ name: 'news', presence: true, allow_presence_for_client: true }],
    },
    client: { channel_limit: 3 },
  },
  'with anonymous users and small limits': {
    channel: {
      without_namespace: {
        ...subscribers,
        force_recovery: false,
        allow_recovery: true,
        allow_positioning: true,
        allow_subscribe_for_client: true,
        allow_subscribe_for_anonymous: true,
        allow_publish_for_anonymous: true,
        allow_history_for_anonymous: true,
      },
    },
    client: {
      allow_anonymous_connect_without_token: true,
      recovery_max_publication_limit: 2,
      history_max_publication_limit: 3,
    },
  },
};

const seed = chooseSeed();
console.log(`walks on the hub and on the engine: TELEX_SEED=${seed}`);
const running: RunningPushServer[] = [];
afterAll(async () => {
  for (const server of running) await server.kill();
});

for (const [name, config] of Object.entries(configs)) {
  test(`the hub and Centrifugo's engine answer random walks the same, ${name}`, async () => {
    const servers = await Promise.all(
      [hubTarget, engineTarget].map((target) => target.start(buildConfig(config))),
    );
    running.push(...servers);
    const left = Array.from({ length: WALKS }, (_, index) => index);
    const workers = Array.from({ length: SIDE_BY_SIDE }, async () => {
      for (let index = left.pop(); index !== undefined; index = left.pop()) {
        await walkOnBoth(servers, planWalk(seededRandom(seed + index), `${index}`));
      }
    });
    await Promise.all(workers);
  }, 120_000);
}

async function walkOnBoth(servers: readonly RunningPushServer[], steps: readonly Step[]) {
  const walkers = servers.map(createWalker);
  try {
    for (const [index, step] of steps.entries()) {
      await Promise.all(walkers.map((walker) => walker.take(step)));
      await untilSame(walkers, steps.slice(0, index + 1));
    }
  } finally {
    for (const walker of walkers) walker.end();
  }
}

async function untilSame(walkers: readonly Walker[], steps: readonly Step[]): Promise<void> {
  const until = performance.now() + LATEST_MS;
  const look = () => walkers.map((walker) => walker.seen());
  let [hub, engine] = look();
  while (canonical(hub) !== canonical(engine) && performance.now() < until) {
    await new Promise((resolve) => {
      setTimeout(resolve, 5);
    });
    [hub, engine] = look();
  }
  const way = steps.map((step) => JSON.stringify(step)).join('\n');
  expect(hub, `the hub, after\n${way}`).toEqual(engine);
}
