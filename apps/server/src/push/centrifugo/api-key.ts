import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { readIfThere, writePrivateFile } from '../../private-file.ts';
import { StartError, systemCode } from '../../start-error.ts';

const FILE_NAME = 'centrifugo-api.key';
const KEY_BYTES = 32;

export interface ApiKeyPlace {
  /** The setting: a file of the operator's. */
  readonly file: string | undefined;
  readonly dataDir: string;
}

/** @throws StartError `push_unusable` */
export function readApiKey({ file, dataDir }: ApiKeyPlace): string {
  const path = file ?? join(dataDir, FILE_NAME);
  const text = textOf(path);
  if (text !== undefined) return checked(text, path);
  throw new StartError(
    'push_unusable',
    file === undefined
      ? `There is no key for Centrifugo's HTTP API. Run \`telex-server centrifugo-config\` with the same --data, which makes one and Centrifugo's configuration with it, or name the file that has yours with --centrifugo-api-key-file.`
      : `${path}, of --centrifugo-api-key-file, is not there. Put the value of Centrifugo's http_api.key into it.`,
  );
}

/**
 * The key, made where there is none yet (0600, in the data directory). A file of the operator's own
 * has to be there.
 * @throws StartError `push_unusable`
 */
export function readOrMakeApiKey(place: ApiKeyPlace): string {
  const path = join(place.dataDir, FILE_NAME);
  if (place.file === undefined && textOf(path) === undefined) {
    writePrivateFile(path, `${randomBytes(KEY_BYTES).toString('base64url')}\n`);
  }
  return readApiKey(place);
}

function textOf(path: string): string | undefined {
  try {
    return readIfThere(path);
  } catch (error) {
    throw new StartError(
      'push_unusable',
      `${path} cannot be read (${systemCode(error) ?? 'unknown'}). It has the key of Centrifugo's HTTP API; check its owner.`,
      { cause: error },
    );
  }
}

/** What a header can carry. Never shown. */
function checked(text: string, path: string): string {
  const key = text.trim();
  if (/^[\x21-\x7e]{1,1024}$/.test(key)) return key;
  throw new StartError(
    'push_unusable',
    `${path} holds no key of Centrifugo's HTTP API: one word of up to 1,024 ASCII characters, as in http_api.key.`,
  );
}
