import type { Bus } from '../desktop/linux/bus.ts';
import { BusError } from '../desktop/linux/bus-error.ts';
import { type Examination, type Finding, failed, ok, skipped, warning } from './report.ts';
import { timed } from './timed.ts';

type Caller = Pick<Bus, 'call'>;

export interface DesktopExaminationOptions {
  /** Undefined: there is no trace of one. */
  readonly sessionBus: Caller | undefined;
  readonly systemBus: Caller;
  /** For each question. Default 3,000. */
  readonly limitMs?: number;
}

const BUS = { destination: 'org.freedesktop.DBus', path: '/org/freedesktop/DBus' } as const;
const NOTIFICATIONS = {
  destination: 'org.freedesktop.Notifications',
  path: '/org/freedesktop/Notifications',
  interface: 'org.freedesktop.Notifications',
} as const;

/** Session bus, tray host, notification daemon, and who tells of sleep and network. */
export function examineDesktop({
  sessionBus,
  systemBus,
  limitMs = 3_000,
}: DesktopExaminationOptions): Examination {
  return async (tell) => {
    const session = await timed('session bus', limitMs, () => sessionFinding(sessionBus));
    tell(session);
    if (sessionBus === undefined || session.verdict === 'failed') {
      for (const check of ['tray', 'notifications']) {
        tell({ check, ...skipped('There is no session bus to ask.'), ms: 0 });
      }
    } else {
      tell(await timed('tray', limitMs, () => trayFinding(sessionBus)));
      tell(await timed('notifications', limitMs, () => daemonFinding(sessionBus)));
    }
    tell(await timed('sleep, network', limitMs, () => systemFinding(systemBus)));
  };
}

async function sessionFinding(bus: Caller | undefined): Promise<Finding> {
  const where = 'Run Telex Start inside the desktop session; in a terminal it works without.';
  if (bus === undefined) return failed(`There is no session bus. ${where}`);
  try {
    await bus.call({ ...BUS, interface: BUS.destination, member: 'GetId' });
    return ok('The session bus answers.');
  } catch (error) {
    return failed(`The session bus does not answer (${nameOf(error)}). ${where}`);
  }
}

async function trayFinding(bus: Caller): Promise<Finding> {
  return (await isOwned(bus, 'org.kde.StatusNotifierWatcher'))
    ? ok('A panel that shows tray icons is there.')
    : warning(
        'No panel shows tray icons. On GNOME install the extension “AppIndicator and KStatusNotifierItem Support”; everything works by command too.',
      );
}

async function daemonFinding(bus: Caller): Promise<Finding> {
  try {
    const [name, vendor, version] = await bus.call({
      ...NOTIFICATIONS,
      member: 'GetServerInformation',
    });
    const [capabilities] = await bus.call({ ...NOTIFICATIONS, member: 'GetCapabilities' });
    const can = Array.isArray(capabilities) ? capabilities : [];
    const who = [name, version].filter((part) => typeof part === 'string').join(' ');
    const by = typeof vendor === 'string' && vendor !== '' ? ` (${vendor})` : '';
    const actions = can.includes('actions') ? 'with actions' : 'without actions';
    return ok(`${printable(`${who}${by}`)} shows them, ${actions}.`);
  } catch (error) {
    return failed(
      `No program shows notifications (${nameOf(error)}). Start or install one, such as dunst, xfce4-notifyd or your desktop's own.`,
    );
  }
}

async function systemFinding(bus: Caller): Promise<Finding> {
  const names = {
    'org.freedesktop.login1': 'logind',
    'org.freedesktop.NetworkManager': 'NetworkManager',
    'org.freedesktop.network1': 'systemd-networkd',
  };
  const found: string[] = [];
  try {
    for (const [name, people] of Object.entries(names)) {
      if (await isOwned(bus, name)) found.push(people);
    }
  } catch (error) {
    return warning(
      `The system bus does not answer (${nameOf(error)}): after sleep or a change of network it takes some seconds longer to connect again.`,
    );
  }
  return found.length === 0
    ? warning(
        'Nobody tells of sleep or a change of network: connecting again takes a little longer.',
      )
    : ok(`${found.join(' and ')} ${found.length === 1 ? 'tells' : 'tell'} of them.`);
}

async function isOwned(bus: Caller, name: string): Promise<boolean> {
  const [owned] = await bus.call({
    ...BUS,
    ...{ interface: BUS.destination, member: 'NameHasOwner', signature: 's', body: [name] },
  });
  return owned === true;
}

function nameOf(error: unknown): string {
  return error instanceof BusError ? (error.errorName.split('.').at(-1) ?? '') : 'unknown fault';
}

/** What another program says of itself. */
function printable(text: string): string {
  return text.replace(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, '').slice(0, 80);
}
