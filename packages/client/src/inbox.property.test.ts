import { chooseSeed, seededRandom } from '@telex/testkit';
import { expect, test } from 'vitest';
import { Inbox } from './inbox.ts';

const ORG = { id: 'o', name: 'Northwind' };
const around = { receivedAt: 0, receivedAtUnixMs: 0 };
const PAGE = 5;

function push(seq: number) {
  return {
    notification_type: 'unread_thread_change',
    notification_id: `n-${seq}`,
    data: { seq, thread_id: 't', name: 'General', description: '' },
  };
}

/** A server with a log, a link that breaks, and answers that come late or never. */
class World {
  readonly log: number[] = [];
  readonly delivered: number[] = [];
  mark = 0;
  #inbox = this.#open();
  #isUp = true;
  /** Last seq that went over the link while it was up. */
  #position = 0;
  #asked: { turn: number; events: number[]; upto: number; hasMore: boolean } | undefined;

  publish(step: number): void {
    const seq = this.#last + 1 + step;
    this.log.push(seq);
    if (this.#isUp) this.#receive(seq, 'live');
  }

  cut(): void {
    this.#isUp = false;
  }

  /** Comes back: the push server replays what was missed, or says that it cannot. */
  reconnect(canReplay: boolean): void {
    if (this.#isUp) return;
    this.#isUp = true;
    const missed = this.log.filter((seq) => seq > this.#position);
    if (!canReplay) this.#inbox.break('o');
    else for (const seq of missed) this.#receive(seq, 'catch-up');
    this.#position = this.#last;
  }

  ask(): void {
    if (this.#asked !== undefined || this.#inbox.behind().length === 0) return;
    const from = this.#inbox.cursors()[0]?.seq ?? 0;
    const all = this.log.filter((seq) => seq > from);
    const events = all.slice(0, PAGE);
    const hasMore = all.length > PAGE;
    const upto = hasMore ? (events.at(-1) ?? from) : Math.max(from, this.#last);
    this.#asked = { turn: this.#inbox.turn, events, upto, hasMore };
  }

  async answer(): Promise<void> {
    const asked = this.#asked;
    this.#asked = undefined;
    if (asked === undefined) return;
    const { upto, hasMore, turn } = asked;
    const page = { events: asked.events.map(push), upto, hasMore, isReset: false };
    await this.#inbox.apply('o', page, around, turn);
  }

  fail(): void {
    this.#asked = undefined;
    this.#inbox.loosen();
  }

  /** The program dies and starts again with what it has saved. */
  crash(): void {
    this.#asked = undefined;
    this.#inbox = this.#open();
    this.#isUp = true;
    this.#position = this.#last;
  }

  async settle(): Promise<void> {
    this.reconnect(false);
    for (let round = 0; round < 10_000 && this.#inbox.behind().length > 0; round += 1) {
      this.ask();
      await this.answer();
    }
  }

  get #last(): number {
    return this.log.at(-1) ?? 0;
  }

  #receive(seq: number, via: 'live' | 'catch-up'): void {
    this.#position = seq;
    this.#inbox.receive('o', push(seq), { via, ...around });
  }

  #open(): Inbox {
    const inbox = new Inbox({
      userId: 'u',
      deliver: ({ event }) => void this.delivered.push(event.push.data.seq ?? -1),
      onMark: (_organisation, mark) => {
        this.mark = mark;
      },
      onFault: (fault) => {
        throw new Error(fault.sentence);
      },
    });
    inbox.open(ORG, 'o/u', this.mark);
    return inbox;
  }
}

async function walk(seed: number, canCrash: boolean): Promise<World> {
  const random = seededRandom(seed);
  const world = new World();
  const steps = 50 + Math.floor(random() * 200);
  for (let count = 0; count < steps; count += 1) {
    const dice = random();
    if (dice < 0.5) world.publish(Math.floor(random() * 3));
    else if (dice < 0.58) world.cut();
    else if (dice < 0.7) world.reconnect(random() < 0.5);
    else if (dice < 0.8) world.ask();
    else if (dice < 0.93) await world.answer();
    else if (dice < 0.98 || !canCrash) world.fail();
    else world.crash();
  }
  await world.settle();
  return world;
}

test('[I1] [I5] [I11] whatever breaks, every event is delivered exactly once in the end', async () => {
  const seed = chooseSeed();
  console.log(`inbox walks: TELEX_SEED=${seed}`);
  for (let round = 0; round < 1_500; round += 1) {
    const { delivered, log } = await walk(seed + round, false);
    expect(
      [...delivered].sort((a, b) => a - b),
      `seed ${seed + round}`,
    ).toEqual(log);
  }
});

test('[I9] after a crash nothing is missing: what comes again was above the saved mark', async () => {
  const seed = chooseSeed();
  console.log(`inbox crashes: TELEX_SEED=${seed}`);
  for (let round = 0; round < 1_500; round += 1) {
    const { delivered, log } = await walk(seed + round, true);
    expect(
      [...new Set(delivered)].sort((a, b) => a - b),
      `seed ${seed + round}`,
    ).toEqual(log);
  }
});
