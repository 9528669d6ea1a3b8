import type { BpfInstruction } from '../bpf.ts';
import { align, NLM_F_DUMP, NLM_F_MULTI, NLM_F_REQUEST } from './netlink.ts';
import {
  AF_INET,
  AF_INET6,
  AF_UNSPEC,
  IFADDRMSG_OCTETS,
  IFINFOMSG_OCTETS,
  IFLA_EXT_MASK,
  RTEXT_FILTER_SKIP_STATS,
  RTM_DELROUTE,
  RTM_DST_LEN_OFFSET,
  RTM_GETADDR,
  RTM_GETLINK,
  RTM_GETROUTE,
  RTM_NEWROUTE,
  RTM_TYPE_OFFSET,
  RTMSG_OCTETS,
  RTN_UNICAST,
} from './rtnetlink.ts';

export const AF_NETLINK = 16;
export const NETLINK_ROUTE = 0;
export const SOL_NETLINK = 270;
/** The kernel then heeds the route type in a dump request; it came with Linux 4.20. */
export const NETLINK_GET_STRICT_CHK = 12;

/** A part of the kernel's state that is dumped as a whole. */
export type DumpKind = 'links' | 'addresses' | 'ipv4Routes' | 'ipv6Routes';

const HEADER_OCTETS = 16;

/** The multicast groups RTNLGRP_LINK, _IPV4_IFADDR, _IPV4_ROUTE, _IPV6_IFADDR and _IPV6_ROUTE of linux/rtnetlink.h. */
const groups = [1, 5, 7, 9, 11].reduce((mask, group) => mask | (1 << (group - 1)), 0);

/** `struct sockaddr_nl`: a port chosen by the kernel, and the groups. */
export function netlinkAddress(): Uint8Array {
  const octets = new Uint8Array(12);
  const view = new DataView(octets.buffer);
  view.setUint16(0, AF_NETLINK, true);
  view.setUint32(8, groups, true);
  return octets;
}

/** `nl_pid`: whose socket an address is; 0 is the kernel. */
export function portOf(address: Uint8Array, offset = 0): number {
  return new DataView(address.buffer, address.byteOffset + offset).getUint32(4, true);
}

/** A request for all there is of a kind. */
export function dumpRequest(kind: DumpKind, sequence: number): Uint8Array {
  switch (kind) {
    case 'links': {
      const request = new Uint8Array(IFINFOMSG_OCTETS + 8);
      const view = new DataView(request.buffer);
      request[0] = AF_UNSPEC;
      view.setUint16(IFINFOMSG_OCTETS, 8, true);
      view.setUint16(IFINFOMSG_OCTETS + 2, IFLA_EXT_MASK, true);
      view.setUint32(IFINFOMSG_OCTETS + 4, RTEXT_FILTER_SKIP_STATS, true);
      return withHeader(RTM_GETLINK, sequence, request);
    }
    case 'addresses':
      return withHeader(RTM_GETADDR, sequence, new Uint8Array(IFADDRMSG_OCTETS));
    case 'ipv4Routes':
      return withHeader(RTM_GETROUTE, sequence, unicastRoutes(AF_INET));
    case 'ipv6Routes':
      return withHeader(RTM_GETROUTE, sequence, unicastRoutes(AF_INET6));
  }
}

function unicastRoutes(family: number): Uint8Array {
  const request = new Uint8Array(RTMSG_OCTETS);
  request[0] = family;
  request[RTM_TYPE_OFFSET] = RTN_UNICAST;
  return request;
}

function withHeader(type: number, sequence: number, payload: Uint8Array): Uint8Array {
  const octets = new Uint8Array(HEADER_OCTETS + align(payload.length));
  const view = new DataView(octets.buffer);
  view.setUint32(0, HEADER_OCTETS + payload.length, true);
  view.setUint16(4, type, true);
  view.setUint16(6, NLM_F_REQUEST | NLM_F_DUMP, true);
  view.setUint32(8, sequence, true);
  octets.set(payload, HEADER_OCTETS);
  return octets;
}

/** BPF loads are in network order, netlink's numbers are not: a message type in the low octet appears in the high one. */
const loadMessageType = { code: 0x28, jt: 0, jf: 0, k: 4 };
const loadFlags = { code: 0x30, jt: 0, jf: 0, k: 6 };
const loadDestinationLength = { code: 0x30, jt: 0, jf: 0, k: HEADER_OCTETS + RTM_DST_LEN_OFFSET };

/**
 * Accepts everything but changes of routes that are not default routes: a node in a routing protocol has hundreds of thousands, and
 * none of them wakes us. Parts of a dump (NLM_F_MULTI) always pass, for the filter sees only the first message of each.
 */
export const defaultRoutesOnly: readonly BpfInstruction[] = [
  loadMessageType,
  { code: 0x15, jt: 1, jf: 0, k: RTM_NEWROUTE << 8 },
  { code: 0x15, jt: 0, jf: 4, k: RTM_DELROUTE << 8 },
  loadFlags,
  { code: 0x45, jt: 2, jf: 0, k: NLM_F_MULTI },
  loadDestinationLength,
  { code: 0x15, jt: 0, jf: 1, k: 0 },
  { code: 0x06, jt: 0, jf: 0, k: 0xffff_ffff },
  { code: 0x06, jt: 0, jf: 0, k: 0 },
];
