import { writeChecksum } from '../../frame/checksum.ts';
import { writeHeaders } from '../../frame/frame.ts';
import { copyOctets, FRAME_OFFSET } from '../../frame/layout.ts';
import { MAX_MESSAGE_OCTETS } from './raw-message.ts';

/** Makes frames of messages whose headers a raw ICMPv6 socket keeps to itself. */
export interface FrameMaker {
  /**
   * The frame that a message may have come in: sent to our MAC address from 00:00:00:00:00:00, which is nobody's, with
   * a right checksum, as the kernel has looked at both.
   *
   * @returns A view that is valid until the next call.
   */
  frameOf(message: Uint8Array, source: Uint8Array, destination: Uint8Array, hopLimit: number): Uint8Array;
}

/** Makes them in one buffer, again and again. */
export function createFrameMaker(mac: () => Uint8Array): FrameMaker {
  const buffer = new Uint8Array(FRAME_OFFSET.message + MAX_MESSAGE_OCTETS);
  return {
    frameOf(message, source, destination, hopLimit) {
      const length = Math.min(message.length, MAX_MESSAGE_OCTETS);
      const frame = buffer.subarray(0, FRAME_OFFSET.message + length);
      copyOctets(mac(), 0, frame, FRAME_OFFSET.destinationMac, 6);
      copyOctets(source, 0, frame, FRAME_OFFSET.source, 16);
      copyOctets(destination, 0, frame, FRAME_OFFSET.destination, 16);
      copyOctets(message, 0, frame, FRAME_OFFSET.message, length);
      writeHeaders(frame, length);
      frame[FRAME_OFFSET.hopLimit] = hopLimit;
      if (length >= 4) writeChecksum(frame, length);
      return frame;
    },
  };
}
