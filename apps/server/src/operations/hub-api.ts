import { randomUUID } from 'node:crypto';
import type { Hub } from '@telex/hub';
import { type ApiHandler, createApiHandler } from '@telex/hub/node';
import type { Log } from '../log/log.ts';
import { readIfThere } from '../private-file.ts';
import { StartError, systemCode } from '../start-error.ts';

export interface HubApiOptions {
  /** Absent where the push server is another process. */
  readonly hub: Hub | undefined;
  /** `--hub-api-key-file` */
  readonly keyFile: string | undefined;
  readonly version: string;
  readonly log: Log;
}

/**
 * The embedded hub's HTTP API, where the operator wants it.
 * @throws StartError `push_unusable`
 */
export function hubApi({ hub, keyFile, version, log }: HubApiOptions): ApiHandler | undefined {
  if (hub === undefined || keyFile === undefined) return undefined;
  const uid = randomUUID();
  return createApiHandler({
    host: {
      hub,
      node: () => {
        return { uid, name: 'telex-server', version, uptimeS: Math.floor(process.uptime()) };
      },
      failed: (error) => log.error({ err: error }, "a request of the hub's API failed"),
    },
    key: readKey(keyFile),
  });
}

function readKey(file: string): string {
  let text: string | undefined;
  try {
    text = readIfThere(file)?.trim();
  } catch (error) {
    throw unusable(`${file}, of --hub-api-key-file, cannot be read (${systemCode(error)}).`);
  }
  if (text === undefined) throw unusable(`${file}, of --hub-api-key-file, is not there.`);
  if (/^[\x21-\x7e]{16,1024}$/.test(text)) return text;
  throw unusable(
    `${file}, of --hub-api-key-file, holds no key: one word of 16 to 1,024 ASCII characters.`,
  );
}

function unusable(message: string): StartError {
  return new StartError('push_unusable', message);
}
