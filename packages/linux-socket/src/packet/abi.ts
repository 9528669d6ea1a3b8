import type { NativeDescriptor } from '../native.ts';

/** Numbers and structures of packet(7), from linux/if_packet.h. */

export const AF_PACKET = 17;
export const SOL_PACKET = 263;
export const PACKET_ADD_MEMBERSHIP = 1;
export const PACKET_DROP_MEMBERSHIP = 2;
export const PACKET_STATISTICS = 6;
export const PACKET_IGNORE_OUTGOING = 23;

const PACKET_MR_MULTICAST = 0;
const SOCKADDR_LL_OCTETS = 20;
const PACKET_MREQ_OCTETS = 16;

/** Octet of `sll_pkttype` in `struct sockaddr_ll`. */
export const SLL_PKTTYPE_OFFSET = 10;

/** `struct sockaddr_ll` for bind(2): this interface, this EtherType. */
export function packetAddress(interfaceIndex: number, etherType: number): Uint8Array {
  const octets = new Uint8Array(SOCKADDR_LL_OCTETS);
  const view = new DataView(octets.buffer);
  view.setUint16(0, AF_PACKET, true);
  view.setUint16(2, etherType); // sll_protocol is in network order
  view.setInt32(4, interfaceIndex, true);
  return octets;
}

/** Whether the interface that a packet socket was bound to went away: the index in its address is -1 then. */
export function isUnbound(descriptor: NativeDescriptor, interfaceIndex: number): boolean {
  const address = new Uint8Array(SOCKADDR_LL_OCTETS);
  return descriptor.localAddress(address) >= 0 && new DataView(address.buffer).getInt32(4, true) !== interfaceIndex;
}

/** `struct packet_mreq`: a multicast MAC address to be received. */
export function packetMembership(interfaceIndex: number, mac: Uint8Array): Uint8Array {
  const octets = new Uint8Array(PACKET_MREQ_OCTETS);
  const view = new DataView(octets.buffer);
  view.setInt32(0, interfaceIndex, true);
  view.setUint16(4, PACKET_MR_MULTICAST, true);
  view.setUint16(6, mac.length, true);
  octets.set(mac, 8);
  return octets;
}
