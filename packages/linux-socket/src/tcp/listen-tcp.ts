import type { Socket } from 'node:net';
import { constants } from 'node:os';
import { formatIpAddress } from '@steelyard/wire';
import { checkRange } from '../interface-socket/interface.ts';
import { createTimers } from '../interface-socket/timers.ts';
import { type NativeBinding, type NativeDescriptor, READABLE } from '../native.ts';
import { integerOption, SOL_SOCKET } from '../socket-abi.ts';
import { isTemporary, systemError } from '../system-error.ts';
import {
  AF_INET,
  AF_INET6,
  decodeSocketAddress,
  encodeSocketAddress,
  IPV6_V6ONLY,
  SO_REUSEADDR,
  SOCK_STREAM,
  SOCKADDR_OCTETS,
  SOL_IPV6,
  type SocketAddress,
} from './abi.ts';
import { type AddressLiteral, formatAddress, parseAddressLiteral, resolveZone } from './endpoint.ts';
import { setMd5Key } from './md5-key.ts';
import type { TcpListener, TcpListenOptions, TcpMd5KeyOptions } from './options.ts';
import { releaseToNode } from './released-socket.ts';
import { applySocketOptions, bindToDevice, checkDevice, checkSocketOptions, setOrThrow } from './socket-options.ts';

const { EACCES, EADDRINUSE, EADDRNOTAVAIL, EAFNOSUPPORT, ECONNABORTED, EPERM, EPROTO } = constants.errno;

/** Connections taken in one turn of the event loop: what waits beyond gives way to everybody else's events. */
const MAX_ACCEPTS_PER_WAKEUP = 16;
/** After an error that does not go away by itself, such as EMFILE. */
const ERROR_PAUSE_MS = 1000;
const DEFAULT_BACKLOG = 128;

const noPrivilege =
  'ports below net.ipv4.ip_unprivileged_port_start need the capability CAP_NET_BIND_SERVICE: run as root, or add NET_BIND_SERVICE to the container’s capabilities';
const listenRemedies: Readonly<Record<number, string>> = {
  [-EACCES]: noPrivilege,
  [-EPERM]: noPrivilege,
  [-EADDRINUSE]: 'another process listens there: "ss -ltnp" names it',
  [-EADDRNOTAVAIL]: 'address must be one of this host that is not tentative',
  [-EAFNOSUPPORT]: 'this kernel has no IPv6',
};

/** Listens by the system calls of `native`. */
export function listenTcpOn(native: NativeBinding, options: TcpListenOptions): TcpListener {
  if (typeof options.onConnection !== 'function') throw new TypeError('onConnection is needed');
  checkDevice(options.device);
  checkRange('port', options.port, 0, 0xffff);
  checkRange('backlog', options.backlog ?? DEFAULT_BACKLOG, 1, 0x7fff_ffff);
  checkSocketOptions(options);
  if (options.address !== undefined) {
    return new OpenTcpListener(native, options, parseAddressLiteral('address', options.address, options.device));
  }
  try {
    return new OpenTcpListener(native, options, { octets: new Uint8Array(16), zone: undefined });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).errno !== -EAFNOSUPPORT) throw error;
    return new OpenTcpListener(native, options, { octets: new Uint8Array(4), zone: undefined });
  }
}

class OpenTcpListener implements TcpListener {
  readonly address: string;
  readonly port: number;
  readonly #native: NativeBinding;
  readonly #options: TcpListenOptions;
  #subject: string;
  readonly #ipv4: boolean;
  readonly #descriptor: NativeDescriptor;
  readonly #timers = createTimers();
  readonly #peerAddress = new Uint8Array(SOCKADDR_OCTETS);
  /** Runs while nothing is accepted, and keeps the thread alive in its place. */
  #paused: NodeJS.Timeout | undefined;
  #referenced: boolean = true;
  #closed: boolean = false;

  constructor(native: NativeBinding, options: TcpListenOptions, local: AddressLiteral) {
    this.#native = native;
    this.#options = options;
    this.#ipv4 = local.octets.length === 4;
    this.#subject = `TCP listener on ${formatIpAddress(local.octets)} port ${options.port}`;
    this.#descriptor = new native.Descriptor();
    try {
      this.#require(this.#descriptor.open(this.#ipv4 ? AF_INET : AF_INET6, SOCK_STREAM, 0), 'socket');
      this.#prepare(local);
      const bound = this.#localAddress(this.#descriptor);
      this.address = formatAddress(native, bound);
      this.port = bound.port;
      this.#subject = `TCP listener on ${this.address} port ${this.port}`;
      this.#descriptor.onReady = (status) => this.#accept(status < 0);
      this.#watch();
    } catch (error) {
      this.#descriptor.close();
      throw error;
    }
  }

  setMd5Key(options: TcpMd5KeyOptions): void {
    if (this.#closed) {
      throw Object.assign(new Error(`the ${this.#subject} is closed`), { code: 'ERR_LINUX_SOCKET_CLOSED' });
    }
    setMd5Key(this.#native, this.#descriptor, this.#subject, this.#ipv4, options);
  }

  ref(): void {
    this.#referenced = true;
    this.#descriptor.keepAlive(true);
    this.#paused?.ref();
  }

  unref(): void {
    this.#referenced = false;
    this.#descriptor.keepAlive(false);
    this.#paused?.unref();
  }

  close(): Promise<void> {
    this.#closed = true;
    this.#timers.cancelAll();
    this.#descriptor.close();
    this.#descriptor.onReady = undefined;
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** All that connections inherit is there before the first can come. */
  #prepare(local: AddressLiteral): void {
    const { device, port, backlog = DEFAULT_BACKLOG } = this.#options;
    const set = (level: number, name: number, value: Uint8Array): number =>
      this.#descriptor.setOption(level, name, value);
    // Else an address with connections in TIME_WAIT could not be listened on again.
    setOrThrow(set, this.#subject, SOL_SOCKET, SO_REUSEADDR, integerOption(1));
    if (!this.#ipv4) setOrThrow(set, this.#subject, SOL_IPV6, IPV6_V6ONLY, integerOption(0));
    bindToDevice(set, this.#subject, device);
    applySocketOptions(set, this.#subject, { ipv4: true, ipv6: !this.#ipv4 }, this.#options);
    const scopeId = resolveZone(this.#native, local.zone);
    this.#require(this.#descriptor.bind(encodeSocketAddress({ octets: local.octets, port, scopeId })), 'bind');
    this.#require(this.#descriptor.listen(backlog), 'listen');
  }

  /** @param failed - The socket has an error, libuv has stopped watching it, and the cause waits in the next system call. */
  #accept(failed: boolean): void {
    for (let i = 0; i < MAX_ACCEPTS_PER_WAKEUP && !this.#closed; i++) {
      const connection = new this.#native.Descriptor();
      const error = this.#descriptor.accept(connection, this.#peerAddress);
      if (error >= 0) {
        this.#take(connection);
      } else if (isTemporary(error)) {
        if (failed && i === 0) this.#pause();
        return;
      } else if (error !== -ECONNABORTED && error !== -EPROTO) {
        this.#pause();
        this.#options.onError?.(systemError(error, 'accept4', this.#subject));
        return;
      }
    }
    if (failed && !this.#closed) this.#watch();
  }

  /** Hands a connection over. One that Node.js refuses is closed and told. */
  #take(connection: NativeDescriptor): void {
    const remote = decodeSocketAddress(this.#peerAddress);
    let local: SocketAddress;
    let socket: Socket;
    try {
      local = this.#localAddress(connection);
      socket = releaseToNode(connection, { ipv4: remote.octets.length === 4, ipv6: remote.octets.length !== 4 });
    } catch (error) {
      connection.close();
      this.#options.onError?.(error as Error);
      return;
    }
    this.#options.onConnection(socket, {
      remoteAddress: formatAddress(this.#native, remote),
      remotePort: remote.port,
      localAddress: formatAddress(this.#native, local),
      localPort: local.port,
    });
  }

  #localAddress(descriptor: NativeDescriptor): SocketAddress {
    const encoded = new Uint8Array(SOCKADDR_OCTETS);
    this.#require(descriptor.localAddress(encoded), 'getsockname');
    return decodeSocketAddress(encoded);
  }

  #pause(): void {
    this.#descriptor.watch(0);
    this.#paused = this.#timers.after(ERROR_PAUSE_MS, () => {
      this.#paused = undefined;
      this.#watch();
    });
    if (this.#referenced) this.#paused.ref();
  }

  #watch(): void {
    this.#require(this.#descriptor.watch(READABLE), 'epoll_ctl');
  }

  #require(result: number, syscall: string): void {
    if (result < 0) throw systemError(result, syscall, this.#subject, listenRemedies[result]);
  }
}
