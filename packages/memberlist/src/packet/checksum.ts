import { type Decoded, decoded, failed } from '@steelyard/wire';
import type { GossipDecodeCode } from '../messages/decode-code.ts';
import { MESSAGE_TYPE } from '../messages/message-type.ts';

/** Octets of the type and the CRC before the rest of a packet. Go's library does not count them into its packet size. */
export const CHECKSUM_HEADER_OCTETS = 5;

type Crc32 = (octets: Uint8Array) => number;

/** IEEE 802.3, reflected. */
const POLYNOMIAL = 0xedb8_8320;

const remainders = Uint32Array.from({ length: 256 }, (_, octet) => {
  let remainder = octet;
  for (let bit = 0; bit < 8; bit += 1) remainder = (remainder >>> 1) ^ (remainder & 1 ? POLYNOMIAL : 0);
  return remainder;
});

function ownCrc32(octets: Uint8Array): number {
  let crc = 0xffff_ffff;
  for (const octet of octets) crc = (crc >>> 8) ^ (remainders[(crc ^ octet) & 0xff] ?? 0);
  return ~crc >>> 0;
}

/** `0c | CRC | packet`. */
export function addChecksum(packet: Uint8Array, crc32: Crc32 = ownCrc32): Uint8Array {
  const checked = new Uint8Array(CHECKSUM_HEADER_OCTETS + packet.length);
  checked[0] = MESSAGE_TYPE.checksum;
  new DataView(checked.buffer).setUint32(1, crc32(packet));
  checked.set(packet, CHECKSUM_HEADER_OCTETS);
  return checked;
}

/** Takes the CRC off, if there is one and it is right. */
export function removeChecksum(packet: Uint8Array, crc32: Crc32 = ownCrc32): Decoded<Uint8Array, GossipDecodeCode> {
  if (packet[0] !== MESSAGE_TYPE.checksum || packet.length < CHECKSUM_HEADER_OCTETS) return decoded(packet);
  const expected = new DataView(packet.buffer, packet.byteOffset).getUint32(1);
  const rest = packet.subarray(CHECKSUM_HEADER_OCTETS);
  const found = crc32(rest);
  if (found === expected) return decoded(rest);
  return failed(
    'ERR_MEMBERLIST_CHECKSUM_MISMATCH',
    1,
    `the CRC is ${expected.toString(16)}, that of the octets is ${found.toString(16)}`,
  );
}
