import { MESSAGE_TYPE } from '../messages/message-type.ts';

/** Octets of the type and the length before what is sealed. */
export const SEALED_FRAME_HEADER_OCTETS = 5;

/** `0a | length`. */
export function sealedFrameHeader(sealedOctets: number): Uint8Array {
  const header = new Uint8Array(SEALED_FRAME_HEADER_OCTETS);
  header[0] = MESSAGE_TYPE.encrypt;
  new DataView(header.buffer).setUint32(1, sealedOctets);
  return header;
}
