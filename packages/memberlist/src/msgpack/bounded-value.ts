import { type Decoded, decoded, failed } from '@steelyard/wire';
import type { GossipDecodeCode } from '../messages/decode-code.ts';
import { createValueEnd } from './value-end.ts';

/** Looks for the end of a value that comes in pieces and may not be longer than a limit. */
export interface BoundedValue {
  /**
   * @param octets - All that has come, at the same places each time.
   * @param length - How many of them are valid.
   * @returns Where the value ends.
   */
  find(octets: Uint8Array, length: number): Decoded<number, GossipDecodeCode> | 'need more';
}

/**
 * @param start - Where the value begins.
 * @param limit - Where it must end at the latest; one that reaches beyond is refused as soon as it says so.
 */
export function createBoundedValue(start: number, limit: number): BoundedValue {
  const valueEnd = createValueEnd(start);
  return {
    find(octets, length) {
      const end = valueEnd.find(octets, length);
      if (end === 'invalid') return failed('ERR_MEMBERLIST_MALFORMED', start, 'no MessagePack value begins with 0xc1');
      if (valueEnd.reaches > limit) {
        return failed('ERR_MEMBERLIST_LIMIT_EXCEEDED', start, `a value of ${valueEnd.reaches - start} octets or more`);
      }
      return end === 'need more' ? end : decoded(end);
    },
  };
}
