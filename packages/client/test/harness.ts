import { createNodePorts } from '../node/index.ts';
import {
  createSession,
  type Ports,
  type Session,
  type SessionEvent,
  type SessionOptions,
  type State,
} from '../src/index.ts';

/** A session with everything it said, for tests that wait for events and never for time. */
export interface Watched {
  readonly session: Session;
  readonly events: readonly SessionEvent[];
  /** Resolves when `isDone` holds of all events so far; looked at after each. */
  until(isDone: (events: readonly SessionEvent[]) => boolean): Promise<void>;
  /** Resolves when the session is, or has just become, of this kind. */
  untilState(kind: State['kind']): Promise<State>;
  of<Kind extends SessionEvent['kind']>(kind: Kind): Extract<SessionEvent, { kind: Kind }>[];
  readonly states: readonly State['kind'][];
}

export const LOGIN = { email: 'ada@example.com', password: 'correct horse battery' };

export function watch(
  url: string,
  ports: Partial<Ports> = {},
  options: Partial<SessionOptions> = {},
): Watched {
  const session = createSession({
    apiUrl: url,
    allowLoopbackHttp: true,
    ports: { ...createNodePorts(), ...ports },
    ...options,
  });
  const events: SessionEvent[] = [];
  const waiting = new Set<() => void>();
  session.listen((event) => {
    events.push(event);
    for (const check of [...waiting]) check();
  });
  const until: Watched['until'] = (isDone) =>
    new Promise((resolve) => {
      const check = () => {
        if (!isDone(events)) return;
        waiting.delete(check);
        resolve();
      };
      waiting.add(check);
      check();
    });
  return {
    session,
    events,
    until,
    untilState: async (kind) => {
      await until(() => session.state.kind === kind);
      return session.state;
    },
    of: (kind) =>
      events.filter(
        (event): event is Extract<SessionEvent, { kind: typeof kind }> => event.kind === kind,
      ),
    get states() {
      const kinds = events.flatMap((event) => (event.kind === 'state' ? [event.state.kind] : []));
      return kinds.filter((kind, index) => kind !== kinds[index - 1]);
    },
  };
}

/** The beginnings of the messages it was given, in order. */
export function previews(client: Watched): (string | undefined)[] {
  return client
    .of('push')
    .flatMap(({ push }) =>
      push.event.kind === 'unread_thread_change' ? [push.event.push.data.text_preview] : [],
    );
}
