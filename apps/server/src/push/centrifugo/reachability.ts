import type { Clock } from '../../clock.ts';
import type { Log } from '../../log/log.ts';
import type { PartHealth } from '../../operations/health.ts';
import type { ApiAnswer, CentrifugoApi } from './api-client.ts';

/** `unknown`: nothing has been asked yet. */
export type Reach = 'unknown' | 'reachable' | 'key refused' | 'not centrifugo' | 'unreachable';

export interface ReachabilityOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** The API's address, for the log. */
  readonly url: string;
}

/** How long it may be away before the server calls itself not ready: messages wait meanwhile. */
const AWAY_LIMIT_MS = 30_000;
/** With nothing to send, it is asked this often. */
const PROBE_EVERY_MS = 10_000;

/** Whether Centrifugo can be reached with our key, by what the calls came to. Tells each change once. */
export class Reachability {
  readonly #options: ReachabilityOptions;
  #reach: Reach = 'unknown';
  #detail = '';
  #sinceUnixMs: number;
  #sinceMs: number;
  #heardMs: number;
  #cancelProbe = () => {};
  #isClosed = false;

  constructor(options: ReachabilityOptions) {
    this.#options = options;
    this.#sinceUnixMs = options.clock.now();
    this.#sinceMs = options.clock.monotonic();
    this.#heardMs = Number.NEGATIVE_INFINITY;
  }

  get reach(): Reach {
    return this.#reach;
  }

  /** Takes note of what a call came to. */
  heard(answer: ApiAnswer): void {
    this.#heardMs = this.#options.clock.monotonic();
    const next = reachOf(answer);
    this.#detail = 'detail' in answer ? answer.detail : '';
    if (next === this.#reach) return;
    const before = this.#reach;
    this.#reach = next;
    this.#sinceUnixMs = this.#options.clock.now();
    this.#sinceMs = this.#options.clock.monotonic();
    this.#tell(before);
  }

  /** Asks now, and from then on whenever it has been quiet. */
  startProbing(api: CentrifugoApi): void {
    const { clock } = this.#options;
    const probe = () => {
      const isQuiet = clock.monotonic() - this.#heardMs >= PROBE_EVERY_MS / 2;
      const asked = isQuiet ? api.call('info', '{}') : Promise.resolve();
      // Calls never reject; what they came to arrives by `heard`.
      void asked.then(() => {
        if (this.#isClosed) return;
        this.#cancelProbe = clock.after(PROBE_EVERY_MS, probe);
      });
    };
    probe();
  }

  close(): void {
    this.#isClosed = true;
    this.#cancelProbe();
  }

  health(): PartHealth {
    const forMs = this.#options.clock.monotonic() - this.#sinceMs;
    const isAway = this.#reach === 'unknown' || this.#reach === 'unreachable';
    const since = new Date(this.#sinceUnixMs).toISOString();
    return {
      ok: this.#reach === 'reachable' || (isAway && forMs < AWAY_LIMIT_MS),
      details: {
        state: this.#reach,
        since,
        ...(this.#detail === '' ? {} : { detail: this.#detail }),
      },
    };
  }

  #tell(before: Reach): void {
    const { log, url } = this.#options;
    const fields = { url, ...(this.#detail === '' ? {} : { detail: this.#detail }) };
    switch (this.#reach) {
      case 'reachable':
        if (before === 'unknown') log.info(fields, 'Centrifugo takes our calls');
        else log.info(fields, 'Centrifugo takes our calls again; what waits is sent now');
        break;
      case 'key refused':
        log.error(
          fields,
          'Centrifugo refuses the API key: put the value of its http_api.key into the file of --centrifugo-api-key-file, and start again',
        );
        break;
      case 'not centrifugo':
        log.error(fields, 'what answers at --centrifugo-api is not the HTTP API of Centrifugo');
        break;
      default:
        log.warn(fields, 'Centrifugo cannot be reached; messages are kept and sent when it can');
    }
  }
}

function reachOf(answer: ApiAnswer): Reach {
  switch (answer.kind) {
    case 'result':
    case 'error':
      return 'reachable';
    case 'refused':
      return 'key refused';
    case 'foreign':
      return 'not centrifugo';
    case 'unreachable':
      return 'unreachable';
  }
}
