/**
 * Whole Ethernet frames, as packet(7) gives them: `AF_PACKET` sockets bound to one interface and EtherType, with a classic BPF
 * filter that the kernel runs before anybody is woken up.
 *
 * @packageDocumentation
 */
import { loadNative } from '../native.ts';
import { openPacketSocketOn } from './open-packet-socket.ts';
import type { PacketSocketOptions } from './options.ts';
import type { PacketSocket } from './packet-socket.ts';

export { type BpfInstruction, MAX_BPF_INSTRUCTIONS } from '../bpf.ts';
export type { SystemError } from '../system-error.ts';
export type { FrameBatch, PacketType } from './frame-batch.ts';
export type { PacketSocketOptions } from './options.ts';
export type { PacketSocket, PacketSocketStatistics } from './packet-socket.ts';

/**
 * Opens a packet socket. Needs the capability CAP_NET_RAW. No frame arrives that the filter refuses, not even at first: it is
 * attached before the socket is bound.
 *
 * @throws TypeError or RangeError for options that make no sense.
 * @throws {@link SystemError}: `EPERM` (no CAP_NET_RAW), `ENODEV` or `ENXIO` (no such interface), `EMFILE`, …
 */
export function openPacketSocket(options: PacketSocketOptions): PacketSocket {
  return openPacketSocketOn(loadNative(), options);
}
