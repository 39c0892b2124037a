// The Linux desktop: tray, login dialog, native notifications and the events of session and system, on D-Bus.
//
//   session bus ─► tray icon registered ─► the rest is loaded: notifications, login dialog, system bus
//
// The icon comes first, so that it is there before anything else has been loaded.

import type { TrayFacts } from '../../tray/tray-facts.ts';
import { createTrayView } from '../../tray/tray-view.ts';
import { createTrayTimes } from '../../tray/tray-words.ts';
import type { Desktop, DesktopEvent } from '../desktop.ts';
import { type Bus, openBus } from './bus.ts';
import type { LinuxDesktopPorts } from './linux-desktop-ports.ts';
import { createLinuxTray } from './tray.ts';
import { createTrayNotice } from './tray-notice.ts';

/** The rest waits no longer than this for a panel to take the icon. */
const FIRST_LOOK_MS = 150;
/** Without a bus for so long, the desktop session is over. */
const SESSION_LIMIT_MS = 600_000;

const starting: TrayFacts = {
  status: {
    ...{ state: 'connecting', sentence: 'Telex Start is starting…' },
    ...{ organisations: [], unread: 0, quiet: [], muted: [] },
  },
  recent: [],
  mainApp: { isOpen: false, canOpen: false },
};

/** Undefined where there is no bus, unless this desktop is forced. */
export async function openLinuxDesktop(ports: LinuxDesktopPorts): Promise<Desktop | undefined> {
  const front = openFront(ports);
  if ((await front.looked) === 'lost' && !ports.isForced) {
    front.close();
    return undefined;
  }
  try {
    return await complete(front, ports);
  } catch (error) {
    // An open bus would keep the program from ending.
    front.close();
    throw error;
  }
}

/** What is there first: the bus and the tray. */
function openFront(ports: LinuxDesktopPorts) {
  const { address, after, log } = ports;
  const { emit, listen } = createEvents();
  const { promise: looked, resolve: look } = Promise.withResolvers<'lost' | 'found' | 'late'>();
  const bus = openBus(address, { onFault: (error) => log(`A fault on the bus: ${error}`) });
  const cancelOver = watchSession(ports, bus, {
    lost: () => look('lost'),
    over: () => emit({ kind: 'over' }),
  });
  const notice = createTrayNotice(after);
  const tray = createLinuxTray({
    bus,
    viewOf: createTrayView(createTrayTimes(ports.unixMs)),
    initial: starting,
    onChosen: (command) => emit({ kind: 'chosen', command }),
    after,
    onOpening: () => emit({ kind: 'menu-opening' }),
    onPresence(presence) {
      look('found');
      notice.presence(presence);
    },
  });
  const cancelLook = after(FIRST_LOOK_MS, () => look('late'));
  return {
    ...{ bus, tray, notice, looked, emit, listen },
    close() {
      cancelLook();
      cancelOver();
      notice.close();
      tray.close();
      bus.close();
    },
  };
}

async function complete(
  { bus, tray, notice, emit, listen, close }: ReturnType<typeof openFront>,
  ports: LinuxDesktopPorts,
): Promise<Desktop> {
  const { openDesktopParts } = await import('./desktop-parts.ts');
  const parts = openDesktopParts({ ...ports, bus, emit });
  let facts = starting;
  notice.onDue(() => parts.tellNoTray(facts.status.state === 'signed-out'));
  return {
    notifications: parts.notifications,
    login: parts.login,
    show(now) {
      facts = now;
      tray.show(now);
    },
    say(sentence, kind) {
      ports.log(sentence);
      if (kind === 'outcome') parts.tell(sentence);
    },
    listen,
    close() {
      parts.close();
      close();
    },
  };
}

/** What happens while the program is still being loaded is told to the first who listens. */
function createEvents(): { emit(event: DesktopEvent): void; listen: Desktop['listen'] } {
  const listeners: Parameters<Desktop['listen']>[0][] = [];
  let early: DesktopEvent[] | undefined = [];
  const emit = (event: DesktopEvent): void => {
    early?.push(event);
    if (early === undefined) for (const listener of listeners) listener(event);
  };
  return {
    emit,
    listen(listener) {
      listeners.push(listener);
      if (listeners.length > 1) return;
      setImmediate(() => {
        const waiting = early ?? [];
        early = undefined;
        for (const event of waiting) emit(event);
      });
    },
  };
}

/** Tells of the bus's going in the log, and when it stays away for good. The result ends that. */
function watchSession(
  { after, log }: LinuxDesktopPorts,
  bus: Bus,
  told: { readonly lost: () => void; readonly over: () => void },
): () => void {
  let cancel = () => {};
  const stop = bus.onState((state, why) => {
    cancel();
    if (state === 'connected') return;
    log(`There is no session bus (${why}); it is looked for again.`);
    cancel = after(SESSION_LIMIT_MS, told.over);
    told.lost();
  });
  return () => {
    stop();
    cancel();
  };
}
