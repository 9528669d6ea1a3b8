/**
 * TCP connections and listeners with what Node.js does not offer: MD5 signatures (RFC 2385), GTSM (RFC 5082), TTL, traffic class, a
 * device or VRF, and how much the peer has acknowledged. The sockets are Node's own.
 *
 * ```
 * connectTcp({ address, port, localAddress?, localPort?, device?, md5Key?, ttl?, minTtl?, trafficClass?, userTimeoutMs?, reuseAddress? }): net.Socket
 * ```
 *
 * @packageDocumentation
 */
import type { Socket } from 'node:net';
import { loadNative } from '../native.ts';
import { connectTcpOn } from './connect-tcp.ts';
import type { TcpConnectOptions } from './options.ts';

export type { SystemError } from '../system-error.ts';
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
