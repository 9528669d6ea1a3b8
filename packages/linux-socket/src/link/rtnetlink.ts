import { type Decoded, decoded, failed, formatIpAddress, formatMacAddress } from '@steelyard/wire';
import {
  align,
  decodeAttributes,
  type NetlinkAttributes,
  type NetlinkDecodeCode,
  readText,
  readUint32,
  viewOf,
} from './netlink.ts';

/** rtnetlink(7): linux/rtnetlink.h, linux/if_link.h, linux/if_addr.h. */

export const RTM_NEWLINK = 16;
export const RTM_DELLINK = 17;
export const RTM_GETLINK = 18;
export const RTM_NEWADDR = 20;
export const RTM_DELADDR = 21;
export const RTM_GETADDR = 22;
export const RTM_NEWROUTE = 24;
export const RTM_DELROUTE = 25;
export const RTM_GETROUTE = 26;

export const AF_UNSPEC = 0;
export const AF_INET = 2;
export const AF_INET6 = 10;

export const IFINFOMSG_OCTETS = 16;
export const IFADDRMSG_OCTETS = 8;
export const RTMSG_OCTETS = 12;
export const IFLA_EXT_MASK = 29;
export const RTEXT_FILTER_SKIP_STATS = 8;
/** Octet of `rtm_dst_len` in `struct rtmsg`. */
export const RTM_DST_LEN_OFFSET = 1;
/** Octet of `rtm_type` in `struct rtmsg`. */
export const RTM_TYPE_OFFSET = 7;
/** A gateway or direct route, none that blackholes or is local. */
export const RTN_UNICAST = 1;

const IFF_UP = 0x1;
const IFF_BROADCAST = 0x2;
const IFF_LOOPBACK = 0x8;
const IFF_RUNNING = 0x40;
const IFF_NOARP = 0x80;

const IFLA_ADDRESS = 1;
const IFLA_IFNAME = 3;
const IFLA_MTU = 4;
const IFLA_MASTER = 10;
const IFLA_LINKINFO = 18;
const IFLA_INFO_KIND = 1;
const IFLA_CARRIER_DOWN_COUNT = 48;

const IFA_ADDRESS = 1;
const IFA_LOCAL = 2;
const IFA_FLAGS = 8;
const IFA_F_DADFAILED = 0x08;
const IFA_F_DEPRECATED = 0x20;
const IFA_F_TENTATIVE = 0x40;

const RTA_GATEWAY = 5;
const RTA_MULTIPATH = 9;
const RTA_VIA = 18;
const RTM_F_CLONED = 0x200;
const RTNEXTHOP_OCTETS = 8;

/** An interface, without its addresses. */
export interface LinkAttributes {
  readonly index: number;
  readonly name: string;
  /** The MAC address, `undefined` where there is none: loopback, tunnels. */
  readonly mac: string | undefined;
  /** Somebody has set it up: IFF_UP. */
  readonly up: boolean;
  /** It has a carrier: IFF_RUNNING. */
  readonly running: boolean;
  readonly broadcast: boolean;
  /** No ARP, no neighbour discovery: IFF_NOARP. */
  readonly noArp: boolean;
  readonly loopback: boolean;
  /** Index of the bridge, bond or VRF that it belongs to. */
  readonly masterIndex: number | undefined;
  /** `veth`, `bridge`, `vlan`, …; `undefined` for physical ones. */
  readonly kind: string | undefined;
  readonly mtu: number;
  /**
   * How often its carrier was lost since it exists. Changes are told once a turn of the event loop, so that a carrier
   * which came back at once shows in this alone. 0 where the kernel does not count (before Linux 4.16).
   */
  readonly carrierDownCount: number;
}

/** Where an address is valid, in the words of ip(8). */
export type AddressScope = 'global' | 'site' | 'link' | 'host' | 'nowhere' | 'other';

/** An address of an interface. */
export interface LinkAddress {
  readonly address: string;
  readonly prefixLength: number;
  readonly family: 4 | 6;
  readonly scope: AddressScope;
  /** Duplicate address detection has not finished: RFC 4862, section 5.4. */
  readonly tentative: boolean;
  /** Duplicate address detection found another owner. */
  readonly duplicate: boolean;
  /** Not for new connections: RFC 4862, section 5.5.4. */
  readonly deprecated: boolean;
}

const scopes: ReadonlyMap<number, AddressScope> = new Map([
  [0, 'global'],
  [200, 'site'],
  [253, 'link'],
  [254, 'host'],
  [255, 'nowhere'],
]);

/**
 * Reads RTM_NEWLINK and RTM_DELLINK.
 *
 * @returns `undefined` for messages that say nothing about the interface itself: of another family (a bridge tells with AF_BRIDGE
 * that a port has left, which is not the end of the port), or without a name (wireless events).
 */
export function decodeLinkMessage(payload: Uint8Array): Decoded<LinkAttributes | undefined, NetlinkDecodeCode> {
  const attributes = decodeAttributes(payload, IFINFOMSG_OCTETS);
  if (!attributes.ok) return attributes;
  const name = readText(attributes.value.get(IFLA_IFNAME));
  if (payload[0] !== AF_UNSPEC || name === undefined) return decoded(undefined);
  const mtu = readUint32(attributes.value, IFLA_MTU);
  if (!mtu.ok) return mtu;
  const master = readUint32(attributes.value, IFLA_MASTER);
  if (!master.ok) return master;
  const carrierDown = readUint32(attributes.value, IFLA_CARRIER_DOWN_COUNT);
  if (!carrierDown.ok) return carrierDown;
  const kind = decodeKind(attributes.value);
  if (!kind.ok) return kind;
  const view = viewOf(payload);
  const flags = view.getUint32(8, true);
  return decoded({
    index: view.getInt32(4, true),
    name,
    mac: readMac(attributes.value.get(IFLA_ADDRESS)),
    up: (flags & IFF_UP) !== 0,
    running: (flags & IFF_RUNNING) !== 0,
    broadcast: (flags & IFF_BROADCAST) !== 0,
    noArp: (flags & IFF_NOARP) !== 0,
    loopback: (flags & IFF_LOOPBACK) !== 0,
    masterIndex: master.value,
    kind: kind.value,
    mtu: mtu.value ?? 0,
    carrierDownCount: carrierDown.value ?? 0,
  });
}

/** An address and the interface that has it. */
export interface AddressOfLink {
  readonly linkIndex: number;
  readonly address: LinkAddress;
}

/** Reads RTM_NEWADDR and RTM_DELADDR. `undefined`: an address of another family. */
export function decodeAddressMessage(payload: Uint8Array): Decoded<AddressOfLink | undefined, NetlinkDecodeCode> {
  const attributes = decodeAttributes(payload, IFADDRMSG_OCTETS);
  if (!attributes.ok) return attributes;
  const longFlags = readUint32(attributes.value, IFA_FLAGS);
  if (!longFlags.ok) return longFlags;
  const family = ipFamily(payload[0]);
  // On a point-to-point interface IFA_ADDRESS is the other end, and IFA_LOCAL ours.
  const address = readIp(attributes.value.get(IFA_LOCAL) ?? attributes.value.get(IFA_ADDRESS), family);
  if (family === undefined || address === undefined) return decoded(undefined);
  const flags = longFlags.value ?? payload[2] ?? 0;
  return decoded({
    linkIndex: viewOf(payload).getUint32(4, true),
    address: {
      address,
      prefixLength: payload[1] ?? 0,
      family,
      scope: scopes.get(payload[3] ?? 0) ?? 'other',
      tentative: (flags & IFA_F_TENTATIVE) !== 0,
      duplicate: (flags & IFA_F_DADFAILED) !== 0,
      deprecated: (flags & IFA_F_DEPRECATED) !== 0,
    },
  });
}

/**
 * Reads RTM_NEWROUTE and RTM_DELROUTE: the next hops of a default route, `undefined` for every other route. One without next hops
 * (a blackhole) counts: it may have replaced another.
 */
export function decodeDefaultRoute(payload: Uint8Array): Decoded<readonly string[] | undefined, NetlinkDecodeCode> {
  const attributes = decodeAttributes(payload, RTMSG_OCTETS);
  if (!attributes.ok) return attributes;
  const family = ipFamily(payload[0]);
  const isDefault = payload[RTM_DST_LEN_OFFSET] === 0;
  const isCopy = (viewOf(payload).getUint32(8, true) & RTM_F_CLONED) !== 0;
  if (family === undefined || !isDefault || isCopy) return decoded(undefined);
  const gateways = nextHop(attributes.value, family);
  const hops = attributes.value.get(RTA_MULTIPATH) ?? new Uint8Array();
  for (let at = 0; hops.length - at >= RTNEXTHOP_OCTETS; ) {
    const length = viewOf(hops).getUint16(at, true);
    if (length < RTNEXTHOP_OCTETS || length > hops.length - at) {
      return failed(
        'ERR_LINUX_SOCKET_NETLINK_TRUNCATED',
        at,
        `a next hop claims ${length} octets where ${hops.length - at} are left`,
      );
    }
    const hop = decodeAttributes(hops.subarray(at, at + length), RTNEXTHOP_OCTETS);
    if (!hop.ok) return hop;
    gateways.push(...nextHop(hop.value, family));
    at += align(length);
  }
  return decoded(gateways);
}

/** `struct rtvia` is a family and an address: an IPv4 route by an IPv6 neighbour. */
function nextHop(attributes: NetlinkAttributes, family: 4 | 6): string[] {
  const via = attributes.get(RTA_VIA);
  const gateway =
    readIp(attributes.get(RTA_GATEWAY), family) ??
    (via === undefined ? undefined : readIp(via.subarray(2), ipFamily(via[0])));
  return gateway === undefined ? [] : [gateway];
}

function decodeKind(attributes: NetlinkAttributes): Decoded<string | undefined, NetlinkDecodeCode> {
  const info = attributes.get(IFLA_LINKINFO);
  if (info === undefined) return decoded(undefined);
  const nested = decodeAttributes(info, 0);
  return nested.ok ? decoded(readText(nested.value.get(IFLA_INFO_KIND))) : nested;
}

function readMac(value: Uint8Array | undefined): string | undefined {
  if (value?.length !== 6 || value.every((octet) => octet === 0)) return undefined;
  return formatMacAddress(value);
}

function readIp(value: Uint8Array | undefined, family: 4 | 6 | undefined): string | undefined {
  if (value === undefined || family === undefined || value.length !== (family === 4 ? 4 : 16)) return undefined;
  return formatIpAddress(value);
}

function ipFamily(number: number | undefined): 4 | 6 | undefined {
  if (number === AF_INET) return 4;
  return number === AF_INET6 ? 6 : undefined;
}
