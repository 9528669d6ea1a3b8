import type { BpfInstruction } from '../bpf.ts';
import { checkInterfaceChoice, checkRange } from '../interface-socket/interface.ts';
import type { Icmpv6Batch } from './message-batch.ts';

/** What {@link openIcmpv6Socket} needs to know: exactly one of `interfaceName` and `interfaceIndex`, the types, and who listens. */
export interface Icmpv6SocketOptions {
  /** Name of the interface, in the network namespace of this process. */
  readonly interfaceName?: string;
  /** Index of the interface, instead of its name. */
  readonly interfaceIndex?: number;
  /** ICMPv6 types to receive, each 0 to 255: `ICMPV6_FILTER` passes only these. 135 is a Neighbor Solicitation, 136 a Neighbor Advertisement. */
  readonly types: readonly number[];
  /**
   * Which messages of these types to receive: run by the kernel, on the message from its ICMPv6 type on. The IPv6 header is at the
   * ancillary offset `SKF_NET_OFF`: the hop limit is the octet at 0xfff00007. Without one, all of the types.
   */
  readonly filter?: readonly BpfInstruction[];
  /** The most messages in one batch, 1 to 256. What is queued beyond waits for the next turn of the event loop. Default 64. */
  readonly maxMessagesPerWakeup?: number;
  /** Octets of a message that are kept. Longer messages are cut off. Default 2048. */
  readonly maxMessageOctets?: number;
  /** `SO_RCVBUF`; the kernel silently limits it to net.core.rmem_max. Default: net.core.rmem_default. */
  readonly receiveBufferOctets?: number;
  /** Takes what arrived. The batch is valid until this returns. An exception thrown here is an uncaught one; the socket stays open. */
  onMessages(batch: Icmpv6Batch): void;
  /**
   * Takes system errors, as {@link SystemError}. `ENETDOWN`: the interface went down, messages flow again by themselves when it comes
   * up. `ENODEV`: the interface is gone for good; close the socket. Without this callback they are ignored.
   */
  onError?(error: Error): void;
  /** Called once after `send` has returned false, when there is room again. */
  onWritable?(): void;
}

/** Options with nothing left open. */
export interface Icmpv6SocketLimits {
  readonly maxMessagesPerWakeup: number;
  readonly maxMessageOctets: number;
}

/** Octets of type, code and checksum (RFC 4443, section 2.1). */
export const ICMPV6_HEADER_OCTETS = 4;
/** The largest payload of an IPv6 packet that is no jumbogram (RFC 8200, section 3). */
const LARGEST_MESSAGE_OCTETS = 65_535;

/** @throws TypeError or RangeError for what no socket can be opened with. */
export function checkOptions(options: Icmpv6SocketOptions, mostMessages: number): Icmpv6SocketLimits {
  const { types, receiveBufferOctets, maxMessagesPerWakeup = 64, maxMessageOctets = 2048 } = options;
  checkInterfaceChoice(options);
  if (typeof options.onMessages !== 'function') throw new TypeError('onMessages is needed');
  if (!Array.isArray(types)) throw new TypeError('types is needed: the ICMPv6 types to receive');
  checkRange('the number of types', types.length, 1, 256);
  for (const type of types) checkRange('an ICMPv6 type', type, 0, 255);
  checkRange('maxMessagesPerWakeup', maxMessagesPerWakeup, 1, mostMessages);
  checkRange('maxMessageOctets', maxMessageOctets, ICMPV6_HEADER_OCTETS, LARGEST_MESSAGE_OCTETS);
  checkRange('receiveBufferOctets', receiveBufferOctets ?? 1, 1, 0x3fff_ffff);
  return { maxMessagesPerWakeup, maxMessageOctets };
}
