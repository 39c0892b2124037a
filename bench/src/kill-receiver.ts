import { readFileSync } from 'node:fs';
import { createSession, type ReceivedPush, type Session, type SessionEvent } from '@telex/client';
import { createNodePorts } from '@telex/client/node';
import type { ServerReady } from '@telex/testkit';

const HINT_EVERY_MS = 100;
const JOURNAL_LINES = 100;

/** A signed-in client that keeps account of every message it is given, however it comes. */
export interface Receiver {
  readonly received: ReadonlySet<string>;
  /** Messages given more than once. */
  readonly doubled: readonly string[];
  /** Texts that came under two message ids: one post stored twice. */
  readonly repeatedContents: readonly string[];
  /** What the session said of itself, the newest last: for the one who looks for a fault. */
  readonly journal: readonly string[];
  /** Waits until `isDone` of what was received, or the time is over; the caller looks what is missing. */
  until(isDone: (received: ReadonlySet<string>) => boolean, limitMs: number): Promise<void>;
  /** How often it has become live so far. */
  timesLive(): number;
  /**
   * Dials at once, as after a hint that the network is back, and waits until it has become live more often than that;
   * false in time.
   */
  liveAgain(times: number, limitMs: number): Promise<boolean>;
  close(): Promise<void>;
}

/** Signs in as the demo's first account with the real client and waits until it is live. */
export async function startReceiver(ready: ServerReady): Promise<Receiver> {
  const { demo } = ready;
  if (demo === undefined) throw new Error('the server seeded no demo organisation');
  const session = createSession({
    apiUrl: ready.url,
    ports: createNodePorts(
      ready.ca_file === null ? {} : { ca: readFileSync(ready.ca_file, 'utf8') },
    ),
  });
  const account = accounting();
  const journal: string[] = [];
  let timesLive = 0;
  session.listen((event) => {
    if (event.kind === 'push') account.take(event.push);
    if (event.kind === 'state' && event.state.kind === 'live') timesLive += 1;
    const line = journalLine(event);
    if (line !== undefined) journal.push(`${new Date().toISOString().slice(17, 23)} ${line}`);
    if (journal.length > JOURNAL_LINES) journal.shift();
  });
  const { email, password } = demo.accounts[0];
  const signedIn = await session.signIn({ email, password });
  if (!signedIn.ok) throw new Error(`the receiver cannot sign in: ${signedIn.fault.code}`);
  return {
    received: account.received,
    journal,
    doubled: account.doubled,
    repeatedContents: account.repeatedContents,
    until: account.until,
    timesLive: () => timesLive,
    liveAgain: (times, limitMs) => comeBack(session, () => timesLive > times, limitMs),
    close: () => session.close(),
  };
}

function journalLine(event: SessionEvent): string | undefined {
  switch (event.kind) {
    case 'state':
      return event.state.kind;
    case 'fault':
      return `fault ${event.fault.code} ${event.fault.detail ?? ''}`;
    case 'caught-up': {
      const gaps = event.organisations.filter(({ gap }) => gap).length;
      return `caught up with ${event.pushes}, ${gaps} gaps`;
    }
    case 'push':
    case 'unread':
      return undefined;
  }
}

function comeBack(session: Session, isBack: () => boolean, limitMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const end = (isLive: boolean) => {
      clearTimeout(timer);
      clearInterval(hints);
      stop();
      resolve(isLive);
    };
    const timer = setTimeout(() => end(false), limitMs);
    // A dial that has just failed is tried again soon: the server may have been on its way up.
    const hints = setInterval(() => session.reconnectNow(), HINT_EVERY_MS);
    const look = () => {
      if (isBack()) end(true);
    };
    const stop = session.listen(look);
    session.reconnectNow();
    look();
  });
}

function accounting() {
  const received = new Set<string>();
  const doubled: string[] = [];
  const contents = new Set<string>();
  const repeatedContents: string[] = [];
  let look = () => {};
  return {
    received,
    doubled,
    repeatedContents,
    take: ({ event }: ReceivedPush) => {
      if (event.kind !== 'unread_thread_change') return;
      const { message_id: id = '', text_preview: content = '' } = event.push.data;
      if (received.has(id)) doubled.push(id);
      else if (contents.has(content)) repeatedContents.push(content);
      received.add(id);
      contents.add(content);
      look();
    },
    until: (isDone: (received: ReadonlySet<string>) => boolean, limitMs: number) =>
      new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, limitMs);
        look = () => {
          if (!isDone(received)) return;
          clearTimeout(timer);
          resolve();
        };
        look();
      }),
  };
}
