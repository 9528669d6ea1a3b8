/**
 * Reads octets from front to back, never past the end.
 *
 * After the first read beyond the end, {@link OctetReader.overrun} is true, and that read and every later one gives 0
 * or no octets: a decoder reads a whole header and asks once.
 */
export interface OctetReader {
  /** Octets read so far. */
  readonly offset: number;
  /** Octets left. */
  readonly remaining: number;
  /** Whether a read went beyond the end. */
  readonly overrun: boolean;
  uint8(): number;
  /** Network byte order. */
  uint16(): number;
  /** Network byte order. */
  uint32(): number;
  /** Network byte order. */
  uint64(): bigint;
  /** A view of the next `length` octets, valid as long as the input is; empty after an overrun. */
  octets(length: number): Uint8Array;
  skip(length: number): void;
}

/** Starts reading `input` at its first octet. The input is not copied. */
export function createOctetReader(input: Uint8Array): OctetReader {
  const view = new DataView(input.buffer, input.byteOffset, input.length);
  let offset = 0;
  let overrun = false;
  /** Where the next `length` octets start, or undefined when there are not so many. */
  const take = (length: number): number | undefined => {
    if (!Number.isInteger(length) || length < 0) throw new RangeError(`not a length: ${length}`);
    if (overrun || length > input.length - offset) {
      overrun = true;
      return undefined;
    }
    const start = offset;
    offset += length;
    return start;
  };
  return {
    get offset(): number {
      return offset;
    },
    get remaining(): number {
      return input.length - offset;
    },
    get overrun(): boolean {
      return overrun;
    },
    uint8(): number {
      const at = take(1);
      return at === undefined ? 0 : view.getUint8(at);
    },
    uint16(): number {
      const at = take(2);
      return at === undefined ? 0 : view.getUint16(at);
    },
    uint32(): number {
      const at = take(4);
      return at === undefined ? 0 : view.getUint32(at);
    },
    uint64(): bigint {
      const at = take(8);
      return at === undefined ? 0n : view.getBigUint64(at);
    },
    octets(length: number): Uint8Array {
      const at = take(length);
      return at === undefined ? input.subarray(0, 0) : input.subarray(at, at + length);
    },
    skip(length: number): void {
      take(length);
    },
  };
}
