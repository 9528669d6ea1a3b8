/** Cuts a stream of octets into lines. */
export interface LineSplitter {
  /** Calls `onLine` for each complete line, without its newline; empty ones are left out. The octets are only valid within the call. */
  push(octets: Uint8Array): void;
}

const NEWLINE = 0x0a;

/** A line longer than `maxOctets` makes `push` throw what `tooLong` returns: nothing behind it can be trusted to begin a line. */
export function createLineSplitter(
  maxOctets: number,
  onLine: (line: Uint8Array) => void,
  tooLong: () => Error,
): LineSplitter {
  let pieces: Uint8Array[] = [];
  let pending = 0;

  function take(last: Uint8Array): Uint8Array {
    if (pieces.length === 0) return last;
    const line = new Uint8Array(pending + last.length);
    let offset = 0;
    for (const piece of pieces) {
      line.set(piece, offset);
      offset += piece.length;
    }
    line.set(last, offset);
    pieces = [];
    pending = 0;
    return line;
  }

  return {
    push(octets) {
      let start = 0;
      for (let end = octets.indexOf(NEWLINE); end >= 0; end = octets.indexOf(NEWLINE, start)) {
        if (pending + end - start > maxOctets) throw tooLong();
        const line = take(octets.subarray(start, end));
        start = end + 1;
        if (line.length > 0) onLine(line);
      }
      const rest = octets.subarray(start);
      if (rest.length === 0) return;
      if (pending + rest.length > maxOctets) throw tooLong();
      pieces.push(rest.slice()); // the caller's buffer will be used again
      pending += rest.length;
    },
  };
}
