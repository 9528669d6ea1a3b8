/**
 * TCP connections and listeners with what Node.js does not offer: MD5 signatures (RFC 2385), GTSM (RFC 5082), TTL, traffic class, a
 * device or VRF, and how much the peer has acknowledged. The sockets are Node's own.
 *
 * ```
 * connectTcp({ address, port, localAddress?, localPort?, device?, md5Key?, reuseAddress?, ...TcpSocketOptions }): net.Socket
 * listenTcp({ address?, port, device?, backlog?, onConnection(socket, peer), onError?, ...TcpSocketOptions }): Promise<TcpListener>
 * TcpListener: address, port, setMd5Key({ address, prefixLength?, device?, key }), ref(), unref(), close()
 * TcpPeer: remoteAddress, remotePort, localAddress, localPort
 * TcpSocketOptions: ttl?, minTtl?, trafficClass?, userTimeoutMs?
 * setTcpOptions(socket, TcpSocketOptions), unsentOctets(socket): number | undefined
 * readTcpMd5Counters(): Promise<{ notFound, unexpected, failure }>
 * ```
 *
 * @packageDocumentation
 */
import type { Socket } from 'node:net';
import { loadNative } from '../native.ts';
import { connectTcpOn } from './connect-tcp.ts';
import { listenTcpOn } from './listen-tcp.ts';
import { readMd5Counters, type TcpMd5Counters } from './md5-counters.ts';
import type { TcpConnectOptions, TcpListener, TcpListenOptions, TcpSocketOptions } from './options.ts';
import { setOptionsOf } from './released-options.ts';
import { unsentOctetsOf } from './unsent-octets.ts';

export type { SystemError } from '../system-error.ts';
export type { TcpMd5Counters } from './md5-counters.ts';
export type {
  TcpConnectOptions,
  TcpListener,
  TcpListenOptions,
  TcpMd5KeyOptions,
  TcpPeer,
  TcpSocketOptions,
} from './options.ts';

/**
 * Connects. Everything that is asked for is set before the first packet leaves. Needs no privilege, but for a `localPort` below 1024.
 *
 * What the system refuses is the event 'error' of the socket, never an exception: as {@link SystemError} `EADDRNOTAVAIL`
 * (`localAddress` is no address of this host), `ENODEV` (no such `device` or zone), `ENOPROTOOPT` (a kernel without TCP MD5),
 * `EADDRINUSE`, `EACCES`, `EMFILE`, …; and Node's own of connecting, `ECONNREFUSED`, `ETIMEDOUT`, …. A peer with another key, or
 * without one, says nothing: the connection attempt lasts until it is given up.
 *
 * @throws TypeError or RangeError for options that make no sense.
 */
export function connectTcp(options: TcpConnectOptions): Socket {
  return connectTcpOn(loadNative(), options);
}

/**
 * Listens. Connections inherit what the listener was opened with, and the MD5 key of whoever connected. Needs no privilege, but for
 * a `port` below 1024.
 *
 * @throws (as a rejection) TypeError or RangeError for options that make no sense.
 * @throws (as a rejection) {@link SystemError}: `EACCES` (the port needs CAP_NET_BIND_SERVICE), `EADDRINUSE`, `EADDRNOTAVAIL`, `ENODEV`, …
 */
export async function listenTcp(options: TcpListenOptions): Promise<TcpListener> {
  return listenTcpOn(loadNative(), options);
}

/**
 * Changes options of one connection that {@link connectTcp} or {@link listenTcp} opened, from the next packet on. So peers of one
 * listener may differ. Nothing happens to a socket that is closed.
 *
 * @throws TypeError or RangeError for options that make no sense, and for a socket of somebody else's.
 * @throws {@link SystemError}
 */
export function setTcpOptions(socket: Socket, options: TcpSocketOptions): void {
  setOptionsOf(loadNative(), socket, options);
}

/**
 * How many octets of what was written the peer's TCP has not acknowledged yet: an upper bound, and 0 once it has acknowledged all.
 * Those that Node.js still holds count, those of a FIN count as one (`SIOCOUTQ` of tcp(7)). undefined once the socket is closed.
 *
 * @throws TypeError for a socket that is not of {@link connectTcp} or {@link listenTcp}.
 */
export function unsentOctets(socket: Socket): number | undefined {
  return unsentOctetsOf(loadNative(), socket);
}

/**
 * What the kernel dropped because of MD5 signatures, for diagnosis: it counts where the signature is checked, which is on both hosts.
 *
 * @throws (as a rejection) the file system's error where there is no /proc, and `ERR_LINUX_SOCKET_COUNTERS_MISSING`.
 */
export function readTcpMd5Counters(): Promise<TcpMd5Counters> {
  return readMd5Counters();
}
