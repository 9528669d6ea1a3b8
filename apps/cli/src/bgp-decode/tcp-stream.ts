/** More than a session's window holds: what is missing then was never captured. */
const MAX_WAITING = 4_096;

/** Puts the octets of one direction of a connection into their order. */
export interface TcpStream {
  /** What can be read on with now, in order. Octets that came before are left out, whatever they say now. */
  take(sequence: number, isSyn: boolean, payload: Uint8Array): readonly Uint8Array[];
  /** Whether octets are awaited that came in no segment so far. */
  readonly hasGap: boolean;
}

/** By sequence numbers modulo 2^32: RFC 9293, section 3.4. A capture may begin in the middle. */
export function createTcpStream(): TcpStream {
  let next: number | undefined;
  const waiting = new Map<number, Uint8Array>();

  /** What of a segment is new, if it begins where reading goes on or before. */
  function newPart(sequence: number, payload: Uint8Array): Uint8Array | undefined {
    const behind = ((next ?? sequence) - sequence) | 0;
    return behind < 0 ? undefined : payload.subarray(Math.min(behind, payload.length));
  }

  return {
    get hasGap() {
      return waiting.size > 0;
    },
    take(sequence, isSyn, payload) {
      if (isSyn) next = (sequence + 1) >>> 0;
      const start = isSyn ? (sequence + 1) >>> 0 : sequence;
      next ??= start;
      if (payload.length > 0 && waiting.size < MAX_WAITING) waiting.set(start, payload);
      const ready: Uint8Array[] = [];
      for (let found = true; found; ) {
        found = false;
        for (const [at, octets] of waiting) {
          const part = newPart(at, octets);
          if (part === undefined) continue;
          waiting.delete(at);
          if (part.length === 0) continue;
          ready.push(part);
          next = (next + part.length) >>> 0;
          found = true;
        }
      }
      return ready;
    },
  };
}
