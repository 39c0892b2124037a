import type { NotifyCall } from '../../src/desktop/test/fake-notification-server.ts';

/** What a person has been told, by everything that a daemon was handed. */
export interface Told {
  /** Texts of the messages that were shown as themselves. */
  readonly shown: ReadonlySet<string>;
  /** Messages that summaries counted. */
  readonly counted: number;
  /** Messages that the daemon may have left unanswered as it ended, alone or in a summary: they are rightly told once more. */
  readonly unanswered: number;
  /** Shown as themselves a second time although the first was answered. */
  readonly twice: readonly string[];
}

/** A summary that is replaced within this time goes on counting (N9). */
const SAME_BURST_MS = 10_000;
/** Of a call that came so shortly before its daemon or the bus ended, nobody knows whether it was answered. */
const UNANSWERED_MS = 50;

/** When daemon, bus or Telex Start were taken away, by `performance.now`: from the attempt until it was gone. */
export interface Ending {
  readonly beganAtMs: number;
  readonly doneAtMs: number;
}

export function toldBy(calls: readonly NotifyCall[], endings: readonly Ending[]): Told {
  const shown = new Map<string, { readonly mayBeUnanswered: boolean }>();
  const twice: string[] = [];
  let [counted, unanswered] = [0, 0];
  let burst: { readonly messages: number; readonly atMs: number } | undefined;
  for (const { body, replacesId, atMs } of calls) {
    const mayBeUnanswered = endings.some(
      ({ beganAtMs, doneAtMs }) => doneAtMs >= atMs && beganAtMs - atMs < UNANSWERED_MS,
    );
    const [, number = '', kind] = /^(\d+) (new|unread) in \d+ channel/.exec(body) ?? [];
    if (kind === undefined) {
      const [, text] = /: (message \d+)$/.exec(body) ?? [];
      if (text === undefined) continue;
      if (shown.get(text)?.mayBeUnanswered === false) twice.push(text);
      shown.set(text, { mayBeUnanswered });
      if (mayBeUnanswered) unanswered += 1;
      continue;
    }
    const messages = Number(number);
    if (mayBeUnanswered) unanswered += messages;
    const isSame =
      kind === 'new' &&
      replacesId !== 0 &&
      burst !== undefined &&
      atMs - burst.atMs < SAME_BURST_MS;
    counted += isSame ? messages - (burst?.messages ?? 0) : messages;
    if (kind === 'new') burst = { messages, atMs };
  }
  return { shown: new Set(shown.keys()), counted, unanswered, twice };
}
