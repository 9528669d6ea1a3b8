/** Writes octets from front to back; it grows as needed. */
export interface OctetWriter {
  /** Octets written so far. */
  readonly length: number;
  uint8(value: number): OctetWriter;
  /** Network byte order. */
  uint16(value: number): OctetWriter;
  /** Network byte order. */
  uint32(value: number): OctetWriter;
  /** Network byte order. */
  uint64(value: bigint): OctetWriter;
  octets(value: Uint8Array): OctetWriter;
  /** Overwrites two octets that were written before: a length or checksum known only later. */
  patchUint16(offset: number, value: number): OctetWriter;
  /** A copy of what was written. */
  finish(): Uint8Array;
}

/**
 * Starts an empty message.
 *
 * @param capacity - Octets to reserve; more is no error, only slower.
 * @returns A writer; its methods throw a RangeError for a value that does not fit.
 */
export function createOctetWriter(capacity = 64): OctetWriter {
  let buffer = new Uint8Array(Math.max(capacity, 8));
  let view = new DataView(buffer.buffer);
  let length = 0;
  /** Makes room for `more` octets and gives where they go. It may replace `buffer` and `view`: call it first. */
  const reserve = (more: number): number => {
    const start = length;
    length += more;
    if (length > buffer.length) {
      const grown = new Uint8Array(Math.max(length, buffer.length * 2));
      grown.set(buffer.subarray(0, start));
      buffer = grown;
      view = new DataView(buffer.buffer);
    }
    return start;
  };
  const unsigned = (value: number, maximum: number): number => {
    if (!Number.isInteger(value) || value < 0 || value > maximum) {
      throw new RangeError(`not an integer from 0 to ${maximum}: ${value}`);
    }
    return value;
  };
  const writer: OctetWriter = {
    get length(): number {
      return length;
    },
    uint8(value) {
      unsigned(value, 0xff);
      const at = reserve(1);
      view.setUint8(at, value);
      return writer;
    },
    uint16(value) {
      unsigned(value, 0xffff);
      const at = reserve(2);
      view.setUint16(at, value);
      return writer;
    },
    uint32(value) {
      unsigned(value, 0xffff_ffff);
      const at = reserve(4);
      view.setUint32(at, value);
      return writer;
    },
    uint64(value) {
      if (value < 0n || value > 0xffff_ffff_ffff_ffffn) {
        throw new RangeError(`not an unsigned 64-bit integer: ${value}`);
      }
      const at = reserve(8);
      view.setBigUint64(at, value);
      return writer;
    },
    octets(value) {
      const at = reserve(value.length);
      buffer.set(value, at);
      return writer;
    },
    patchUint16(offset, value) {
      if (!Number.isInteger(offset) || offset < 0 || offset + 2 > length) {
        throw new RangeError(`nothing was written at ${offset}: ${length} octets so far`);
      }
      view.setUint16(offset, unsigned(value, 0xffff));
      return writer;
    },
    finish() {
      return buffer.slice(0, length);
    },
  };
  return writer;
}
