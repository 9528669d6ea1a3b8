/** What has come of a stream, in one piece. */
export interface StreamBuffer {
  /** Replaced as it grows: ask anew after each {@link StreamBuffer.append}. */
  readonly octets: Uint8Array;
  /** How many of them have come. */
  readonly length: number;
  /** Whether nothing more is taken. */
  readonly full: boolean;
  append(octets: Uint8Array): void;
  /** Gives the memory back. */
  clear(): void;
}

/** @param greatestOctets - What comes after so many is dropped. */
export function createStreamBuffer(greatestOctets: number): StreamBuffer {
  let buffer = new Uint8Array(0);
  let length = 0;
  return {
    get octets(): Uint8Array {
      return buffer;
    },
    get length(): number {
      return length;
    },
    get full(): boolean {
      return length === greatestOctets;
    },
    append(octets) {
      const taken = octets.subarray(0, greatestOctets - length);
      const needed = length + taken.length;
      if (needed > buffer.length) {
        const grown = new Uint8Array(Math.min(greatestOctets, Math.max(needed, buffer.length * 2)));
        grown.set(buffer.subarray(0, length));
        buffer = grown;
      }
      buffer.set(taken, length);
      length = needed;
    },
    clear() {
      buffer = new Uint8Array(0);
    },
  };
}
