import { formatIpAddress, parseIpAddress } from '@steelyard/wire';
import { isInterfaceName } from '../interface-socket/interface.ts';
import type { NativeBinding } from '../native.ts';
import { systemError } from '../system-error.ts';
import { type SocketAddress, unmapped } from './abi.ts';

/** An address in text, taken apart. */
export interface AddressLiteral {
  /** Four or sixteen. */
  readonly octets: Uint8Array;
  /** Name or index of the interface to which a link-local address belongs. */
  readonly zone: string | undefined;
}

/**
 * Reads an address with an optional zone (RFC 4007, section 11). An IPv4-mapped IPv6 address is an IPv4 address here.
 *
 * @param device - The zone of a link-local address that has none.
 * @throws TypeError for what is no literal, and for a link-local address of nowhere.
 */
export function parseAddressLiteral(name: string, text: string, device: string | undefined): AddressLiteral {
  const [literal = '', zone, ...rest] = String(text).split('%');
  const octets = parseIpAddress(literal);
  if (!isLinkLocal(octets)) {
    if (zone !== undefined) throw new TypeError(`${name} has a zone and is not link-local: ${JSON.stringify(text)}`);
    return { octets: unmapped(octets) ?? octets, zone: undefined };
  }
  const wanted = zone ?? device;
  if (!isInterfaceName(wanted) || rest.length > 0) {
    throw new TypeError(`${name} is link-local and needs its interface, as in fe80::1%eth0: ${JSON.stringify(text)}`);
  }
  return { octets, zone: wanted };
}

/** The index of a zone. @throws {@link SystemError} `ENODEV` if there is no such interface. */
export function resolveZone(native: NativeBinding, zone: string | undefined): number {
  if (zone === undefined) return 0;
  const index = native.interfaceIndex(zone);
  if (index > 0) return index;
  if (/^\d{1,9}$/u.test(zone) && typeof native.interfaceName(Number(zone)) === 'string') return Number(zone);
  throw systemError(index, 'if_nametoindex', `interface ${JSON.stringify(zone)}`, 'the zone names no interface here');
}

/** As Node.js writes addresses: a link-local one with its zone. */
export function formatAddress(native: NativeBinding, { octets, scopeId }: SocketAddress): string {
  const text = formatIpAddress(octets);
  if (scopeId === 0 || !isLinkLocal(octets)) return text;
  const name = native.interfaceName(scopeId);
  return `${text}%${typeof name === 'string' ? name : scopeId}`;
}

/** fe80::/10 (RFC 4291, section 2.5.6). */
function isLinkLocal(octets: Uint8Array): boolean {
  return octets.length === 16 && octets[0] === 0xfe && ((octets[1] ?? 0) & 0xc0) === 0x80;
}
