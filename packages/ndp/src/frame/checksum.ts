import { internetChecksum } from '@steelyard/wire';
import { FRAME_OFFSET, MESSAGE_OFFSET, NEXT_HEADER_ICMPV6 } from './layout.ts';

/**
 * The checksum over a frame's message and the pseudo-header of RFC 8200, section 8.1: source and destination lie right
 * before the message in the frame, and length and next header are added to the sum.
 *
 * @returns 0 over a message with the right checksum.
 */
export function checksumOver(frame: Uint8Array, messageLength: number): number {
  const covered = frame.subarray(FRAME_OFFSET.source, FRAME_OFFSET.message + messageLength);
  return internetChecksum(covered, messageLength + NEXT_HEADER_ICMPV6);
}

/** Writes the checksum of a frame that is otherwise complete. */
export function writeChecksum(frame: Uint8Array, messageLength: number): void {
  const at = FRAME_OFFSET.message + MESSAGE_OFFSET.checksum;
  frame[at] = 0;
  frame[at + 1] = 0;
  const checksum = checksumOver(frame, messageLength);
  frame[at] = checksum >> 8;
  frame[at + 1] = checksum & 0xff;
}
