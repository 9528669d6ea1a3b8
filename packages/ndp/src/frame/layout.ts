/** EtherType of IPv6, from the IANA registry "EtherType". */
export const ETHERTYPE_IPV6 = 0x86dd;
/** Next Header of ICMPv6, from the IANA registry "Protocol Numbers". */
export const NEXT_HEADER_ICMPV6 = 58;
/** RFC 4861, section 7.1: a router decrements it, so what arrives with 255 comes from this link. */
export const NDP_HOP_LIMIT = 255;

/** Where the fields lie in an Ethernet frame that carries IPv6 (RFC 8200, section 3), and in it a neighbour message (RFC 4861, sections 4.3 and 4.4). */
export const FRAME_OFFSET = {
  destinationMac: 0,
  sourceMac: 6,
  etherType: 12,
  version: 14,
  payloadLength: 18,
  nextHeader: 20,
  hopLimit: 21,
  source: 22,
  destination: 38,
  message: 54,
} as const;

/** Where the fields lie in a Neighbor Solicitation or Advertisement. */
export const MESSAGE_OFFSET = {
  type: 0,
  code: 1,
  checksum: 2,
  flags: 4,
  target: 8,
  options: 24,
} as const;

/** Octets of a message without options. */
export const SHORTEST_MESSAGE_LENGTH: number = MESSAGE_OFFSET.options;

export const uint16 = (octets: Uint8Array, offset: number): number =>
  ((octets[offset] ?? 0) << 8) | (octets[offset + 1] ?? 0);

export const isMulticast = (octets: Uint8Array, offset: number): boolean => octets[offset] === 0xff;

/** Whether fifteen octets are zero: those of `::` and `::1` before the last. */
const startsAllZero = (octets: Uint8Array, offset: number): boolean => {
  for (let i = 0; i < 15; i++) if (octets[offset + i] !== 0) return false;
  return true;
};

export const isUnspecified = (octets: Uint8Array, offset: number): boolean =>
  octets[offset + 15] === 0 && startsAllZero(octets, offset);

export const isLoopback = (octets: Uint8Array, offset: number): boolean =>
  octets[offset + 15] === 1 && startsAllZero(octets, offset);

/** Copies octets from one place to another. */
export function copyOctets(
  from: Uint8Array,
  fromOffset: number,
  to: Uint8Array,
  toOffset: number,
  length: number,
): void {
  for (let i = 0; i < length; i++) to[toOffset + i] = from[fromOffset + i] ?? 0;
}
