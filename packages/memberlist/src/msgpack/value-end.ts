import { readValueHeader } from './header.ts';

/**
 * Looks for the end of one value whose octets come in pieces. Each header is looked at once, content is jumped over,
 * and nesting costs nothing: what is still to come is only counted.
 */
export interface ValueEnd {
  /**
   * @param octets - All that has come, from the same start each time.
   * @param length - How many of them are valid.
   * @returns Where the value ends; or that it goes on; or that no value begins so.
   */
  find(octets: Uint8Array, length: number): number | 'need more' | 'invalid';
  /** How far the value reaches at least. */
  readonly reaches: number;
}

/** @param start - Where the value begins. */
export function createValueEnd(start: number): ValueEnd {
  /** The next header; it may lie beyond what has come. */
  let offset = start;
  let values = 1;
  return {
    get reaches(): number {
      return offset + values;
    },
    find(octets, length) {
      while (values > 0) {
        const header = readValueHeader(octets, offset, length);
        if (header === 'invalid') return 'invalid';
        if (typeof header === 'number') return 'need more';
        offset += header.headerOctets + header.contentOctets;
        values += header.values - 1;
      }
      return offset <= length ? offset : 'need more';
    },
  };
}
