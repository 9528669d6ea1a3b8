import type { SendOutcome } from '@steelyard/announcement-schedule/node';

/**
 * By what neighbour messages come and go: whole frames of a packet socket; a raw ICMPv6 socket of
 * `@steelyard/linux-socket`; one of npm `raw-socket`.
 */
export type NdpTransportName = 'packet' | 'icmpv6' | 'raw-socket';

/** Counters of a responder's sockets since it was opened. */
export interface NdpSocketStatistics {
  /** How often the process was woken up for frames. */
  readonly wakeups: number;
  readonly framesReceived: number;
  /** Frames that were lost because a receive buffer was full. */
  readonly framesDropped: number;
  readonly framesSent: number;
  /** Frames for which the kernel had no room at the first attempt. */
  readonly sendRefused: number;
}

/** Who listens to a transport. */
export interface NdpTransportListener {
  /** The MAC that is answered with, six octets: a transport that sees no Ethernet header makes one up with it. */
  mac(): Uint8Array;
  /** Takes a frame, valid until this returns. */
  onFrame(frame: Uint8Array): void;
  /** There is room again after `Refused`. */
  onWritable(): void;
  /** The interface is gone. */
  onGone(): void;
  onError(error: Error): void;
}

/**
 * A socket on one interface that takes and gives whole Ethernet frames. One that sees less than that makes up what it
 * does not see.
 */
export interface NdpTransport {
  readonly interfaceIndex: number;
  /** Lets through what concerns these addresses, as far as the transport can tell the kernel. @throws A system error. */
  attachFilter(addresses: () => Iterable<Uint8Array>): void;
  /** Sends an advertisement. Never throws because the system refused. */
  send(frame: Uint8Array): SendOutcome;
  statistics(): NdpSocketStatistics;
  /** No callback is called after it. */
  close(): void;
}

/** Opens a transport that lets through what concerns `addresses`. @throws A system error; nothing is left open then. */
export type OpenNdpTransport = (
  interfaceIndex: number,
  addresses: () => Iterable<Uint8Array>,
  listener: NdpTransportListener,
) => NdpTransport;

/** The code of a system error. */
export const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined);

export const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));
