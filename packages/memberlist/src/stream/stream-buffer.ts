/**
 * What has come of a stream, in one piece. Memory that it no longer needs is given back at once: collected as garbage
 * it would be when there is much of it, and strangers can make much.
 */
export interface StreamBuffer {
  /** Replaced as it grows, and empty from then on with every view of it: ask anew after each {@link StreamBuffer.append}. */
  readonly octets: Uint8Array;
  /** How many of them have come. */
  readonly length: number;
  /** Whether nothing more is taken. */
  readonly full: boolean;
  append(octets: Uint8Array): void;
  /** Gives the memory back; nothing is taken any more. */
  clear(): void;
}

/** @param greatestOctets - What comes after so many is dropped. */
export function createStreamBuffer(greatestOctets: number): StreamBuffer {
  let buffer: Uint8Array<ArrayBuffer> = new Uint8Array(0);
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
        buffer = resized(buffer, Math.min(greatestOctets, Math.max(needed, buffer.length * 2)));
      }
      buffer.set(taken, length);
      length = needed;
    },
    clear() {
      buffer = resized(buffer, 0);
    },
  };
}

function resized(octets: Uint8Array<ArrayBuffer>, length: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(octets.buffer.transfer(length));
}
