import { setTimeout as delay } from 'node:timers/promises';
import { createApiCaller, type PushKind, type ServerReady, seededRandom } from '@telex/testkit';
import { type Receiver, startReceiver } from './kill-receiver.ts';
import { type KillPart, type KillSystem, startKillSystem } from './kill-system.ts';

const POSTERS = 4;
/** A kill comes this long after everything is up again, at random. */
const KILL_AFTER_MS = { least: 50, most: 600 } as const;
const HITS_LIVE = 0.8;
const LIVE_LIMIT_MS = 15_000;
const RETRY_MS = 20;
const SETTLE_LIMIT_MS = 30_000;

export interface KillOutcome {
  readonly moments: number;
  /** Messages whose POST was answered with success. */
  readonly accepted: number;
  /** Accepted messages that the client never got. */
  readonly lost: readonly string[];
  /** Messages the client got more than once, accepted or not. */
  readonly doubled: readonly string[];
  /** Messages that stand in the thread more than once: an Idempotency-Key that failed. */
  readonly storedTwice: readonly string[];
  /** What the client's session said of itself, the newest last. */
  readonly journal: readonly string[];
}

export interface KillOptions {
  readonly moments: number;
  readonly seed: number;
  /** What holds the WebSockets, and is killed too where it is a process of its own. */
  readonly push: PushKind;
  readonly progress: (line: string) => void;
}

/**
 * Kills the server, its push server or both with SIGKILL at random moments while messages are posted, starts them again
 * on the same data each time, and compares what was accepted with what a connected client was given (R1).
 */
export async function killRounds(options: KillOptions): Promise<KillOutcome> {
  const random = seededRandom(options.seed);
  let system: KillSystem | undefined;
  let receiver: Receiver | undefined;
  try {
    system = await startKillSystem(options.push);
    receiver = await startReceiver(system.ready);
    const posters = await startPosters(system.ready);
    for (let moment = 1; moment <= options.moments; moment += 1) {
      const { least, most } = KILL_AFTER_MS;
      await delay(least + random() * (most - least));
      const parts = chooseParts(system.parts, random);
      const before = receiver.timesLive();
      await system.kill(parts);
      await system.revive(parts);
      // Most kills hit a client that is live; some hit one that is still away, twice in a row. Of a Redis alone it sees nothing.
      const isCut = parts.some((part) => part !== 'redis');
      if (random() < HITS_LIVE && isCut && !(await receiver.liveAgain(before, LIVE_LIMIT_MS))) {
        const journal = receiver.journal.join('\n');
        throw new Error(
          `the client was not live again ${LIVE_LIMIT_MS} ms after kill ${moment} (${parts.join(', ')})\n${journal}`,
        );
      }
      options.progress(
        `kill ${moment} of ${options.moments} (${parts.join(', ')}): ${posters.accepted.size} accepted, ${receiver.received.size} received`,
      );
    }
    await posters.stop();
    await receiver.until((received) => posters.accepted.isSubsetOf(received), SETTLE_LIMIT_MS);
    return {
      moments: options.moments,
      accepted: posters.accepted.size,
      lost: [...posters.accepted.difference(receiver.received)],
      doubled: receiver.doubled,
      storedTwice: receiver.repeatedContents,
      journal: receiver.journal,
    };
  } finally {
    await receiver?.close();
    await system?.close();
  }
}

/** Each of them alone, or all at once, with the same odds. */
function chooseParts(parts: readonly KillPart[], random: () => number): readonly KillPart[] {
  const choices = parts.length === 1 ? [parts] : [...parts.map((part) => [part]), parts];
  return choices[Math.floor(random() * choices.length)] ?? parts;
}

/** Posters that repeat each post with its Idempotency-Key until it is answered. */
async function startPosters(
  ready: ServerReady,
): Promise<{ readonly accepted: Set<string>; stop(): Promise<void> }> {
  const { demo } = ready;
  if (demo === undefined) throw new Error('the server seeded no demo organisation');
  const api = createApiCaller(ready.url, ready.ca_file);
  const { email, password } = demo.accounts[1];
  const { access_token: token } = await api.call('login', { body: { email, password } });
  const accepted = new Set<string>();
  let isOver = false;

  const post = async (poster: number): Promise<void> => {
    for (let count = 1; !isOver; count += 1) {
      const content = `${poster}-${count}`;
      const headers = { 'idempotency-key': `key-${content}` };
      for (let isAnswered = false; !isAnswered; ) {
        const reply = await api
          .raw('postMessage', {
            params: { channel_id: demo.channel.id },
            token,
            body: { content },
            headers,
          })
          .catch(() => undefined);
        if (reply?.status === 201) {
          accepted.add(messageId(reply.body));
          isAnswered = true;
        } else if (reply === undefined || reply.status >= 500 || reply.status === 429) {
          await delay(RETRY_MS);
        } else {
          throw new Error(`a post was refused: ${reply.status} ${JSON.stringify(reply.body)}`);
        }
      }
    }
  };
  const running = Promise.all(Array.from({ length: POSTERS }, (_, poster) => post(poster)));
  // A poster that fails is told by stop(); until then it must not end the process.
  running.catch(() => {});
  return {
    accepted,
    stop: async () => {
      isOver = true;
      await running.finally(() => api.close());
    },
  };
}

function messageId(body: unknown): string {
  const data = (body as { data?: { id?: unknown } } | undefined)?.data;
  if (typeof data?.id !== 'string') throw new Error('an accepted post has no message id');
  return data.id;
}
