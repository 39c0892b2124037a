import { join } from 'node:path';
import type { Environment } from '../../environment.ts';

/** A place at which a bus listens; the path of an abstract socket begins with a NUL. */
export interface BusSocket {
  readonly path: string;
}

/** The session bus of this user, as an address; undefined where there is no trace of one. */
export function sessionBusAddress({
  sessionBus,
  runtimeDir,
}: Pick<Environment, 'sessionBus' | 'runtimeDir'>): string | undefined {
  if (sessionBus !== undefined) return sessionBus;
  // Where systemd puts it; a program that was started outside the desktop session lacks the variable.
  return runtimeDir === undefined ? undefined : addressOfSocket(join(runtimeDir, 'bus'));
}

export function systemBusAddress({ systemBus }: Pick<Environment, 'systemBus'>): string {
  return systemBus ?? addressOfSocket('/run/dbus/system_bus_socket');
}

export function addressOfSocket(path: string): string {
  // What else may stand there must be escaped (D-Bus specification, "Server Addresses").
  const escaped = path.replace(/[^-\w/.\\*]/g, (character) =>
    [...Buffer.from(character)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''),
  );
  return `unix:path=${escaped}`;
}

/** The sockets that an address names, in the order to try them. What is none of ours (tcp, launchd) is left out. */
export function socketsOf(address: string): readonly BusSocket[] {
  return address.split(';').flatMap((entry) => {
    const [, parameters = ''] = /^unix:(.*)$/s.exec(entry.trim()) ?? [];
    const values = new Map(
      parameters.split(',').map((pair) => {
        const [key = '', ...value] = pair.split('=');
        return [key, unescaped(value.join('='))] as const;
      }),
    );
    const path = values.get('path');
    const abstract = values.get('abstract');
    if (path !== undefined && path !== '') return [{ path }];
    return abstract !== undefined && abstract !== '' ? [{ path: `\0${abstract}` }] : [];
  });
}

function unescaped(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
