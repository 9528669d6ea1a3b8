/**
 * ICMPv6 without a link layer: raw sockets on one interface that know the hop limit and the destination of each message (RFC 3542),
 * and memberships in IPv6 multicast groups, for which the kernel speaks MLD (RFC 3810).
 *
 * ```
 * openIcmpv6Socket({ interfaceIndex | interfaceName, types, filter?, onMessages(batch), onError?, onWritable?,
 *   maxMessagesPerWakeup?, maxMessageOctets?, receiveBufferOctets? }): Icmpv6Socket
 * Icmpv6Socket: interfaceIndex, interfaceName, send(destination, payload, { source? }?): boolean, statistics(), ref(), unref(), close()
 * Icmpv6Batch: count, message(i), truncated(i), source(i), sourceScope(i), destination(i), interfaceIndex(i), hopLimit(i)
 *
 * openMulticastGroups({ interfaceIndex }): MulticastGroups
 * MulticastGroups: interfaceIndex, size, join(group), leave(group), close()
 * ```
 *
 * @packageDocumentation
 */
import { loadNative } from '../native.ts';
import type { Icmpv6Socket } from './icmpv6-socket.ts';
import { type MulticastGroups, type MulticastGroupsOptions, openMulticastGroupsOn } from './multicast-groups.ts';
import { openIcmpv6SocketOn } from './open-icmpv6-socket.ts';
import type { Icmpv6SocketOptions } from './options.ts';

export { type BpfInstruction, MAX_BPF_INSTRUCTIONS } from '../bpf.ts';
export type { SystemError } from '../system-error.ts';
export type { Icmpv6SendOptions, Icmpv6Socket, Icmpv6SocketStatistics } from './icmpv6-socket.ts';
export type { Icmpv6Batch } from './message-batch.ts';
export { MAX_MULTICAST_GROUPS, type MulticastGroups, type MulticastGroupsOptions } from './multicast-groups.ts';
export type { Icmpv6SocketOptions } from './options.ts';

/**
 * Opens a raw ICMPv6 socket. Needs the capability CAP_NET_RAW. No message arrives that `types` and `filter` refuse, not even at first.
 *
 * @throws TypeError or RangeError for options that make no sense.
 * @throws {@link SystemError}: `EPERM` (no CAP_NET_RAW), `ENODEV` or `ENXIO` (no such interface), `EAFNOSUPPORT` (a kernel without
 * IPv6), `EMFILE`, …
 */
export function openIcmpv6Socket(options: Icmpv6SocketOptions): Icmpv6Socket {
  return openIcmpv6SocketOn(loadNative(), options);
}

/**
 * Opens a set of IPv6 multicast groups on one interface, empty at first. Needs no privilege.
 *
 * @throws TypeError or RangeError for options that make no sense.
 * @throws {@link SystemError}: `ENXIO` (no such interface).
 */
export function openMulticastGroups(options: MulticastGroupsOptions): MulticastGroups {
  return openMulticastGroupsOn(loadNative(), options);
}
