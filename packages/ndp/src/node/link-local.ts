import type { Link } from '@steelyard/linux-socket/link';
import { parseIpv6Address } from '@steelyard/wire';

/** fe80::/10: RFC 4291, section 2.4. */
const isLinkLocal = (octets: Uint8Array): boolean => octets[0] === 0xfe && ((octets[1] ?? 0) & 0xc0) === 0x80;

/**
 * A link's link-local address, the sign that IPv6 is in use there: a kernel makes one wherever it is, and a service address
 * is of no use where it is not. It may still be tentative (RFC 4862, section 5.4), since nothing is sent from it.
 */
export function linkLocalAddress(link: Link): string | undefined {
  return link.addresses.find(
    ({ family, duplicate, address }) => family === 6 && !duplicate && isLinkLocal(parseIpv6Address(address)),
  )?.address;
}
