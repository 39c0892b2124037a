import * as v from 'valibot';
import type { Bus, BusCall } from '../bus.ts';
import type { BusSignal, SignalMatch } from '../bus-signals.ts';

export type QuietBus = Pick<Bus, 'call' | 'onSignal' | 'watchName'>;

/** A value that a service gives, and the signals that tell of its changes. Bodies are unchecked. */
export interface WatchedValue {
  readonly read: BusCall;
  /** What `read` answers; anything else than true is no reason to be quiet. */
  readonly parse: (body: readonly unknown[]) => boolean;
  readonly signals: readonly SignalMatch[];
  /** `read`: it has to be asked for again; undefined: it is about something else. */
  readonly follow: (signal: BusSignal) => boolean | 'read' | undefined;
}

/** Follows a value for as long as somebody owns the name: asked for once, then told. A service that can't say says false. */
export function watchValue(
  bus: QuietBus,
  { read, parse, signals, follow }: WatchedValue,
  tell: (isOn: boolean) => void,
): () => void {
  let owner: string | undefined;
  let isStopped = false;

  const ask = async (asked: string): Promise<void> => {
    const isOn = await bus.call(read).then(parse, () => false);
    if (!isStopped && owner === asked) tell(isOn);
  };
  const stops = signals.map((match) =>
    bus.onSignal({ sender: read.destination, ...match }, (signal) => {
      const told = follow(signal);
      if (told === undefined || owner === undefined) return;
      if (told === 'read') void ask(owner);
      else tell(told);
    }),
  );
  stops.push(
    bus.watchName(read.destination, (now) => {
      owner = now;
      // Another owner has not said anything yet.
      tell(false);
      if (now !== undefined) void ask(now);
    }),
  );
  return () => {
    isStopped = true;
    for (const stop of stops) stop();
  };
}

const PROPERTIES = 'org.freedesktop.DBus.Properties';
const changed = v.tuple([v.string(), v.record(v.string(), v.unknown()), v.array(v.string())]);

/** A property that is told about as D-Bus has it (specification, "org.freedesktop.DBus.Properties"). */
export function booleanProperty(
  where: { readonly destination: string; readonly path: string; readonly interface: string },
  name: string,
): WatchedValue {
  const { destination, path } = where;
  return {
    read: {
      ...{ destination, path, interface: PROPERTIES, member: 'Get' },
      ...{ signature: 'ss', body: [where.interface, name] },
    },
    parse: isTrue,
    signals: [{ path, interface: PROPERTIES, member: 'PropertiesChanged', arg0: where.interface }],
    follow({ body }) {
      const parsed = v.safeParse(changed, body);
      if (!parsed.success) return undefined;
      const [, values, invalidated] = parsed.output;
      if (Object.hasOwn(values, name)) return values[name] === true;
      return invalidated.includes(name) ? 'read' : undefined;
    },
  };
}

export function isTrue([value]: readonly unknown[]): boolean {
  return value === true;
}
