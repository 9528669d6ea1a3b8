import type { BpfInstruction } from '../bpf.ts';
import { checkInterfaceChoice, checkRange } from '../interface-socket/interface.ts';
import type { FrameBatch } from './frame-batch.ts';

/** What {@link openPacketSocket} needs to know: exactly one of `interfaceName` and `interfaceIndex`, an EtherType, and who listens. */
export interface PacketSocketOptions {
  /** Name of the interface, in the network namespace of this process. */
  readonly interfaceName?: string;
  /** Index of the interface, instead of its name. */
  readonly interfaceIndex?: number;
  /** EtherType to receive and to send: 0x0806 is ARP; 3 (`ETH_P_ALL`) is every frame. */
  readonly etherType: number;
  /** Which frames to receive: run by the kernel, on the frame from its Ethernet header on. Without one, all of the EtherType. */
  readonly filter?: readonly BpfInstruction[];
  /** The most frames in one batch, 1 to 256. What is queued beyond waits for the next turn of the event loop. Default 64. */
  readonly maxFramesPerWakeup?: number;
  /** Octets of a frame that are kept, header included. Longer frames are cut off. Default 2048. */
  readonly maxFrameOctets?: number;
  /** `SO_RCVBUF`; the kernel silently limits it to net.core.rmem_max. Default: net.core.rmem_default. */
  readonly receiveBufferOctets?: number;
  /** Takes what arrived. The batch is valid until this returns. An exception thrown here is an uncaught one; the socket stays open. */
  onFrames(batch: FrameBatch): void;
  /**
   * Takes system errors, as {@link SystemError}. `ENETDOWN`: the interface went down, frames flow again by themselves when it comes
   * up. `ENODEV`: the interface is gone for good; close the socket. Without this callback they are ignored.
   */
  onError?(error: Error): void;
  /** Called once after `send` has returned false, when there is room again. */
  onWritable?(): void;
}

/** Options with nothing left open. */
export interface PacketSocketLimits {
  readonly maxFramesPerWakeup: number;
  readonly maxFrameOctets: number;
}

const ETHERNET_HEADER_OCTETS = 14;
/** Larger than any frame that a Linux interface delivers: a 64 KiB packet, its header and a VLAN tag. */
const LARGEST_FRAME_OCTETS = 65_553;

/** @throws TypeError or RangeError for what no socket can be opened with. */
export function checkOptions(options: PacketSocketOptions, mostFrames: number): PacketSocketLimits {
  const { etherType, receiveBufferOctets, maxFramesPerWakeup = 64, maxFrameOctets = 2048 } = options;
  checkInterfaceChoice(options);
  if (typeof options.onFrames !== 'function') throw new TypeError('onFrames is needed');
  checkRange('etherType', etherType, 1, 0xffff);
  checkRange('maxFramesPerWakeup', maxFramesPerWakeup, 1, mostFrames);
  checkRange('maxFrameOctets', maxFrameOctets, ETHERNET_HEADER_OCTETS, LARGEST_FRAME_OCTETS);
  checkRange('receiveBufferOctets', receiveBufferOctets ?? 1, 1, 0x3fff_ffff);
  return { maxFramesPerWakeup, maxFrameOctets };
}
