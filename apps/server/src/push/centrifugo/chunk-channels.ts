/** Most channels in one call, so that none holds up the others for long. */
const MAX_CHANNELS = 500;
/** Most bytes of one call; what stands between us and Centrifugo often refuses more than 1 MiB. */
const MAX_BYTES = 512 * 1024;
/** Quotes and comma around a name in JSON. */
const BYTES_AROUND_NAME = 3;

/**
 * Divides the channels of a broadcast among calls.
 * @param bytesBesides what each call takes besides the names, the data among it
 */
export function* chunkChannels(
  channels: readonly string[],
  bytesBesides: number,
): Generator<readonly string[]> {
  let chunk: string[] = [];
  let bytes = bytesBesides;
  for (const channel of channels) {
    const added = Buffer.byteLength(channel) + BYTES_AROUND_NAME;
    const isFull = chunk.length >= MAX_CHANNELS || bytes + added > MAX_BYTES;
    if (chunk.length > 0 && isFull) {
      yield chunk;
      chunk = [];
      bytes = bytesBesides;
    }
    chunk.push(channel);
    bytes += added;
  }
  if (chunk.length > 0) yield chunk;
}
