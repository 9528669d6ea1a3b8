import { type Decoded, decoded, formatIpv6Address, parseIpv6Address } from '@steelyard/wire';
import type { NdpDecodeCode } from '../codes.ts';
import { failureOf } from '../failure.ts';
import { isMulticast, MESSAGE_OFFSET, SHORTEST_MESSAGE_LENGTH } from '../frame/layout.ts';
import { encodeOption, faultOfOptions, type NdpOption, type OptionFault, readOptions } from './options.ts';

/** From the IANA registry "ICMPv6 Type Numbers". */
export const NEIGHBOR_SOLICITATION = 135;
export const NEIGHBOR_ADVERTISEMENT = 136;

/** Bits of the octet after the checksum of an advertisement. */
const FLAG_ROUTER = 0x80;
export const FLAG_SOLICITED = 0x40;
export const FLAG_OVERRIDE = 0x20;

/** Asks for the link-layer address of a target: RFC 4861, section 4.3. */
export interface NeighborSolicitation {
  readonly type: 'NeighborSolicitation';
  readonly target: string;
  readonly options: readonly NdpOption[];
}

/** Tells the link-layer address of a target: RFC 4861, section 4.4. */
export interface NeighborAdvertisement {
  readonly type: 'NeighborAdvertisement';
  readonly target: string;
  readonly router: boolean;
  readonly solicited: boolean;
  readonly override: boolean;
  readonly options: readonly NdpOption[];
}

/** The messages that tell who has an address. */
export type NdpMessage = NeighborSolicitation | NeighborAdvertisement;

/** What is wrong with the fixed part of a message. It allocates nothing. */
export function faultOfMessageHeader(octets: Uint8Array, start: number, end: number): NdpDecodeCode | undefined {
  if (end - start < SHORTEST_MESSAGE_LENGTH) return 'ERR_NDP_TRUNCATED';
  const type = octets[start];
  if (type !== NEIGHBOR_SOLICITATION && type !== NEIGHBOR_ADVERTISEMENT) return 'ERR_NDP_UNEXPECTED_TYPE';
  if (octets[start + MESSAGE_OFFSET.code] !== 0) return 'ERR_NDP_UNEXPECTED_CODE';
  if (isMulticast(octets, start + MESSAGE_OFFSET.target)) return 'ERR_NDP_TARGET_IS_MULTICAST';
  return undefined;
}

/** What is wrong with the options of a message whose fixed part is right. */
export function faultOfMessageOptions(octets: Uint8Array, start: number, end: number): OptionFault | undefined {
  return faultOfOptions(octets, start + MESSAGE_OFFSET.options, end);
}

/**
 * Reads a Neighbor Solicitation or Advertisement from the octets after the IPv6 header, as a raw ICMPv6 socket gives
 * them. The checksum is not looked at: it covers addresses that are not among them.
 *
 * @param octets - From the ICMPv6 type on. Not kept.
 * @returns The message, or why `octets` are not one. Never throws.
 */
export function decodeNdpMessage(octets: Uint8Array): Decoded<NdpMessage, NdpDecodeCode> {
  const header = faultOfMessageHeader(octets, 0, octets.length);
  if (header !== undefined) return failureOf(header, octets, 0);
  const options = faultOfMessageOptions(octets, 0, octets.length);
  if (options !== undefined) return failureOf(options.code, octets, 0, options.offset);
  return decoded(readMessage(octets, 0, octets.length));
}

/** Reads a message that was judged. */
export function readMessage(octets: Uint8Array, start: number, end: number): NdpMessage {
  const target = formatIpv6Address(octets, start + MESSAGE_OFFSET.target);
  const options = readOptions(octets, start + MESSAGE_OFFSET.options, end);
  if (octets[start] === NEIGHBOR_SOLICITATION) return { type: 'NeighborSolicitation', target, options };
  const flags = octets[start + MESSAGE_OFFSET.flags] ?? 0;
  return {
    type: 'NeighborAdvertisement',
    target,
    router: (flags & FLAG_ROUTER) !== 0,
    solicited: (flags & FLAG_SOLICITED) !== 0,
    override: (flags & FLAG_OVERRIDE) !== 0,
    options,
  };
}

/**
 * Writes a message, from its ICMPv6 type on. Its checksum is 0: a raw ICMPv6 socket fills it in.
 *
 * @throws TypeError for text that is no address, RangeError for an option that none can be.
 */
export function encodeNdpMessage(message: NdpMessage): Uint8Array {
  const options = message.options.map(encodeOption);
  const length = options.reduce((sum, option) => sum + option.length, SHORTEST_MESSAGE_LENGTH);
  const octets = new Uint8Array(length);
  octets[MESSAGE_OFFSET.type] =
    message.type === 'NeighborSolicitation' ? NEIGHBOR_SOLICITATION : NEIGHBOR_ADVERTISEMENT;
  if (message.type === 'NeighborAdvertisement') {
    octets[MESSAGE_OFFSET.flags] =
      (message.router ? FLAG_ROUTER : 0) |
      (message.solicited ? FLAG_SOLICITED : 0) |
      (message.override ? FLAG_OVERRIDE : 0);
  }
  octets.set(parseIpv6Address(message.target), MESSAGE_OFFSET.target);
  let at = SHORTEST_MESSAGE_LENGTH;
  for (const option of options) {
    octets.set(option, at);
    at += option.length;
  }
  return octets;
}
