/** Asks an address for a text. Rejects when there is none. */
export type FetchText = (address: string) => Promise<string>;

const TRIES = 2;
const TIMEOUT_MS = 1_000;
const MAX_BYTES = 262_144;

/** The body of a 200 answer, of 256 KiB at most, after two tries of a second each at most. */
export async function fetchText(address: string): Promise<string> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await fetchOnce(address);
    } catch (error) {
      if (tried === TRIES) throw error;
    }
  }
}

async function fetchOnce(address: string): Promise<string> {
  const response = await fetch(address, {
    headers: { accept: 'application/json' },
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    // Leaving the loop ends the transfer.
    if (bytes > MAX_BYTES) throw new Error('The answer is too long.');
    chunks.push(chunk);
  }
  if (response.status !== 200) throw new Error(`The answer has status ${response.status}.`);
  return Buffer.concat(chunks).toString('utf8');
}
