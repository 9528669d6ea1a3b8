/** Numbers and structures of tcp(7), ip(7) and ipv6(7), from linux/tcp.h, linux/in.h and linux/in6.h; equal on x64 and arm64. */

export const AF_INET = 2;
export const AF_INET6 = 10;
export const SOCK_STREAM = 1;
export const SO_REUSEADDR = 2;
export const SO_BINDTODEVICE = 25;
export const SOL_IP = 0;
export const IP_TOS = 1;
export const IP_TTL = 2;
export const IP_MINTTL = 21;
export const SOL_TCP = 6;
const TCP_MD5SIG = 14;
export const TCP_USER_TIMEOUT = 18;
/** As {@link TCP_MD5SIG}, for a prefix or a VRF. Since Linux 4.13. */
const TCP_MD5SIG_EXT = 32;
export const SOL_IPV6 = 41;
export const IPV6_UNICAST_HOPS = 16;
export const IPV6_V6ONLY = 26;
export const IPV6_TCLASS = 67;
export const IPV6_MINHOPCOUNT = 73;

/** The longest key: `TCP_MD5SIG_MAXKEYLEN`. */
export const MAX_MD5_KEY_OCTETS = 80;
/** Room for the largest address here, `struct sockaddr_in6`. */
export const SOCKADDR_OCTETS = 28;

const IPV4_OCTETS = 4;
const IPV6_OCTETS = 16;
const SOCKADDR_IN_OCTETS = 16;
const SIN_ADDR_OFFSET = 4;
const SIN6_ADDR_OFFSET = 8;
const SIN6_SCOPE_ID_OFFSET = 24;
/** ::ffff:0:0/96 (RFC 4291, section 2.5.5.2). */
const MAPPED_PREFIX: Uint8Array = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff);

/** `struct sockaddr_in` or `struct sockaddr_in6`. */
export interface SocketAddress {
  /** Four or sixteen. */
  readonly octets: Uint8Array;
  readonly port: number;
  /** Index of the interface to which a link-local address belongs, or 0. */
  readonly scopeId: number;
}

export function encodeSocketAddress({ octets, port, scopeId }: SocketAddress): Uint8Array {
  const ipv4 = octets.length === IPV4_OCTETS;
  const encoded = new Uint8Array(ipv4 ? SOCKADDR_IN_OCTETS : SOCKADDR_OCTETS);
  const view = new DataView(encoded.buffer);
  view.setUint16(0, ipv4 ? AF_INET : AF_INET6, true);
  view.setUint16(2, port);
  encoded.set(octets, ipv4 ? SIN_ADDR_OFFSET : SIN6_ADDR_OFFSET);
  if (!ipv4) view.setUint32(SIN6_SCOPE_ID_OFFSET, scopeId, true);
  return encoded;
}

/** An IPv4-mapped address is told as the IPv4 address that it is. */
export function decodeSocketAddress(encoded: Uint8Array): SocketAddress {
  const view = new DataView(encoded.buffer, encoded.byteOffset, encoded.byteLength);
  const port = view.getUint16(2);
  if (view.getUint16(0, true) === AF_INET) {
    return { octets: encoded.slice(SIN_ADDR_OFFSET, SIN_ADDR_OFFSET + IPV4_OCTETS), port, scopeId: 0 };
  }
  const octets = encoded.slice(SIN6_ADDR_OFFSET, SIN6_ADDR_OFFSET + IPV6_OCTETS);
  const ipv4 = unmapped(octets);
  return ipv4 === undefined
    ? { octets, port, scopeId: view.getUint32(SIN6_SCOPE_ID_OFFSET, true) }
    : { octets: ipv4, port, scopeId: 0 };
}

/** The IPv4 address in an IPv4-mapped IPv6 address. */
export function unmapped(octets: Uint8Array): Uint8Array | undefined {
  const prefix = octets.subarray(0, MAPPED_PREFIX.length);
  const mapped = octets.length === IPV6_OCTETS && MAPPED_PREFIX.every((octet, i) => prefix[i] === octet);
  return mapped ? octets.slice(MAPPED_PREFIX.length) : undefined;
}

/** An address as IPv6 sockets write it: ::ffff:192.0.2.1 in the place of 192.0.2.1. */
export function mapped(octets: Uint8Array): Uint8Array {
  return octets.length === IPV4_OCTETS ? Uint8Array.of(...MAPPED_PREFIX, ...octets) : octets;
}

/** For whose segments a key counts. */
export interface Md5Peer {
  /** In the family of the socket. */
  readonly octets: Uint8Array;
  /** Bits of the address that count; of an IPv4-mapped address those of the IPv4 address. Without it, all. */
  readonly prefixLength?: number | undefined;
  /** Index of a VRF. */
  readonly interfaceIndex?: number | undefined;
}

const TCP_MD5SIG_OCTETS = 216;
const MD5_FLAGS_OFFSET = 128;
const MD5_PREFIX_LENGTH_OFFSET = 129;
const MD5_KEY_LENGTH_OFFSET = 130;
const MD5_INTERFACE_INDEX_OFFSET = 132;
const MD5_KEY_OFFSET = 136;
const TCP_MD5SIG_FLAG_PREFIX = 1;
const TCP_MD5SIG_FLAG_IFINDEX = 2;

/** `struct tcp_md5sig`, and the option that it is for. Without a key, it removes the one of this peer. */
export function encodeMd5Signature(peer: Md5Peer, key: Uint8Array | undefined): { option: number; value: Uint8Array } {
  const { octets, prefixLength, interfaceIndex } = peer;
  const value = new Uint8Array(TCP_MD5SIG_OCTETS);
  const view = new DataView(value.buffer);
  value.set(encodeSocketAddress({ octets, port: 0, scopeId: 0 }));
  if (prefixLength !== undefined) {
    value[MD5_FLAGS_OFFSET] = TCP_MD5SIG_FLAG_PREFIX;
    value[MD5_PREFIX_LENGTH_OFFSET] = prefixLength;
  }
  if (interfaceIndex !== undefined) {
    value[MD5_FLAGS_OFFSET] = (value[MD5_FLAGS_OFFSET] ?? 0) | TCP_MD5SIG_FLAG_IFINDEX;
    view.setInt32(MD5_INTERFACE_INDEX_OFFSET, interfaceIndex, true);
  }
  view.setUint16(MD5_KEY_LENGTH_OFFSET, key?.length ?? 0, true);
  if (key !== undefined) value.set(key, MD5_KEY_OFFSET);
  const plain = prefixLength === undefined && interfaceIndex === undefined;
  return { option: plain ? TCP_MD5SIG : TCP_MD5SIG_EXT, value };
}
