import {
  createOctetWriter,
  formatIpv4Address,
  formatMacAddress,
  MAC_ADDRESS_LENGTH,
  parseIpv4Address,
  parseMacAddress,
} from '@steelyard/wire';

// The judge of what `@steelyard/arp` sends, so it has a codec of its own: both could be wrong together otherwise.

/** EtherType of ARP. */
export const ETHERTYPE_ARP = 0x0806;
/** Ethernet header and packet. */
const FRAME_LENGTH = 42;
/** From `ar$hrd` to `ar$pln`: Ethernet, IPv4, 6 and 4 octets. RFC 826, "Packet format". */
const ETHERNET_IPV4 = Uint8Array.of(0, 1, 8, 0, 6, 4);
const OPERATION_REQUEST = 1;

/** An ARP frame as it was on the wire. */
export interface SeenArp {
  readonly operation: number;
  /** Of the Ethernet header. */
  readonly source: string;
  readonly destination: string;
  readonly senderMac: string;
  readonly senderIp: string;
  readonly targetMac: string;
  readonly targetIp: string;
}

/** A broadcast request for an address. */
export function arpRequest(mac: string, senderIp: string, targetIp: string): Uint8Array {
  const frame = createOctetWriter(FRAME_LENGTH);
  frame.octets(new Uint8Array(MAC_ADDRESS_LENGTH).fill(0xff));
  frame.octets(parseMacAddress(mac));
  frame.uint16(ETHERTYPE_ARP);
  frame.octets(ETHERNET_IPV4);
  frame.uint16(OPERATION_REQUEST);
  frame.octets(parseMacAddress(mac));
  frame.octets(parseIpv4Address(senderIp));
  frame.octets(new Uint8Array(MAC_ADDRESS_LENGTH));
  frame.octets(parseIpv4Address(targetIp));
  return frame.finish();
}

/** Reads a frame; `undefined` if it is no ARP packet for IPv4 on Ethernet. */
export function readArp(frame: Uint8Array): SeenArp | undefined {
  if (frame.length < FRAME_LENGTH || !ETHERNET_IPV4.every((octet, i) => frame[14 + i] === octet)) return undefined;
  const mac = (offset: number): string => formatMacAddress(frame.subarray(offset, offset + MAC_ADDRESS_LENGTH));
  const ip = (offset: number): string => formatIpv4Address(frame.subarray(offset, offset + 4));
  return {
    operation: ((frame[20] ?? 0) << 8) | (frame[21] ?? 0),
    destination: mac(0),
    source: mac(6),
    senderMac: mac(22),
    senderIp: ip(28),
    targetMac: mac(32),
    targetIp: ip(38),
  };
}
