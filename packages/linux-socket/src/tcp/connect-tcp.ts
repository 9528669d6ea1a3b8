import { Socket } from 'node:net';
import { constants } from 'node:os';
import { formatIpAddress } from '@steelyard/wire';
import { checkRange } from '../interface-socket/interface.ts';
import type { NativeBinding, NativeDescriptor } from '../native.ts';
import { integerOption, SOL_SOCKET } from '../socket-abi.ts';
import { systemError } from '../system-error.ts';
import {
  AF_INET,
  AF_INET6,
  encodeMd5Signature,
  encodeSocketAddress,
  SO_REUSEADDR,
  SOCK_STREAM,
  SOL_TCP,
} from './abi.ts';
import { type AddressLiteral, formatAddress, parseAddressLiteral, resolveZone } from './endpoint.ts';
import type { TcpConnectOptions } from './options.ts';
import { releaseToNode } from './released-socket.ts';
import {
  applySocketOptions,
  bindToDevice,
  checkDevice,
  checkMd5Key,
  checkSocketOptions,
  type Families,
  md5Remedies,
  setOrThrow,
} from './socket-options.ts';

const { EACCES, EADDRINUSE, EADDRNOTAVAIL, EAFNOSUPPORT } = constants.errno;

const bindRemedies: Readonly<Record<number, string>> = {
  [-EADDRNOTAVAIL]: 'localAddress must be an address of this host that is not tentative',
  [-EADDRINUSE]: 'localPort is taken: leave it out, or set reuseAddress if it is an earlier connection in TIME_WAIT',
  [-EACCES]: 'a localPort below net.ipv4.ip_unprivileged_port_start needs the capability CAP_NET_BIND_SERVICE',
};

/** What {@link connectTcpOn} was asked for, checked. */
interface Dial {
  readonly subject: string;
  readonly remote: AddressLiteral;
  readonly local: AddressLiteral | undefined;
  readonly options: TcpConnectOptions;
}

/** Connects by the system calls of `native`. */
export function connectTcpOn(native: NativeBinding, options: TcpConnectOptions): Socket {
  const dial = checkConnectOptions(options);
  let socket: Socket;
  let host: string;
  try {
    const scopeId = resolveZone(native, dial.remote.zone);
    host = formatAddress(native, { octets: dial.remote.octets, port: 0, scopeId });
    socket = openSocket(native, dial);
  } catch (error) {
    return new Socket().destroy(error as Error); // says 'error' and 'close' when the caller has had the chance to listen
  }
  // In the same turn as the constructor: libuv looks at the socket in the next one, and an unconnected one is an error to it.
  return socket.connect({ host, port: options.port });
}

function checkConnectOptions(options: TcpConnectOptions): Dial {
  const { address, port, localAddress, localPort, device, md5Key } = options;
  checkDevice(device);
  checkRange('port', port, 1, 0xffff);
  checkRange('localPort', localPort ?? 0, 0, 0xffff);
  checkMd5Key('md5Key', md5Key);
  checkSocketOptions(options);
  const remote = parseAddressLiteral('address', address, device);
  const local =
    localAddress === undefined ? undefined : parseAddressLiteral('localAddress', localAddress, remote.zone ?? device);
  if (local !== undefined && local.octets.length !== remote.octets.length) {
    throw new TypeError(`address and localAddress are of different families: ${address}, ${localAddress}`);
  }
  return { subject: `TCP connection to ${address} port ${port}`, remote, local, options };
}

function openSocket(native: NativeBinding, dial: Dial): Socket {
  const ipv4 = dial.remote.octets.length === 4;
  const families = { ipv4, ipv6: !ipv4 };
  const descriptor = new native.Descriptor();
  const error = descriptor.open(ipv4 ? AF_INET : AF_INET6, SOCK_STREAM, 0);
  if (error < 0) {
    throw systemError(error, 'socket', dial.subject, error === -EAFNOSUPPORT ? 'this kernel has no IPv6' : undefined);
  }
  try {
    prepare(native, descriptor, dial, families);
    return releaseToNode(descriptor, families);
  } finally {
    descriptor.close(); // of no effect once it is released
  }
}

/** All that has to be there before the first packet leaves. */
function prepare(native: NativeBinding, descriptor: NativeDescriptor, dial: Dial, families: Families): void {
  const { subject, remote, local, options } = dial;
  const set = (level: number, name: number, value: Uint8Array): number => descriptor.setOption(level, name, value);
  bindToDevice(set, subject, options.device);
  if (options.md5Key !== undefined) {
    const { option, value } = encodeMd5Signature({ octets: remote.octets }, options.md5Key);
    try {
      setOrThrow(set, subject, SOL_TCP, option, value, md5Remedies);
    } finally {
      value.fill(0);
    }
  }
  applySocketOptions(set, subject, families, options);
  if (options.reuseAddress === true) setOrThrow(set, subject, SOL_SOCKET, SO_REUSEADDR, integerOption(1));
  if (local === undefined && options.localPort === undefined) return;
  const octets = local?.octets ?? new Uint8Array(remote.octets.length);
  const scopeId = resolveZone(native, local?.zone);
  const error = descriptor.bind(encodeSocketAddress({ octets, port: options.localPort ?? 0, scopeId }));
  if (error < 0) {
    throw systemError(error, 'bind', `${subject} from ${formatIpAddress(octets)}`, bindRemedies[error]);
  }
}
