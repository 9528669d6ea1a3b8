import {
  type Decoded,
  decoded,
  failed,
  formatIpv4Address,
  formatMacAddress,
  parseIpv4Address,
  parseMacAddress,
} from '@steelyard/wire';

/** Octets in an ARP packet that maps IPv4 to Ethernet. */
export const ARP_PACKET_LENGTH = 28;
/** Octets before the packet in an Ethernet frame: destination, source, EtherType. */
const ETHERNET_HEADER_LENGTH = 14;
/** Octets in an Ethernet frame up to the end of its ARP packet; a sender's padding may follow. */
export const ARP_FRAME_LENGTH: number = ETHERNET_HEADER_LENGTH + ARP_PACKET_LENGTH;
/** EtherType of ARP, from the IANA registry "EtherType". */
export const ETHERTYPE_ARP = 0x0806;
/** `ar$op`: REQUEST. */
export const ARP_REQUEST = 1;
/** `ar$op`: REPLY. */
export const ARP_REPLY = 2;

/** `ar$hrd`: Ethernet, from the IANA registry "ARP Parameters". */
const HARDWARE_TYPE_ETHERNET = 1;
/** `ar$pro`: the EtherType of IPv4. */
const PROTOCOL_TYPE_IPV4 = 0x0800;
/** `ar$hln`: octets of a MAC address. */
const HARDWARE_ADDRESS_LENGTH = 6;
/** `ar$pln`: octets of an IPv4 address. */
const PROTOCOL_ADDRESS_LENGTH = 4;

/** Where the fields of RFC 826 lie in the packet. */
const PACKET_OFFSET = {
  hardwareType: 0,
  protocolType: 2,
  hardwareAddressLength: 4,
  protocolAddressLength: 5,
  operation: 6,
  senderHardwareAddress: 8,
  senderProtocolAddress: 14,
  targetHardwareAddress: 18,
  targetProtocolAddress: 24,
} as const;

/** Why octets are no ARP packet for IPv4 on Ethernet. */
export type ArpDecodeCode =
  | 'ERR_ARP_TRUNCATED'
  | 'ERR_ARP_UNSUPPORTED_HARDWARE'
  | 'ERR_ARP_UNSUPPORTED_PROTOCOL'
  | 'ERR_ARP_UNEXPECTED_ETHERTYPE';

/** An ARP packet that maps IPv4 to Ethernet: RFC 826, "Packet format". */
export interface ArpPacket {
  /** `ar$op`: 1 is a request, 2 a reply; others are kept as they came. */
  readonly operation: number;
  readonly senderHardwareAddress: string;
  readonly senderProtocolAddress: string;
  readonly targetHardwareAddress: string;
  readonly targetProtocolAddress: string;
}

/** An ARP packet in its Ethernet frame. */
export interface ArpFrame extends ArpPacket {
  /** The frame's destination, which need not be the packet's target. */
  readonly destination: string;
  /** The frame's source, which need not be the packet's sender. */
  readonly source: string;
}

const uint16 = (octets: Uint8Array, offset: number): number => ((octets[offset] ?? 0) << 8) | (octets[offset + 1] ?? 0);

/**
 * Looks for what is wrong with a packet, without making an object: what the answering path asks of every frame.
 *
 * @param octets - Holds the packet. Not kept.
 * @param start - Where the packet starts.
 * @returns The code, or `undefined` for a packet that maps IPv4 to Ethernet.
 */
function faultOfArpPacket(octets: Uint8Array, start: number): ArpDecodeCode | undefined {
  if (octets.length < start + ARP_PACKET_LENGTH) return 'ERR_ARP_TRUNCATED';
  if (
    uint16(octets, start + PACKET_OFFSET.hardwareType) !== HARDWARE_TYPE_ETHERNET ||
    octets[start + PACKET_OFFSET.hardwareAddressLength] !== HARDWARE_ADDRESS_LENGTH
  ) {
    return 'ERR_ARP_UNSUPPORTED_HARDWARE';
  }
  if (
    uint16(octets, start + PACKET_OFFSET.protocolType) !== PROTOCOL_TYPE_IPV4 ||
    octets[start + PACKET_OFFSET.protocolAddressLength] !== PROTOCOL_ADDRESS_LENGTH
  ) {
    return 'ERR_ARP_UNSUPPORTED_PROTOCOL';
  }
  return undefined;
}

/** As `faultOfArpPacket`, for a whole Ethernet frame. */
export function faultOfArpFrame(frame: Uint8Array): ArpDecodeCode | undefined {
  if (frame.length < ETHERNET_HEADER_LENGTH) return 'ERR_ARP_TRUNCATED';
  if (uint16(frame, 12) !== ETHERTYPE_ARP) return 'ERR_ARP_UNEXPECTED_ETHERTYPE';
  return faultOfArpPacket(frame, ETHERNET_HEADER_LENGTH);
}

/** The failure in words, for the decoders that return it. */
function failure(code: ArpDecodeCode, octets: Uint8Array, start: number): ReturnType<typeof failed<ArpDecodeCode>> {
  switch (code) {
    case 'ERR_ARP_TRUNCATED': {
      const expected = start + ARP_PACKET_LENGTH;
      return failed(code, octets.length, `expected at least ${expected} octets, got ${octets.length}`);
    }
    case 'ERR_ARP_UNEXPECTED_ETHERTYPE':
      return failed(code, 12, `expected EtherType 0x0806, got 0x${uint16(octets, 12).toString(16).padStart(4, '0')}`);
    case 'ERR_ARP_UNSUPPORTED_HARDWARE': {
      const type = uint16(octets, start + PACKET_OFFSET.hardwareType);
      const length = octets[start + PACKET_OFFSET.hardwareAddressLength];
      const offset = start + (type === HARDWARE_TYPE_ETHERNET ? PACKET_OFFSET.hardwareAddressLength : 0);
      return failed(code, offset, `expected hardware type 1 with 6 octets, got type ${type} with ${length}`);
    }
    case 'ERR_ARP_UNSUPPORTED_PROTOCOL': {
      const type = uint16(octets, start + PACKET_OFFSET.protocolType);
      const length = octets[start + PACKET_OFFSET.protocolAddressLength];
      const wrong = type === PROTOCOL_TYPE_IPV4 ? PACKET_OFFSET.protocolAddressLength : PACKET_OFFSET.protocolType;
      const got = `0x${type.toString(16).padStart(4, '0')} with ${length}`;
      return failed(code, start + wrong, `expected protocol type 0x0800 with 4 octets, got ${got}`);
    }
  }
}

function readPacket(octets: Uint8Array, start: number): ArpPacket {
  return {
    operation: uint16(octets, start + PACKET_OFFSET.operation),
    senderHardwareAddress: formatMacAddress(octets, start + PACKET_OFFSET.senderHardwareAddress),
    senderProtocolAddress: formatIpv4Address(octets, start + PACKET_OFFSET.senderProtocolAddress),
    targetHardwareAddress: formatMacAddress(octets, start + PACKET_OFFSET.targetHardwareAddress),
    targetProtocolAddress: formatIpv4Address(octets, start + PACKET_OFFSET.targetProtocolAddress),
  };
}

/**
 * Reads an ARP packet from the payload of an Ethernet frame.
 *
 * Octets after the packet are ignored: a 28-octet packet is shorter than the smallest Ethernet payload, so the
 * sender's padding follows it.
 *
 * @param payload - The octets after the Ethernet header. Not kept.
 * @returns The packet, or why `payload` is not one. Never throws.
 * @see {@link https://www.rfc-editor.org/rfc/rfc826 | RFC 826, "Packet format"}
 */
export function decodeArpPacket(payload: Uint8Array): Decoded<ArpPacket, ArpDecodeCode> {
  const fault = faultOfArpPacket(payload, 0);
  return fault === undefined ? decoded(readPacket(payload, 0)) : failure(fault, payload, 0);
}

/**
 * Reads an Ethernet frame that carries ARP, from its destination on.
 *
 * @param frame - The frame without preamble, VLAN tag and checksum. Not kept.
 * @returns The frame, or why it is not one. Never throws.
 */
export function decodeArpFrame(frame: Uint8Array): Decoded<ArpFrame, ArpDecodeCode> {
  const fault = faultOfArpFrame(frame);
  if (fault !== undefined) return failure(fault, frame, ETHERNET_HEADER_LENGTH);
  return decoded({
    destination: formatMacAddress(frame, 0),
    source: formatMacAddress(frame, 6),
    ...readPacket(frame, ETHERNET_HEADER_LENGTH),
  });
}

/**
 * Writes an Ethernet frame that carries ARP. It is not padded: the NIC's driver does that.
 *
 * @returns 42 octets.
 * @throws TypeError for text that is no address, RangeError for an operation that does not fit into 16 bits.
 */
export function encodeArpFrame(frame: ArpFrame): Uint8Array {
  const { operation } = frame;
  if (!Number.isInteger(operation) || operation < 0 || operation > 0xffff) {
    throw new RangeError(`not an ARP operation: ${operation}`);
  }
  const octets = new Uint8Array(ARP_FRAME_LENGTH);
  writeArpHeader(octets, operation);
  octets.set(parseMacAddress(frame.destination), 0);
  octets.set(parseMacAddress(frame.source), 6);
  octets.set(parseMacAddress(frame.senderHardwareAddress), 22);
  octets.set(parseIpv4Address(frame.senderProtocolAddress), 28);
  octets.set(parseMacAddress(frame.targetHardwareAddress), 32);
  octets.set(parseIpv4Address(frame.targetProtocolAddress), 38);
  return octets;
}

/** Writes everything but the addresses into a frame's 42 octets. */
export function writeArpHeader(frame: Uint8Array, operation: number): void {
  frame[12] = ETHERTYPE_ARP >> 8;
  frame[13] = ETHERTYPE_ARP & 0xff;
  frame[14] = HARDWARE_TYPE_ETHERNET >> 8;
  frame[15] = HARDWARE_TYPE_ETHERNET & 0xff;
  frame[16] = PROTOCOL_TYPE_IPV4 >> 8;
  frame[17] = PROTOCOL_TYPE_IPV4 & 0xff;
  frame[18] = HARDWARE_ADDRESS_LENGTH;
  frame[19] = PROTOCOL_ADDRESS_LENGTH;
  frame[20] = operation >> 8;
  frame[21] = operation & 0xff;
}
