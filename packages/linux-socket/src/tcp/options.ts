import type { Socket } from 'node:net';

/** What an IP packet of a connection is, for connections and for listeners, whose connections inherit it. */
export interface TcpSocketOptions {
  /** TTL (IPv6: hop limit) of what is sent: `IP_TTL`, `IPV6_UNICAST_HOPS`. 1 to 255; by default the system's, 64. */
  readonly ttl?: number | undefined;
  /**
   * Generalized TTL Security Mechanism (RFC 5082): the kernel drops packets with a lower TTL (IPv6: hop limit) unseen. `IP_MINTTL`,
   * `IPV6_MINHOPCOUNT`. 1 to 255; by default 1: all arrive. Who demands it of others sends with `ttl` 255.
   */
  readonly minTtl?: number | undefined;
  /** The octet with DSCP and ECN bits: `IP_TOS`, `IPV6_TCLASS`. The kernel keeps the two ECN bits. CS6, for routing protocols, is 0xc0. */
  readonly trafficClass?: number | undefined;
  /** How long sent octets may stay unacknowledged before the kernel ends the connection: `TCP_USER_TIMEOUT` (RFC 5482). */
  readonly userTimeoutMs?: number | undefined;
}

/** Where {@link connectTcp} connects, and with what. Addresses are literals: no name is looked up. */
export interface TcpConnectOptions extends TcpSocketOptions {
  /** IPv4 or IPv6. A link-local address needs its zone (`fe80::1%eth0`), or `device`. */
  readonly address: string;
  readonly port: number;
  /** Source address, of the same family: one of this host's. By default the kernel chooses (RFC 6724). */
  readonly localAddress?: string | undefined;
  /** Source port. By default the kernel chooses. */
  readonly localPort?: number | undefined;
  /** Interface or VRF by which alone packets leave and arrive: `SO_BINDTODEVICE`. */
  readonly device?: string | undefined;
  /** Key of TCP MD5 signatures (RFC 2385), 1 to 80 octets. Nothing keeps it but the kernel. */
  readonly md5Key?: Uint8Array | undefined;
  /** Take `localPort` also if an earlier connection from it is in TIME_WAIT: `SO_REUSEADDR`. Default false. */
  readonly reuseAddress?: boolean | undefined;
}

/** The two ends of a connection that somebody made to a {@link TcpListener}. */
export interface TcpPeer {
  /** Who connected. IPv4 as IPv4 also on `::`; a link-local address with its zone. */
  readonly remoteAddress: string;
  readonly remotePort: number;
  /** To which address of this host. */
  readonly localAddress: string;
  readonly localPort: number;
}

/** Where {@link listenTcp} listens, and who takes connections. */
export interface TcpListenOptions extends TcpSocketOptions {
  /** Default `::`, which is both families; `0.0.0.0` where the kernel lacks IPv6. */
  readonly address?: string | undefined;
  /** 0: any that is free. Ports below 1024 need the capability CAP_NET_BIND_SERVICE. */
  readonly port: number;
  /** Interface or VRF by which alone packets leave and arrive: `SO_BINDTODEVICE`. */
  readonly device?: string | undefined;
  /** Connections that wait to be taken. The kernel limits it to net.core.somaxconn. Default 128. */
  readonly backlog?: number | undefined;
  /**
   * Takes a connection, which is its owner's from now on: add a listener of 'error' before this returns. An exception thrown here is
   * an uncaught one; the listener stays open.
   */
  onConnection(socket: Socket, peer: TcpPeer): void;
  /** Takes system errors of accepting: `EMFILE`, `ENFILE`, …, at most one a second; it goes on by itself. */
  onError?(error: Error): void;
}

/** Whose connections have a key: an address, or all of a prefix. */
export interface TcpMd5KeyOptions {
  /** Link-local addresses without a zone: a key counts on every link. */
  readonly address: string;
  /** Bits of `address` that count, 0 to 32 or 128. By default all. The longest match wins. */
  readonly prefixLength?: number | undefined;
  /** A VRF, if the key counts only there. */
  readonly device?: string | undefined;
  /** 1 to 80 octets; undefined removes the key of this address and prefix length. */
  readonly key: Uint8Array | undefined;
}

/** A TCP socket that listens. It keeps its thread alive, unless `unref` is called. */
export interface TcpListener extends AsyncDisposable {
  /** The address it listens on, as `::`. */
  readonly address: string;
  readonly port: number;
  /**
   * Sets, replaces or removes a key of TCP MD5 signatures (RFC 2385), at any time; connections that exist keep theirs. Who has a key
   * cannot connect without it, nor with another.
   *
   * @throws TypeError or RangeError for what makes no sense.
   * @throws {@link SystemError}: `ENOPROTOOPT` (a kernel without TCP MD5), `ENOMEM` (net.core.optmem_max), `EINVAL` (`device` is no VRF).
   * @throws `ERR_LINUX_SOCKET_CLOSED`.
   */
  setMd5Key(options: TcpMd5KeyOptions): void;
  /** Undoes `unref`. */
  ref(): void;
  /** It keeps its thread's event loop running, unless this is called. */
  unref(): void;
  /** Listens no more. Connections that were taken stay. More than once is no error. */
  close(): Promise<void>;
}
