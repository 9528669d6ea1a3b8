import type { Link } from '@steelyard/linux-socket/link';
import { parseIpv6Address } from '@steelyard/wire';

/** fe80::/10: RFC 4291, section 2.4. */
const isLinkLocal = (octets: Uint8Array): boolean => octets[0] === 0xfe && ((octets[1] ?? 0) & 0xc0) === 0x80;

/**
 * The address that a link's advertisements come from: a link-local one whose duplicate address detection is over (RFC 4862,
 * section 5.4: a tentative address may not be a source).
 *
 * @param current - Kept as long as the link has it.
 */
export function linkLocalAddress(link: Link, current: string | undefined): string | undefined {
  const usable = link.addresses.filter(
    ({ family, tentative, duplicate, address }) =>
      family === 6 && !tentative && !duplicate && isLinkLocal(parseIpv6Address(address)),
  );
  return (
    usable.find(({ address }) => address === current) ??
    usable.find(({ deprecated }) => !deprecated) ??
    usable[0]
  )?.address;
}
