/** Counters of an {@link Icmpv6Socket} since it was opened. */
export interface Icmpv6SocketStatistics {
  /** Batches given to `onMessages`. Messages that type and filter refuse wake nobody up. */
  readonly wakeups: number;
  readonly messagesReceived: number;
  /** Messages of the types that were lost because the receive buffer was full or their checksum wrong: `SK_MEMINFO_DROPS`. */
  readonly messagesDropped: number;
  readonly messagesSent: number;
  /** Calls of `send` that returned false. */
  readonly sendRefused: number;
}

/** What a message is sent with, beside its octets. */
export interface Icmpv6SendOptions {
  /**
   * Source address, 16 octets: one of this host's that is not tentative. Without it, or with `::`, the kernel chooses one
   * (RFC 6724), so that a message from `::` itself cannot be sent.
   */
  readonly source?: Uint8Array;
}

/**
 * A raw ICMPv6 socket on one interface. Messages leave with hop limit 255 and are not heard by this host; the kernel computes their
 * checksum.
 *
 * What arrives is what the kernel's own IPv6 accepts: packets to an address of this host, and to groups that anybody on this host
 * has joined on the interface ({@link openMulticastGroups}). A packet to the host's MAC address for an address that the host does
 * not have never comes here: that takes a packet socket.
 */
export interface Icmpv6Socket extends AsyncDisposable {
  readonly interfaceIndex: number;
  /** The interface's name when the socket was opened; a renamed interface keeps its index. */
  readonly interfaceName: string;
  /**
   * Sends a message, from its ICMPv6 type on, whose checksum (octets 2 and 3) the kernel fills in. Nothing is kept. It is not fragmented.
   *
   * @param destination - 16 octets. Link-local and multicast addresses are those of the interface.
   * @returns false if the kernel has no room: the message was not sent, `onWritable` follows.
   * @throws TypeError for an address that is none, or a message shorter than its header.
   * @throws {@link SystemError}: `EMSGSIZE` (longer than the MTU), `ENETUNREACH` (the interface is down, or has no route there),
   * `EADDRNOTAVAIL` (no address that may be the source yet), `EINVAL` (`source` is not an address of this host, or a tentative one),
   * `ENODEV` (the interface is gone).
   */
  send(destination: Uint8Array, payload: Uint8Array, options?: Icmpv6SendOptions): boolean;
  statistics(): Icmpv6SocketStatistics;
  /** An open socket keeps its thread's event loop running, unless this is called. */
  unref(): void;
  /** Undoes `unref`. */
  ref(): void;
  /** Closes the socket; also inside a callback, and more than once. No callback is called after it. */
  close(): Promise<void>;
}
