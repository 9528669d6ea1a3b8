import { addChecksum } from './checksum.ts';
import type { PacketCodec, SealCodec } from './codec.ts';
import { encodeCompound } from './compound.ts';
import { addCompression } from './compression.ts';
import { LABEL_HEADER_OCTETS, labelHeader, labelOctets } from './label.ts';
import { seal, sealOverheadOctets, seals } from './seal.ts';

/**
 * Makes a packet of whole messages: compound where there are several, compressed where that is shorter, with a CRC,
 * sealed, labelled.
 *
 * @param parts - What {@link encodeMessage} wrote, at least one.
 * @throws RangeError for messages that no packet can hold; TypeError for keys without a cipher.
 * @see hashicorp/memberlist `net.go`, `rawSendMsgPacket`
 */
export function encodePacket(parts: readonly Uint8Array[], codec: PacketCodec): Uint8Array {
  const [only, ...others] = parts;
  if (only === undefined) throw new RangeError('a packet has at least one message');
  let packet = others.length === 0 ? only : encodeCompound(parts);
  if (codec.compress) {
    const compressed = addCompression(packet);
    if (compressed.length < packet.length) packet = compressed;
  }
  if (codec.checksum) packet = addChecksum(packet, codec.crc32);
  if (seals(codec)) packet = seal(packet, labelOctets(codec.label), codec);
  return withHeader(labelHeader(codec.label), packet);
}

/**
 * Octets that label and encryption add to a packet at most. A CRC is not counted, as in Go's library: packets of members
 * that are known to read it have 5 more.
 */
export function packetOverheadOctets(codec: SealCodec): number {
  const label = labelOctets(codec.label).length;
  return (label === 0 ? 0 : LABEL_HEADER_OCTETS + label) + sealOverheadOctets(codec);
}

/** The header and what follows it. */
export function withHeader(header: Uint8Array, rest: Uint8Array): Uint8Array {
  if (header.length === 0) return rest;
  const whole = new Uint8Array(header.length + rest.length);
  whole.set(header);
  whole.set(rest, header.length);
  return whole;
}
