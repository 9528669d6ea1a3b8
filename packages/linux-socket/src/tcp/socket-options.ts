import { constants } from 'node:os';
import { checkRange, isInterfaceName } from '../interface-socket/interface.ts';
import { integerOption, SOL_SOCKET } from '../socket-abi.ts';
import { systemError } from '../system-error.ts';
import {
  IP_MINTTL,
  IP_TOS,
  IP_TTL,
  IPV6_MINHOPCOUNT,
  IPV6_TCLASS,
  IPV6_UNICAST_HOPS,
  MAX_MD5_KEY_OCTETS,
  SO_BINDTODEVICE,
  SOL_IP,
  SOL_IPV6,
  SOL_TCP,
  TCP_USER_TIMEOUT,
} from './abi.ts';
import type { TcpSocketOptions } from './options.ts';

const { EINVAL, ENODEV, ENOMEM, ENOPROTOOPT, EPERM } = constants.errno;

/** Which families the packets of a socket may have. */
export interface Families {
  readonly ipv4: boolean;
  readonly ipv6: boolean;
}

/** `setsockopt(2)` of one socket: 0 or the negative errno. */
export type SetOption = (level: number, name: number, value: Uint8Array) => number;

/** @throws RangeError for what is no TTL, traffic class or timeout. */
export function checkSocketOptions(options: TcpSocketOptions): void {
  checkRange('ttl', options.ttl ?? 1, 1, 255);
  checkRange('minTtl', options.minTtl ?? 1, 1, 255);
  checkRange('trafficClass', options.trafficClass ?? 0, 0, 255);
  checkRange('userTimeoutMs', options.userTimeoutMs ?? 0, 0, 0x7fff_ffff);
}

/** @throws TypeError for what cannot be the name of an interface. */
export function checkDevice(device: string | undefined): void {
  if (device !== undefined && !isInterfaceName(device)) {
    throw new TypeError(`device is not the name of an interface: ${JSON.stringify(device)}`);
  }
}

/** The message never holds any of the key. @throws TypeError or RangeError for what is no key. */
export function checkMd5Key(name: string, key: Uint8Array | undefined): void {
  if (key === undefined) return;
  if (!(key instanceof Uint8Array)) throw new TypeError(`${name} is a Uint8Array`);
  checkRange(`the number of octets of ${name}`, key.length, 1, MAX_MD5_KEY_OCTETS);
}

/** @throws {@link SystemError} */
export function applySocketOptions(
  set: SetOption,
  subject: string,
  families: Families,
  options: TcpSocketOptions,
): void {
  const { ttl, minTtl, trafficClass, userTimeoutMs } = options;
  const perFamily: readonly (readonly [value: number | undefined, ipv4: number, ipv6: number])[] = [
    [ttl, IP_TTL, IPV6_UNICAST_HOPS],
    [minTtl, IP_MINTTL, IPV6_MINHOPCOUNT],
    [trafficClass, IP_TOS, IPV6_TCLASS],
  ];
  for (const [value, ipv4, ipv6] of perFamily) {
    if (value === undefined) continue;
    if (families.ipv6) setOrThrow(set, subject, SOL_IPV6, ipv6, integerOption(value));
    if (families.ipv4) setOrThrow(set, subject, SOL_IP, ipv4, integerOption(value));
  }
  if (userTimeoutMs !== undefined) {
    setOrThrow(set, subject, SOL_TCP, TCP_USER_TIMEOUT, integerOption(userTimeoutMs));
  }
}

/** @throws {@link SystemError}: `ENODEV` (no such interface), `EPERM` (before Linux 5.7, without CAP_NET_RAW). */
export function bindToDevice(set: SetOption, subject: string, device: string | undefined): void {
  if (device === undefined) return;
  setOrThrow(set, subject, SOL_SOCKET, SO_BINDTODEVICE, new TextEncoder().encode(`${device}\0`), {
    [-ENODEV]: `there is no interface ${device}`,
    [-EPERM]: 'before Linux 5.7, a device needs the capability CAP_NET_RAW',
  });
}

/** Why the kernel does not take a key. */
export const md5Remedies: Readonly<Record<number, string>> = {
  [-ENOPROTOOPT]: 'this kernel was built without TCP MD5 signatures: CONFIG_TCP_MD5SIG',
  [-ENOMEM]: 'a socket has no room for so many keys: raise net.core.optmem_max',
  [-EINVAL]: 'the device of a key must be a VRF',
};

/** @throws {@link SystemError} */
export function setOrThrow(
  set: SetOption,
  subject: string,
  level: number,
  name: number,
  value: Uint8Array,
  remedies: Readonly<Record<number, string>> = {},
): void {
  const error = set(level, name, value);
  if (error < 0) throw systemError(error, 'setsockopt', subject, remedies[error]);
}
