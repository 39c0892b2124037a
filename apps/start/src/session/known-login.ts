import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, parseJson } from '@telex/contract';
import * as v from 'valibot';

/** What a login dialog can fill in by itself; never a secret. */
export interface KnownLogin {
  readonly server: string | undefined;
  readonly email: string | undefined;
}

const FILE = 'login.json';
const LARGEST = 4_096;
const schema = v.object({
  server: v.optional(v.pipe(v.string(), v.maxLength(2_048))),
  email: v.optional(v.pipe(v.string(), v.maxLength(320))),
});

/** The server and e-mail address of the last login; nothing known where the file is missing, unreadable or foreign. */
export function readKnownLogin(folder: string): KnownLogin {
  try {
    const json = parseJson(readFileSync(join(folder, FILE), 'utf8').slice(0, LARGEST));
    const parsed = parse(schema, json.ok ? json.value : undefined);
    if (parsed.ok) return { server: parsed.value.server, email: parsed.value.email };
  } catch {
    // As good as none: the dialog asks.
  }
  return { server: undefined, email: undefined };
}

/** Remembers them for the next start. Rejects where it can't be written. */
export async function saveKnownLogin(folder: string, login: KnownLogin): Promise<void> {
  await writeFile(join(folder, FILE), `${JSON.stringify(login)}\n`, { mode: 0o600 });
}
