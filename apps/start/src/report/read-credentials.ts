import { createReadStream } from 'node:fs';
import type { Credentials } from '@telex/client';
import { faultSentence, parse, parseJson } from '@telex/contract';
import * as v from 'valibot';
import { StartError } from '../errors.ts';

const LARGEST = 8_192;
const credentials = v.object({
  email: v.pipe(v.string(), v.nonEmpty('must not be empty')),
  password: v.pipe(v.string(), v.nonEmpty('must not be empty')),
});

/** Reads a line `{"email","password"}` from a descriptor. Throws `StartError` that repeats nothing of it. */
export async function readCredentials(descriptor: number): Promise<Credentials> {
  const json = parseJson(await readAll(descriptor));
  const parsed = parse(credentials, json.ok ? json.value : undefined);
  if (parsed.ok) return parsed.value;
  throw new StartError(
    'bad_credentials_input',
    `--credentials-fd ${descriptor} needs {"email":"…","password":"…"} on it: ${faultSentence(parsed.faults[0])}.`,
  );
}

async function readAll(descriptor: number): Promise<string> {
  let text = '';
  try {
    for await (const chunk of createReadStream('', { fd: descriptor, encoding: 'utf8' })) {
      text += String(chunk);
      // One line is enough: the other side may keep the pipe open.
      if (text.includes('\n') || text.length > LARGEST) break;
    }
  } catch (error) {
    throw new StartError(
      'bad_credentials_input',
      `--credentials-fd ${descriptor} is no descriptor that can be read from.`,
      error,
    );
  }
  const [line = ''] = text.slice(0, LARGEST).split('\n');
  return line;
}
