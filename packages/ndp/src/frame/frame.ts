import {
  type Decoded,
  decoded,
  formatIpv6Address,
  formatMacAddress,
  parseIpv6Address,
  parseMacAddress,
} from '@steelyard/wire';
import type { NdpDecodeCode } from '../codes.ts';
import { failureOf } from '../failure.ts';
import { encodeNdpMessage, type NdpMessage, readMessage } from '../message/message.ts';
import { writeChecksum } from './checksum.ts';
import { faultOfContents, faultOfHeaders, messageEnd } from './fault.ts';
import { ETHERTYPE_IPV6, FRAME_OFFSET, NDP_HOP_LIMIT, NEXT_HEADER_ICMPV6 } from './layout.ts';

/** A neighbour message in its IPv6 packet and Ethernet frame. */
export interface NdpFrame {
  readonly destinationMac: string;
  readonly sourceMac: string;
  readonly source: string;
  readonly destination: string;
  readonly message: NdpMessage;
}

/**
 * Reads an Ethernet frame that carries a Neighbor Solicitation or Advertisement, and judges it as RFC 4861, sections
 * 7.1.1 and 7.1.2, demand.
 *
 * @param frame - The frame without preamble, VLAN tag and checksum. Not kept.
 * @returns The frame, or why it is not one. Never throws.
 */
export function decodeNdpFrame(frame: Uint8Array): Decoded<NdpFrame, NdpDecodeCode> {
  const header = faultOfHeaders(frame);
  if (header !== undefined) return failureOf(header, frame, FRAME_OFFSET.message);
  const contents = faultOfContents(frame);
  if (contents !== undefined) return failureOf(contents.code, frame, FRAME_OFFSET.message, contents.offset);
  return decoded({
    destinationMac: formatMacAddress(frame, FRAME_OFFSET.destinationMac),
    sourceMac: formatMacAddress(frame, FRAME_OFFSET.sourceMac),
    source: formatIpv6Address(frame, FRAME_OFFSET.source),
    destination: formatIpv6Address(frame, FRAME_OFFSET.destination),
    message: readMessage(frame, FRAME_OFFSET.message, messageEnd(frame)),
  });
}

/**
 * Writes an Ethernet frame that carries a message, with hop limit 255 and the right checksum.
 *
 * @throws TypeError for text that is no address, RangeError for an option that none can be.
 */
export function encodeNdpFrame(frame: NdpFrame): Uint8Array {
  const message = encodeNdpMessage(frame.message);
  const octets = new Uint8Array(FRAME_OFFSET.message + message.length);
  octets.set(message, FRAME_OFFSET.message);
  octets.set(parseMacAddress(frame.destinationMac), FRAME_OFFSET.destinationMac);
  octets.set(parseMacAddress(frame.sourceMac), FRAME_OFFSET.sourceMac);
  octets.set(parseIpv6Address(frame.source), FRAME_OFFSET.source);
  octets.set(parseIpv6Address(frame.destination), FRAME_OFFSET.destination);
  writeHeaders(octets, message.length);
  writeChecksum(octets, message.length);
  return octets;
}

/** Writes everything but the addresses into the headers of a frame: no traffic class and no flow label. */
export function writeHeaders(frame: Uint8Array, messageLength: number): void {
  frame[FRAME_OFFSET.etherType] = ETHERTYPE_IPV6 >> 8;
  frame[FRAME_OFFSET.etherType + 1] = ETHERTYPE_IPV6 & 0xff;
  frame[FRAME_OFFSET.version] = 6 << 4;
  frame.fill(0, FRAME_OFFSET.version + 1, FRAME_OFFSET.payloadLength);
  frame[FRAME_OFFSET.payloadLength] = messageLength >> 8;
  frame[FRAME_OFFSET.payloadLength + 1] = messageLength & 0xff;
  frame[FRAME_OFFSET.nextHeader] = NEXT_HEADER_ICMPV6;
  frame[FRAME_OFFSET.hopLimit] = NDP_HOP_LIMIT;
}
