import { type Decoded, decoded, failed } from '@steelyard/wire';

/** Netlink framing: netlink(7), linux/netlink.h. Numbers are in the CPU's octet order, little-endian on all supported ones. */

export const NLMSG_ERROR = 2;
export const NLMSG_DONE = 3;

export const NLM_F_REQUEST = 0x1;
export const NLM_F_MULTI = 0x2;
/** The kernel's tables changed during a dump: it may show a thing twice or not at all. */
export const NLM_F_DUMP_INTR = 0x10;
export const NLM_F_DUMP = 0x300;

export type NetlinkDecodeCode = 'ERR_LINUX_SOCKET_NETLINK_TRUNCATED' | 'ERR_LINUX_SOCKET_NETLINK_ATTRIBUTE';

/** One message of a datagram. */
export interface NetlinkMessage {
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
  /** The port of the socket that asked, 0 for what the kernel did by itself. */
  readonly portId: number;
  /** What follows the header: a view. */
  readonly payload: Uint8Array;
}

/** Attributes by type. A view each; of several of one type the last. */
export type NetlinkAttributes = ReadonlyMap<number, Uint8Array>;

const HEADER_OCTETS = 16;
const ATTRIBUTE_HEADER_OCTETS = 4;
/** Without the flags NLA_F_NESTED and NLA_F_NET_BYTEORDER. */
const NLA_TYPE_MASK = 0x3fff;

/** Splits a datagram into its messages. Octets after the last that are too few for a header are ignored, as the kernel's own macros do. */
export function decodeNetlinkMessages(octets: Uint8Array): Decoded<readonly NetlinkMessage[], NetlinkDecodeCode> {
  const view = viewOf(octets);
  const messages: NetlinkMessage[] = [];
  let offset = 0;
  while (octets.length - offset >= HEADER_OCTETS) {
    const length = view.getUint32(offset, true);
    if (length < HEADER_OCTETS || length > octets.length - offset) {
      return failed(
        'ERR_LINUX_SOCKET_NETLINK_TRUNCATED',
        offset,
        `a message claims ${length} octets where ${octets.length - offset} are left`,
      );
    }
    messages.push({
      type: view.getUint16(offset + 4, true),
      flags: view.getUint16(offset + 6, true),
      sequence: view.getUint32(offset + 8, true),
      portId: view.getUint32(offset + 12, true),
      payload: octets.subarray(offset + HEADER_OCTETS, offset + length),
    });
    offset += align(length);
  }
  return decoded(messages);
}

/** Reads the attributes (`struct rtattr`) that follow the first `offset` octets. */
export function decodeAttributes(octets: Uint8Array, offset: number): Decoded<NetlinkAttributes, NetlinkDecodeCode> {
  if (octets.length < offset) {
    return failed(
      'ERR_LINUX_SOCKET_NETLINK_TRUNCATED',
      octets.length,
      `${offset} octets were expected, got ${octets.length}`,
    );
  }
  const view = viewOf(octets);
  const attributes = new Map<number, Uint8Array>();
  let at = offset;
  while (octets.length - at >= ATTRIBUTE_HEADER_OCTETS) {
    const length = view.getUint16(at, true);
    if (length < ATTRIBUTE_HEADER_OCTETS || length > octets.length - at) {
      return failed(
        'ERR_LINUX_SOCKET_NETLINK_TRUNCATED',
        at,
        `an attribute claims ${length} octets where ${octets.length - at} are left`,
      );
    }
    attributes.set(
      view.getUint16(at + 2, true) & NLA_TYPE_MASK,
      octets.subarray(at + ATTRIBUTE_HEADER_OCTETS, at + length),
    );
    at += align(length);
  }
  return decoded(attributes);
}

/** The negative errno in NLMSG_ERROR and NLMSG_DONE; 0 is success. A message too short to say is a success, as in old kernels. */
export function errorNumber(message: NetlinkMessage): number {
  return message.payload.length < 4 ? 0 : viewOf(message.payload).getInt32(0, true);
}

/** An `u32` attribute. */
export function readUint32(
  attributes: NetlinkAttributes,
  type: number,
): Decoded<number | undefined, NetlinkDecodeCode> {
  const value = attributes.get(type);
  if (value === undefined) return decoded(undefined);
  if (value.length !== 4) {
    return failed('ERR_LINUX_SOCKET_NETLINK_ATTRIBUTE', 0, `attribute ${type} has 4 octets, got ${value.length}`);
  }
  return decoded(viewOf(value).getUint32(0, true));
}

/** A zero-terminated string. */
export function readText(value: Uint8Array | undefined): string | undefined {
  if (value === undefined) return undefined;
  const end = value.indexOf(0);
  return new TextDecoder().decode(end < 0 ? value : value.subarray(0, end));
}

export function viewOf(octets: Uint8Array): DataView {
  return new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
}

/** Every length is rounded up to 4 octets: NLMSG_ALIGN, RTA_ALIGN. */
export function align(length: number): number {
  return (length + 3) & ~3;
}
