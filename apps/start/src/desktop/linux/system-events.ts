// What the system bus tells that makes it worth looking at the connection at once:
//   logind                     PrepareForSleep(false): the machine woke up
//   NetworkManager             its state, the primary connection or the connectivity changed
//   systemd-networkd           the online state changed
// Only hints: whoever gets one looks for itself. Without a system bus there are none, and nothing is polled.
import * as v from 'valibot';
import type { Bus } from './bus.ts';
import type { SignalMatch } from './bus-signals.ts';

export interface SystemEventPorts {
  readonly bus: Pick<Bus, 'onSignal'>;
  readonly after: (delayMs: number, run: () => void) => () => void;
  readonly onHint: () => void;
}

/** A change comes as a flurry of signals: the first is a hint at once, all others together one at the end. */
export const FLURRY_MS = 1_000;

const PROPERTIES = 'org.freedesktop.DBus.Properties';
const NETWORK_MANAGER = 'org.freedesktop.NetworkManager';
const NETWORKD_MANAGER = 'org.freedesktop.network1.Manager';

interface Source {
  readonly match: SignalMatch;
  readonly isHint: (body: readonly unknown[]) => boolean;
}

const sources: readonly Source[] = [
  {
    match: {
      sender: 'org.freedesktop.login1',
      path: '/org/freedesktop/login1',
      interface: 'org.freedesktop.login1.Manager',
      member: 'PrepareForSleep',
    },
    // True: it is about to sleep.
    isHint: ([isGoing]) => isGoing === false,
  },
  {
    match: {
      sender: NETWORK_MANAGER,
      path: '/org/freedesktop/NetworkManager',
      interface: NETWORK_MANAGER,
      member: 'StateChanged',
    },
    isHint: () => true,
  },
  {
    match: {
      sender: NETWORK_MANAGER,
      path: '/org/freedesktop/NetworkManager',
      interface: PROPERTIES,
      member: 'PropertiesChanged',
      arg0: NETWORK_MANAGER,
    },
    isHint: hasChanged(['PrimaryConnection', 'Connectivity']),
  },
  {
    match: {
      sender: 'org.freedesktop.network1',
      path: '/org/freedesktop/network1',
      interface: PROPERTIES,
      member: 'PropertiesChanged',
      arg0: NETWORKD_MANAGER,
    },
    isHint: hasChanged(['OnlineState', 'OperationalState']),
  },
];

/** Listens until the result is called. */
export function watchSystemEvents({ bus, after, onHint }: SystemEventPorts): () => void {
  let endFlurry: (() => void) | undefined;
  let hasMore = false;

  const hint = (): void => {
    if (endFlurry !== undefined) {
      hasMore = true;
      return;
    }
    hasMore = false;
    endFlurry = after(FLURRY_MS, () => {
      endFlurry = undefined;
      if (hasMore) onHint();
    });
    onHint();
  };

  const stops = sources.map(({ match, isHint }) =>
    bus.onSignal(match, ({ body }) => {
      if (isHint(body)) hint();
    }),
  );
  return () => {
    for (const stop of stops) stop();
    endFlurry?.();
  };
}

const propertiesChanged = v.looseTuple([
  v.string(),
  v.record(v.string(), v.unknown()),
  v.array(v.string()),
]);

function hasChanged(names: readonly string[]): Source['isHint'] {
  return (body) => {
    const parsed = v.safeParse(propertiesChanged, body);
    if (!parsed.success) return false;
    const [, changed, invalidated] = parsed.output;
    return names.some((name) => Object.hasOwn(changed, name) || invalidated.includes(name));
  };
}
