/** Numbers and structures of ipv6(7) and RFC 3542, from linux/in6.h and linux/icmpv6.h. */

export const AF_INET6 = 10;
export const SOCK_DGRAM = 2;
export const IPPROTO_ICMPV6 = 58;
export const SOL_IPV6 = 41;
export const SOL_ICMPV6 = 58;
export const ICMPV6_FILTER = 1;
export const IPV6_UNICAST_HOPS = 16;
export const IPV6_MULTICAST_HOPS = 18;
export const IPV6_MULTICAST_LOOP = 19;
export const IPV6_ADD_MEMBERSHIP = 20;
export const IPV6_DROP_MEMBERSHIP = 21;
export const IPV6_RECVPKTINFO = 49;
export const IPV6_PKTINFO = 50;
export const IPV6_RECVHOPLIMIT = 51;
export const IPV6_HOPLIMIT = 52;
export const IPV6_DONTFRAG = 62;

/** Octets of an IPv6 address. */
export const IPV6_OCTETS = 16;
/** Where `struct sockaddr_in6` has its address and its scope. */
export const SIN6_ADDR_OFFSET = 8;
export const SIN6_SCOPE_ID_OFFSET = 24;

const SOCKADDR_IN6_OCTETS = 28;
const IN6_PKTINFO_OCTETS = 20;
const CMSG_HEADER_OCTETS = 16;

/** Room for what {@link IPV6_RECVPKTINFO} (40 octets) and {@link IPV6_RECVHOPLIMIT} (24) add to a message. */
export const CONTROL_OCTETS = 64;

/** `struct sockaddr_in6` of a message's destination. The scope counts for link-local and multicast addresses, for others it is ignored. */
export function createSockaddrIn6(scopeId: number): Uint8Array {
  const octets = new Uint8Array(SOCKADDR_IN6_OCTETS);
  const view = new DataView(octets.buffer);
  view.setUint16(0, AF_INET6, true);
  view.setUint32(SIN6_SCOPE_ID_OFFSET, scopeId, true);
  return octets;
}

/** Octet of the address in what {@link createPacketInfo} makes. */
export const PACKET_INFO_ADDRESS_OFFSET: number = CMSG_HEADER_OCTETS;

/** A control message with `struct in6_pktinfo`: from which address and by which interface to send (RFC 3542, section 6.2). */
export function createPacketInfo(interfaceIndex: number): Uint8Array {
  const length = CMSG_HEADER_OCTETS + IN6_PKTINFO_OCTETS;
  const octets = new Uint8Array(align(length));
  const view = new DataView(octets.buffer);
  view.setBigUint64(0, BigInt(length), true);
  view.setInt32(8, SOL_IPV6, true);
  view.setInt32(12, IPV6_PKTINFO, true);
  view.setInt32(CMSG_HEADER_OCTETS + IPV6_OCTETS, interfaceIndex, true);
  return octets;
}

/**
 * Looks for a control message of level {@link SOL_IPV6} in the `struct cmsghdr[]` that starts at `start` and ends at `end` or with zeros.
 *
 * @returns where its data starts, or -1 if there is none with at least `dataOctets`.
 */
export function findControl(view: DataView, start: number, end: number, type: number, dataOctets: number): number {
  for (let at = start; end - at >= CMSG_HEADER_OCTETS; ) {
    const length = view.getUint32(at, true); // size_t, of which the upper half is 0
    if (length < CMSG_HEADER_OCTETS || length > end - at) return -1;
    if (
      view.getInt32(at + 8, true) === SOL_IPV6 &&
      view.getInt32(at + 12, true) === type &&
      length >= CMSG_HEADER_OCTETS + dataOctets
    ) {
      return at + CMSG_HEADER_OCTETS;
    }
    at += align(length);
  }
  return -1;
}

/** `struct icmp6_filter`: a bit for each type, set for those to be blocked (RFC 3542, section 3.2, as Linux has it). */
export function icmpv6Filter(types: Iterable<number>): Uint8Array {
  const octets = new Uint8Array(32).fill(0xff);
  const view = new DataView(octets.buffer);
  for (const type of types) {
    const word = (type >> 5) * 4;
    view.setUint32(word, view.getUint32(word, true) & ~(1 << (type & 31)), true);
  }
  return octets;
}

/** `struct ipv6_mreq`: a group, and the interface on which it is joined. */
export function ipv6Membership(group: Uint8Array, interfaceIndex: number): Uint8Array {
  const octets = new Uint8Array(IPV6_OCTETS + 4);
  octets.set(group);
  new DataView(octets.buffer).setInt32(IPV6_OCTETS, interfaceIndex, true);
  return octets;
}

/** CMSG_ALIGN on 64-bit CPUs. */
function align(length: number): number {
  return (length + 7) & ~7;
}
