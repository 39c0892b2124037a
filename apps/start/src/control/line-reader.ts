/** Cuts a byte stream into lines. The pure half of a socket's data handler. */
export interface LineReader {
  /** Complete lines, without their end. `tooLong`: a line went over the limit; read no further. */
  push(chunk: Buffer): { readonly lines: readonly string[]; readonly tooLong: boolean };
}

/** @param longest most bytes of a line. Never holds more than that and one chunk. */
export function createLineReader(longest: number): LineReader {
  let pieces: Buffer[] = [];
  let held = 0;
  return {
    push(chunk) {
      const lines: string[] = [];
      let from = 0;
      for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
        const piece = chunk.subarray(from, end);
        if (held + piece.length > longest) return { lines, tooLong: true };
        lines.push(Buffer.concat([...pieces, piece]).toString('utf8'));
        pieces = [];
        held = 0;
        from = end + 1;
      }
      const rest = chunk.subarray(from);
      held += rest.length;
      if (held > longest) return { lines, tooLong: true };
      if (rest.length > 0) pieces.push(rest);
      return { lines, tooLong: false };
    },
  };
}
