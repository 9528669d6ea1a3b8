import type { BpfInstruction } from '../bpf.ts';

/** Counters of a {@link PacketSocket} since it was opened. */
export interface PacketSocketStatistics {
  /** Batches given to `onFrames`. Frames that the filter refuses wake nobody up. */
  readonly wakeups: number;
  readonly framesReceived: number;
  /** Frames that passed the filter and were lost because the receive buffer was full: `tp_drops` of packet(7). */
  readonly framesDropped: number;
  readonly framesSent: number;
  /** Calls of `send` that returned false. */
  readonly sendRefused: number;
}

/** A socket that receives and sends whole Ethernet frames on one interface. Frames that this host sends are not received. */
export interface PacketSocket extends AsyncDisposable {
  readonly interfaceIndex: number;
  /** The interface's name when the socket was opened; a renamed interface keeps its index. */
  readonly interfaceName: string;
  /**
   * Sends a frame, from its Ethernet header on. Not kept.
   *
   * @returns false if the kernel has no room: the frame was not sent, `onWritable` follows.
   * @throws {@link SystemError}: `EMSGSIZE` (longer than the MTU allows), `ENETDOWN` (the interface is down), `ENXIO` (it is gone).
   */
  send(frame: Uint8Array): boolean;
  /**
   * Replaces the filter in one step: every frame is judged by the old or by the new one. Frames already queued were judged by the old.
   *
   * @throws {@link SystemError}, and the old filter stays: `EINVAL` (the kernel refuses the program), `ENOMEM` (old and new one
   * together exceed net.core.optmem_max).
   */
  attachFilter(program: readonly BpfInstruction[]): void;
  /** Receives every frame of the EtherType from now on. Needs no memory. */
  detachFilter(): void;
  /** Receives frames to this multicast MAC address, until `leaveMulticast` or the end of the socket. */
  joinMulticast(mac: Uint8Array): void;
  leaveMulticast(mac: Uint8Array): void;
  statistics(): PacketSocketStatistics;
  /** An open socket keeps its thread's event loop running, unless this is called. */
  unref(): void;
  /** Undoes `unref`. */
  ref(): void;
  /** Closes the socket; also inside a callback, and more than once. No callback is called after it. */
  close(): Promise<void>;
}
