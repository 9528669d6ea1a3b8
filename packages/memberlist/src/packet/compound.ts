import { type Decoded, decoded, failed } from '@steelyard/wire';
import type { GossipDecodeCode } from '../messages/decode-code.ts';
import { MESSAGE_TYPE } from '../messages/message-type.ts';
import { startMessage } from '../msgpack/message-writer.ts';

/** Octets of the type and the count. */
export const COMPOUND_HEADER_OCTETS = 2;

/** Octets that each message takes beside itself. */
export const COMPOUND_PART_OCTETS = 2;

/** A length has two octets. */
const GREATEST_PART_OCTETS = 0xffff;

/** The count has one octet. */
export const GREATEST_COMPOUND_PARTS = 255;

/**
 * `07 | count | lengths | messages`.
 *
 * @throws RangeError for more than 255 messages, or one with more than 65,535 octets.
 * @see hashicorp/memberlist `util.go`, `makeCompoundMessage`
 */
export function encodeCompound(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length > GREATEST_COMPOUND_PARTS) {
    throw new RangeError(`a packet has at most ${GREATEST_COMPOUND_PARTS} messages, not ${parts.length}`);
  }
  const long = parts.find((part) => part.length > GREATEST_PART_OCTETS);
  if (long !== undefined) {
    throw new RangeError(`a message of a compound has at most ${GREATEST_PART_OCTETS} octets, not ${long.length}`);
  }
  const writer = startMessage(MESSAGE_TYPE.compound).uint8(parts.length);
  for (const part of parts) writer.uint16(part.length);
  for (const part of parts) writer.octets(part);
  return writer.finish();
}

/** The messages of a compound that are there as a whole, and how many were cut off. */
export interface Compound {
  readonly parts: readonly Uint8Array[];
  readonly truncatedParts: number;
}

/** Takes a compound apart. Its messages are views; octets after them are ignored. */
export function decodeCompound(octets: Uint8Array): Decoded<Compound, GossipDecodeCode> {
  const count = octets[1];
  if (count === undefined) return failed('ERR_MEMBERLIST_TRUNCATED', octets.length, 'a compound without a count');
  const view = new DataView(octets.buffer, octets.byteOffset, octets.length);
  let offset = COMPOUND_HEADER_OCTETS + count * COMPOUND_PART_OCTETS;
  if (octets.length < offset) {
    return failed('ERR_MEMBERLIST_TRUNCATED', octets.length, `the lengths of ${count} messages end before`);
  }
  const parts: Uint8Array[] = [];
  for (let index = 0; index < count; index += 1) {
    const length = view.getUint16(COMPOUND_HEADER_OCTETS + index * COMPOUND_PART_OCTETS);
    if (length > octets.length - offset) return decoded({ parts, truncatedParts: count - index });
    parts.push(octets.subarray(offset, offset + length));
    offset += length;
  }
  return decoded({ parts, truncatedParts: 0 });
}
