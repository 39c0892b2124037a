import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { HubRig } from '../hub/hub-rig.ts';
import { hubTarget } from '../hub/push-target.ts';
import { median } from '../stats.ts';
import type { SlowCommand, SlowReport } from './messages.ts';

/** Of each hundred connections one is slow, and one reads the same large messages and is not. */
const SHARE = 0.01;
const SLOW_CODE = 3008;
const SAMPLE_MS = 500;
/** Beyond the work itself. */
const ANSWER_LIMIT_MS = 60_000;

export interface SlowOptions {
  readonly connections: number;
  /** Rounds of a time without slow readers and a time with them. */
  readonly rounds: number;
  readonly quietSeconds: number;
  readonly slowSeconds: number;
  /** Small messages to everyone, a second. */
  readonly perSecond: number;
  readonly progress: (line: string) => void;
}

export interface SlowRound {
  readonly quietP99: number;
  readonly slowP99: number;
  /** Most memory of the hub during each, PSS in MB. */
  readonly quietMb: number;
  readonly slowMb: number;
  /** Connections that the hub closed as too slow. */
  readonly closedSlow: number;
  readonly ends: Readonly<Record<number, number>>;
  readonly reconnects: number;
  /** Large messages that quick readers of the same channel did not get. */
  readonly missing: number;
}

export interface SlowOutcome {
  readonly slow: number;
  readonly rounds: readonly SlowRound[];
  /** Median over the rounds, in ms, and of the rounds' own ratios. */
  readonly quietP99: number;
  readonly slowP99: number;
  readonly ratio: number;
}

/**
 * Everyone is sent small messages all the time, and some a stream of large ones. In turns, 1 % of the connections
 * read that stream too slowly; what the others notice of it is how long their messages take.
 */
export async function slowRounds(options: SlowOptions): Promise<SlowOutcome> {
  const { connections, progress } = options;
  const slow = Math.max(2, Math.round(connections * SHARE));
  const rig = await HubRig.start(hubTarget, { isTls: false, historySize: 100 });
  const readers = new SlowReaders();
  try {
    const quick = slow;
    await rig.connect({ count: connections - slow - quick, atOnce: 500, isPersonal: false });
    await readers.ask({ kind: 'begin', place: rig.place, quick }, 0);
    progress(`${connections - slow} connections, ${slow} slow ones beside them in turns`);
    await measure(rig, readers, 0, options, Math.min(10, options.quietSeconds));
    const rounds: SlowRound[] = [];
    for (let round = 1; round <= options.rounds; round += 1) {
      const quiet = await measure(rig, readers, 0, options, options.quietSeconds);
      const burdened = await measure(rig, readers, slow, options, options.slowSeconds);
      rounds.push({
        quietP99: quiet.p99,
        slowP99: burdened.p99,
        quietMb: quiet.mostMb,
        slowMb: burdened.mostMb,
        closedSlow: burdened.closedSlow,
        ends: burdened.ends,
        reconnects: burdened.reconnects,
        missing: quiet.missing + burdened.missing,
      });
      progress(
        `round ${round} of ${options.rounds}: p99 ${quiet.p99.toFixed(1)} ms without, ${burdened.p99.toFixed(1)} ms with slow readers; ` +
          `${burdened.closedSlow} closed ${SLOW_CODE}, ${burdened.reconnects} came back, seen ${JSON.stringify(burdened.ends)}; ` +
          `memory ${quiet.mostMb.toFixed(0)} and ${burdened.mostMb.toFixed(0)} MB`,
      );
    }
    return {
      slow,
      rounds,
      quietP99: median(rounds.map(({ quietP99 }) => quietP99)),
      slowP99: median(rounds.map(({ slowP99 }) => slowP99)),
      ratio: median(rounds.map(({ quietP99, slowP99 }) => slowP99 / quietP99)),
    };
  } finally {
    readers.close();
    await rig.close();
  }
}

async function measure(
  rig: HubRig,
  readers: SlowReaders,
  slow: number,
  { perSecond }: SlowOptions,
  seconds: number,
) {
  const closedBefore = await rig.closesWith(SLOW_CODE);
  let mostMb = 0;
  const sampling = setInterval(() => {
    mostMb = Math.max(mostMb, (rig.pssKb() * 1024) / 1e6);
  }, SAMPLE_MS);
  try {
    const [{ p99 }, over] = await Promise.all([
      rig.paced(seconds * perSecond, perSecond),
      readers.ask({ kind: 'burden', slow, seconds }, seconds * 1_000),
    ]);
    if (over.kind !== 'over') throw new Error('the slow readers answered something else');
    const { ends, reconnects, expected, delivered } = over;
    const closedSlow = (await rig.closesWith(SLOW_CODE)) - closedBefore;
    return { p99, mostMb, closedSlow, ends, reconnects, missing: expected - delivered };
  } finally {
    clearInterval(sampling);
  }
}

/** The process of the slow readers. */
class SlowReaders {
  readonly #child: ChildProcess = fork(fileURLToPath(new URL('slow-load.ts', import.meta.url)), {
    execArgv: [],
  });

  async ask(command: SlowCommand, takesMs: number): Promise<SlowReport> {
    const answered = new AbortController();
    const limit = AbortSignal.timeout(takesMs + ANSWER_LIMIT_MS);
    const signal = AbortSignal.any([answered.signal, limit]);
    this.#child.send(command);
    const [message] = await Promise.race([
      once(this.#child, 'message', { signal }),
      once(this.#child, 'exit', { signal }).then(() => {
        throw new Error('the slow readers have ended');
      }),
    ]).finally(() => answered.abort());
    return message as SlowReport;
  }

  close(): void {
    this.#child.kill('SIGKILL');
  }
}
