import { Address4, Address6 } from 'ip-address';

/** The two address families. */
export type Family = 4 | 6;

/** An IP address as a number: what pools count with. */
export interface IpAddress {
  readonly family: Family;
  readonly value: bigint;
}

/** The longest text of an address: `0000:0000:0000:0000:0000:ffff:255.255.255.255`. */
const MAX_ADDRESS_TEXT = 45;
/** What an address is written with. Anything else is refused before it costs an exception. */
const ADDRESS_CHARACTERS = /^[0-9a-fA-F:.]+$/;
/** ::ffff:0:0/96, RFC 4291, section 2.5.5.2. */
const IPV4_MAPPED_PREFIX = 0xffffn;

/**
 * Reads one address as Go's `net.ParseIP` does, since that is what judges MetalLB's objects.
 *
 * No zone, no leading zeros in dotted quads, no surrounding space; an IPv4-mapped IPv6 address *is* the IPv4 address.
 *
 * @returns `undefined` for anything else. Never throws.
 */
export function parseIp(text: string): IpAddress | undefined {
  if (text.length > MAX_ADDRESS_TEXT || !ADDRESS_CHARACTERS.test(text)) {
    return undefined;
  }
  try {
    if (!text.includes(':')) {
      return { family: 4, value: new Address4(text).bigInt() };
    }
    const value = new Address6(text).bigInt();
    return value >> 32n === IPV4_MAPPED_PREFIX ? { family: 4, value: value & 0xffff_ffffn } : { family: 6, value };
  } catch {
    return undefined;
  }
}

/** Writes an address: dotted quads, or RFC 5952 text. */
export function formatIp(address: IpAddress): string {
  if (address.family === 6) {
    return Address6.fromBigInt(address.value).correctForm();
  }
  const value = Number(address.value);
  return `${value >>> 24}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`;
}

/** The number of bits in an address of `family`. */
export function addressBits(family: Family): number {
  return family === 4 ? 32 : 128;
}
