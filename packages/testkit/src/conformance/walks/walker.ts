import { at, isJsonObject, type JsonObject } from '../json.ts';
import { openProtocolClient, type ProtocolClient } from '../protocol-client.ts';
import { createPushApi } from '../push-api.ts';
import type { RunningPushServer } from '../target.ts';
import { CLIENTS, type Step } from './walk-plan.ts';

/** What a step has brought so far, comparable between servers. */
export type Seen = JsonObject;

/** Carries out the steps of a walk on one server. */
export interface Walker {
  /** Resolves when what the step has brought at once is there; more may come. */
  take(step: Step): Promise<void>;
  seen(): Seen;
  end(): void;
}

const REPLY_MS = 5_000;
/** What the plan writes in place of an epoch (`EPOCH_OF`). */
const EPOCH = /"epoch of ([^"]*)"/;

export function createWalker(server: RunningPushServer): Walker {
  const api = createPushApi(server.apiUrl, server.apiKey);
  const clients: (ProtocolClient | undefined)[] = Array.from({ length: CLIENTS });
  /** Ids of connections, by what they are called here. */
  const ids = new Map<string, string>();
  /** Of the step that is being taken. */
  const objects = new Map<number, JsonObject[]>();
  let answer: unknown;
  let lastId = 1;

  /** What every live client has been sent is there: the last thing is the reply to this. */
  const settle = () =>
    Promise.all(
      clients.map(async (client) => {
        if (client !== undefined && client.end === undefined) {
          await client.ask({ rpc: { method: 'barrier' } }).catch(() => {});
        }
      }),
    );
  const gather = () => {
    for (const [who, client] of clients.entries()) {
      const known = objects.get(who) ?? [];
      objects.set(who, [...known, ...(client?.rest() ?? [])]);
    }
  };
  const filledIn = async (value: unknown): Promise<JsonObject> => {
    const texts = JSON.stringify(value).split(EPOCH);
    const parts = texts.map(async (text, index) => {
      if (index % 2 === 0) return text;
      const reply = await api.call('history', { channel: text, limit: 0 });
      return JSON.stringify(at(reply.body, 'result.epoch') ?? '');
    });
    return JSON.parse((await Promise.all(parts)).join('')) as JsonObject;
  };
  const replied = async (client: ProtocolClient, id: number) => {
    const until = performance.now() + REPLY_MS;
    const isThere = () => client.received.some(({ object }) => object.id === id);
    while (!isThere() && client.end === undefined && performance.now() < until) await nextTurn();
  };
  const connect = async (who: number, command: JsonObject) => {
    clients[who]?.cut();
    const client = await openProtocolClient(server.wsUrl);
    clients[who] = client;
    client.send({ id: 1, connect: await filledIn(command) });
    await replied(client, 1);
    const own = at(client.received[0]?.object, 'connect.client');
    if (typeof own === 'string') ids.set(own, `connection ${ids.size + 1}`);
    // Refused: it is dropped at some time, by this side as well as by the other.
    if (at(client.received[0]?.object, 'error') !== undefined) {
      gather();
      client.cut();
      clients[who] = undefined;
    }
  };

  return {
    async take(step) {
      objects.clear();
      answer = undefined;
      if (step.kind === 'connect') {
        await connect(step.who, step.connect);
      } else if (step.kind === 'call') {
        answer = (await api.call(step.method, await filledIn(step.params))).body;
      } else {
        const client = clients[step.who];
        if (client === undefined || client.end !== undefined) return;
        lastId += 1;
        client.send({ id: lastId, ...(await filledIn(step.command)) });
        await replied(client, lastId);
      }
      await settle();
    },
    seen() {
      gather();
      const told = [...objects].map(([who, all]) => ({
        who,
        replies: all.filter(({ push }) => push === undefined),
        pushes: byChannel(all.filter(({ push }) => push !== undefined)),
        closed: clients[who]?.end?.code ?? 0,
      }));
      return comparable({ answer, told }, ids) as Seen;
    },
    end() {
      for (const client of clients) client?.cut();
    },
  };
}

/** Order counts within a channel; across channels there is none. */
function byChannel(pushes: readonly JsonObject[]): JsonObject[] {
  const nameOf = (push: JsonObject) => String(at(push, 'push.channel'));
  return [...pushes].sort((one, other) => (nameOf(one) < nameOf(other) ? -1 : 1));
}

/** Without what differs from server to server: ids, epochs, seconds left, versions. */
function comparable(value: unknown, ids: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(value)) return value.map((one) => comparable(one, ids));
  if (typeof value === 'string') return ids.get(value) ?? value;
  if (!isJsonObject(value)) return value;
  const isPublication = 'data' in value && !('positioned' in value);
  const entries = Object.entries(value).flatMap(([name, field]): [string, unknown][] => {
    if (name === 'version' || (name === 'epoch' && isPublication)) return [];
    if (name === 'epoch' || name === 'ttl') return [[name, 'some']];
    return [[ids.get(name) ?? name, comparable(field, ids)]];
  });
  return Object.fromEntries(entries);
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
